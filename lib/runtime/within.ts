import type { Clock } from './clock.ts';

/** Waits for `work`, but no longer than `ms` milliseconds; says whether it was done. A rejection passes through. */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const stop = new AbortController();
  const late = clock.sleep(ms, stop.signal).then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    stop.abort();
  }
}
