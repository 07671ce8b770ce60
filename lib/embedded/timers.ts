import type { Clock, Timer } from '../runtime/clock.ts';

/** Timers that end together. */
export class Timers {
  readonly #clock: Clock;
  readonly #pending = new Set<Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs something so many ms later, unless all is cancelled before. */
  after(ms: number, run: () => void): Timer {
    const timer = this.#clock.timer(ms, () => {
      this.#pending.delete(timer);
      run();
    });
    this.#pending.add(timer);
    return timer;
  }

  cancel(timer: Timer): void {
    timer.cancel();
    this.#pending.delete(timer);
  }

  cancelAll(): void {
    for (const timer of this.#pending) timer.cancel();
    this.#pending.clear();
  }
}
