import type { Clock } from './clock.ts';
import { deferred } from './deferred.ts';

/** Waits for `work`, but no longer than `ms` milliseconds; says whether it was done. A rejection passes through. */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = deferred<boolean>();
  const timer = clock.timer(ms, () => resolve(false));
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timer.cancel();
  }
}
