import type { Clock } from './clock.ts';

export interface PeriodicTaskOptions {
  readonly clock: Clock;
  /** Milliseconds of rest after a run, unless the run asks for another rest. */
  readonly interval: number;
  /** Milliseconds of rest that not even {@link PeriodicTask.wake} cuts short; default 0. */
  readonly minInterval?: number;
  /** Milliseconds before the first run; default 0. */
  readonly initialDelay?: number;
  /** One run. A number it resolves to is the rest before the next, in place of `interval`. */
  run(signal: AbortSignal): Promise<number | void>;
  /** Hears of runs that failed. The task goes on. */
  onError(error: unknown): void;
}

/** Does a job for as long as it lives: one run at a time, with a rest between runs. Java: `ServiceThread`. */
export class PeriodicTask implements AsyncDisposable {
  readonly #options: PeriodicTaskOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #endRest: (() => void) | undefined;
  #restsSoundly = false;
  #woken = false;

  constructor(options: PeriodicTaskOptions) {
    this.#options = options;
    this.#done = this.#live();
  }

  /** Asks for a run now. However many ask before it begins, it is one run. */
  wake(): void {
    this.#woken = true;
    if (!this.#restsSoundly) this.#endRest?.();
  }

  /** Aborts the run under way and waits for it; none follows. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#endRest?.();
    await this.#done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #live(): Promise<void> {
    const { interval, minInterval = 0, initialDelay = 0 } = this.#options;
    await this.#rest(initialDelay, false);
    while (!this.#stop.signal.aborted) {
      this.#woken = false;
      const rest = (await this.#run()) ?? interval;
      await this.#rest(Math.min(minInterval, rest), true);
      await this.#rest(rest - minInterval, false);
    }
  }

  async #run(): Promise<number | void> {
    try {
      return await this.#options.run(this.#stop.signal);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#options.onError(error);
      return undefined;
    }
  }

  async #rest(ms: number, soundly: boolean): Promise<void> {
    if (ms <= 0 || this.#stop.signal.aborted || (this.#woken && !soundly)) return;
    this.#restsSoundly = soundly;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.timer(ms, resolve);
      this.#endRest = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#endRest = undefined;
    this.#restsSoundly = false;
  }
}
