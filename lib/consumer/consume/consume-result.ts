/** What is to happen with a message after its listener. */
export type Verdict = { readonly done: true } | { readonly done: false; readonly delayLevel: number };

const DONE: Verdict = { done: true };

/** Level 0: the broker takes 3 + the number of tries so far. */
export const LATER: Verdict = { done: false, delayLevel: 0 };

/** A negative level means the dead-letter queue, now. */
const DEAD_LETTER: Verdict = { done: false, delayLevel: -1 };

/** Reads a listener's result. Pure. What is none of the known results, such as the length that `push` returns, is success. */
export function judgeResult(result: unknown): Verdict {
  if (result === undefined) return DONE;
  if (result === 'later' || result === 'rollback') return LATER;
  if (result === 'deadLetter') return DEAD_LETTER;
  if (typeof result === 'object' && result !== null && 'delayLevel' in result) {
    const { delayLevel } = result;
    if (typeof delayLevel === 'number' && Number.isInteger(delayLevel)) return { done: false, delayLevel };
    return LATER;
  }
  // For a queue that rests; here the message rests at the broker.
  if (typeof result === 'object' && result !== null && 'suspend' in result) return LATER;
  return DONE;
}
