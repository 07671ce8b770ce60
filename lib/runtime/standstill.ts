import type { Clock, Timer } from './clock.ts';

/** How often a running process shows that it runs, in ms. */
const TICK = 250;

/** A tick that is later than this, in ms, was not late by chance. */
const TOLERANCE = 250;

/**
 * Notices that this process did not run for half a second or more: it was stopped (SIGSTOP), its machine rested, or somebody held the event loop.
 * Whatever it knew of others before may be out of date.
 */
export class Standstill {
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #timer: Timer | undefined;
  /** By the clock's uptime. */
  #last = Infinity;
  #endedAt = -Infinity;

  /** @param onEnd called once after each standstill, as soon as it is noticed */
  constructor(clock: Clock, onEnd: () => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  /** Begins to look. */
  start(): void {
    this.#last = this.#clock.uptime();
    this.#tick();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#last = Infinity;
  }

  /** When the last standstill was noticed, by the clock's uptime; -Infinity before the first. Looks at the clock: what was held up may run before the late tick. */
  get endedAt(): number {
    this.#look();
    return this.#endedAt;
  }

  #look(): void {
    const now = this.#clock.uptime();
    const gap = now - this.#last;
    if (gap > 0) this.#last = now;
    if (gap <= TICK + TOLERANCE) return;
    this.#endedAt = now;
    this.#onEnd();
  }

  #tick(): void {
    this.#timer = this.#clock.timer(TICK, () => {
      this.#look();
      this.#tick();
    });
  }
}
