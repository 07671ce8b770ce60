/**
 * Makes the function that a source text stands for. Texts are put together from the declarations of our own table,
 * never from what a peer sent. A function of its own for each header lets V8 see each header's properties as constants,
 * which is several times faster than one loop over all headers.
 *
 * @param source the body of a function that returns the function
 * @returns `undefined` where the process forbids it (`--disallow-code-generation-from-strings`): headers then go the general way, by a map
 */
export function generate<F>(
  source: string,
  constants: Readonly<Record<string, unknown>> = {},
): F | undefined {
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- see above
    const make = new Function(...Object.keys(constants), `'use strict';\n${source}`) as (
      ...values: unknown[]
    ) => F;
    return make(...Object.values(constants));
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

/** Source text of a comparison of the bytes from `at` on with a name; `bytes` and `at` are names in that text. */
export function equalsSource(name: Uint8Array, bytes: string, at: string): string {
  return Array.from(name, (byte, index) => `${bytes}[${at} + ${index}] === ${byte}`).join(' && ') || 'true';
}
