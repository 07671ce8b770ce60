import { setTimeout as delay } from 'node:timers/promises';

export interface Patience {
  /** What is waited for, for the error. */
  readonly what: string;
  /** Milliseconds; default 10 s. */
  readonly within?: number;
  /** Milliseconds between two looks; default 20. */
  readonly every?: number;
  /** What to say when it did not come, for example the last state seen. */
  readonly otherwise?: () => string;
}

/** Looks again and again until there is something other than `undefined`, and gives it. Throws when the time is over. */
export async function eventually<T>(
  look: () => T | undefined | Promise<T | undefined>,
  patience: Patience,
): Promise<T> {
  const { what, within = 10_000, every = 20, otherwise } = patience;
  const deadline = performance.now() + within;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) {
      throw new Error(
        `${what} did not happen within ${within} ms${otherwise === undefined ? '' : `: ${otherwise()}`}`,
      );
    }
    await delay(every);
  }
}
