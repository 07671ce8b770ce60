import type { FakeClock } from '../../../support/fake-clock.ts';

/** Moves the clock until the work is done, and answers what it did. */
export async function finish<T>(clock: FakeClock, work: Promise<T>, step = 100): Promise<T> {
  const state = { done: false };
  const settled = work.finally(() => (state.done = true));
  settled.catch(() => {});
  for (let turn = 0; turn < 1_000 && !state.done; turn++) await clock.advance(step);
  return settled;
}
