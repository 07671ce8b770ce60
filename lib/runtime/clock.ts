/** Something that will happen; it keeps the process alive until it does or is cancelled. */
export interface Timer {
  /** Makes it not happen. Has no effect once it has. */
  cancel(): void;
}

/** The only source of time. Tests and simulations give one that stands still until it is told to move. */
export interface Clock {
  /** Milliseconds since the epoch; may jump when the system's clock is set. For timestamps. */
  now(): number;
  /** Milliseconds that never run backwards, from any beginning. For deadlines and durations. */
  uptime(): number;
  /** Runs `run` once, after `ms` milliseconds. */
  timer(ms: number, run: () => void): Timer;
  /** Resolves after `ms` milliseconds, rejects with the signal's reason if that aborts before. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A `Clock`'s `sleep`, made of its `timer`. */
export async function sleepBy(clock: Pick<Clock, 'timer'>, ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.timer(ms, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Node turns a longer delay into one millisecond. */
const longestTimeout = 2 ** 31 - 1;

class SystemTimer implements Timer {
  #handle: NodeJS.Timeout | undefined;

  constructor(ms: number, run: () => void) {
    this.#start(ms, run);
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }

  #start(ms: number, run: () => void): void {
    this.#handle =
      ms > longestTimeout
        ? setTimeout(() => this.#start(ms - longestTimeout, run), longestTimeout)
        : setTimeout(run, ms);
  }
}

/** The computer's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  uptime: () => performance.now(),
  timer: (ms, run) => new SystemTimer(ms, run),
  sleep: (ms, signal) => sleepBy(systemClock, ms, signal),
};

/** A signal with a deadline. Dispose of it when the work is done, or its timer stays. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Milliseconds that are left, never below 0. */
  remaining(): number;
}

/**
 * A signal that aborts when `signal` does, with its reason, or after `ms` milliseconds, with a `TimeoutError` or the
 * reason given. `using deadline = withTimeout(clock, 3_000, signal)`.
 */
export function withTimeout(
  clock: Clock,
  ms: number,
  signal?: AbortSignal,
  reason: () => unknown = () => new DOMException(`Timed out after ${ms} ms`, 'TimeoutError'),
): Deadline {
  const controller = new AbortController();
  const end = clock.uptime() + ms;
  const forward = (): void => controller.abort(signal?.reason);
  const timer = clock.timer(ms, () => controller.abort(reason()));
  if (signal?.aborted === true) forward();
  signal?.addEventListener('abort', forward, { once: true });
  return {
    signal: controller.signal,
    remaining: () => Math.max(0, end - clock.uptime()),
    [Symbol.dispose]() {
      timer.cancel();
      signal?.removeEventListener('abort', forward);
    },
  };
}

/** A moment as a wall clock here shows it, `yyyyMMddHHmmssSSS`. Java: `UtilAll.timeMillisToHumanString`. */
export function localTimestamp(ms: number): string {
  const date = new Date(ms);
  const parts: readonly (readonly [number, number])[] = [
    [date.getFullYear(), 4],
    [date.getMonth() + 1, 2],
    [date.getDate(), 2],
    [date.getHours(), 2],
    [date.getMinutes(), 2],
    [date.getSeconds(), 2],
    [date.getMilliseconds(), 3],
  ];
  return parts.map(([part, length]) => String(part).padStart(length, '0')).join('');
}

/** The moment that a wall clock here shows as these numbers, month from 1, in milliseconds since the epoch. */
export function localMoment(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
): number {
  return new Date(year, month - 1, day, hour, minute, second).getTime();
}
