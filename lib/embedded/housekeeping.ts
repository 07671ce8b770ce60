import type { Clock, Timer } from '../runtime/clock.ts';

/**
 * The broker's one coarse tick. It is armed only while there is something to look after, and keeps to the multiples
 * of its period since the start, as Java's endless loops do.
 */
export class Housekeeping {
  readonly #clock: Clock;
  readonly #period: number;
  readonly #isNeeded: () => boolean;
  readonly #tick: () => void;
  #begin = 0;
  #timer: Timer | undefined;
  #running = false;

  constructor(clock: Clock, period: number, isNeeded: () => boolean, tick: () => void) {
    this.#clock = clock;
    this.#period = period;
    this.#isNeeded = isNeeded;
    this.#tick = tick;
  }

  start(): void {
    this.#running = true;
    this.#begin = this.#clock.uptime();
    this.wake();
  }

  stop(): void {
    this.#running = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** To be called when something that needs looking after has come. */
  wake(): void {
    if (this.#timer !== undefined || !this.#running || !this.#isNeeded()) return;
    const late = (this.#clock.uptime() - this.#begin) % this.#period;
    this.#timer = this.#clock.timer(this.#period - late, () => {
      this.#timer = undefined;
      this.#tick();
      this.wake();
    });
  }
}
