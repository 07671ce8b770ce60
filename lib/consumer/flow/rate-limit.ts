import type { Clock, Timer } from '../../runtime/clock.ts';

/** What was not used may be made up for within this part of a second. */
const BURST = 0.1;

/**
 * At most so many messages per second: a bucket that fills all the time and holds a tenth of a second's worth. Without a limit it costs a
 * comparison.
 */
export class RateLimit {
  readonly #clock: Clock;
  #perSecond: number;
  #tokens = 0;
  /** By the clock's uptime. */
  #filledAt: number;
  #timer: Timer | undefined;
  readonly #waiting = new Set<() => void>();

  /** @param perSecond messages; 0 is no limit */
  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#filledAt = clock.uptime();
    this.#tokens = this.#capacity;
  }

  /** Messages per second; 0 is no limit. A change counts from now on, for those that wait too. */
  get perSecond(): number {
    return this.#perSecond;
  }

  set perSecond(perSecond: number) {
    this.#fill();
    this.#perSecond = perSecond;
    this.#tokens = Math.min(this.#tokens, this.#capacity);
    this.#timer?.cancel();
    if (this.#waiting.size > 0) this.#arm();
  }

  /** Messages that may go now; `Infinity` without a limit. */
  allowed(): number {
    if (this.#perSecond === 0) return Infinity;
    this.#fill();
    return Math.floor(this.#tokens);
  }

  /** Whether nothing may go now; then `run` is called as soon as something may. */
  holds(run: () => void): boolean {
    if (this.allowed() > 0) return false;
    this.whenAllowed(run);
    return true;
  }

  /** So many have gone. */
  spend(messages: number): void {
    if (this.#perSecond !== 0) this.#tokens -= messages;
  }

  /** Runs `run` once, as soon as a message may go. */
  whenAllowed(run: () => void): void {
    this.#waiting.add(run);
    this.#arm();
  }

  /** Nobody is let through any more. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting.clear();
  }

  #arm(): void {
    this.#timer?.cancel();
    const missing = this.#perSecond === 0 ? 0 : Math.max(0, 1 - this.#tokens);
    const wait = missing === 0 ? 0 : Math.ceil((missing * 1_000) / this.#perSecond);
    this.#timer = this.#clock.timer(wait, () => {
      const waiting = [...this.#waiting];
      this.#waiting.clear();
      this.#timer = undefined;
      for (const run of waiting) run();
    });
  }

  get #capacity(): number {
    return Math.max(1, this.#perSecond * BURST);
  }

  #fill(): void {
    const now = this.#clock.uptime();
    const gained = ((now - this.#filledAt) * this.#perSecond) / 1_000;
    this.#tokens = Math.min(this.#capacity, this.#tokens + gained);
    this.#filledAt = now;
  }
}
