/**
 * What is to happen with a queue after a listener of it.
 *
 * done: go on. commit: all that was handed out is done. suspend: rest, then the same message again. rollback: rest, then all that is
 * not committed again. deadLetter: the message is given up, go on.
 */
export type OrderlyVerdict =
  | { readonly kind: 'done' | 'commit' | 'deadLetter' }
  | { readonly kind: 'suspend' | 'rollback'; readonly rest: number };

/** Bounds of a queue's rest, in ms. Java: `ConsumeMessageOrderlyService.submitConsumeRequestLater`. */
const LEAST_REST = 10;
const LONGEST_REST = 30_000;

/** How long a queue rests, in ms, by what was asked for. Pure. */
export const clampRest = (ms: number): number => Math.min(LONGEST_REST, Math.max(LEAST_REST, ms));

/**
 * Reads a listener's result in orderly mode. Pure. What is none of the known results is success.
 *
 * `autoCommit`: `'commit'` is success and `'rollback'` is `'later'`. Java takes both for success then, which would lose what was to be
 * rolled back.
 */
export function judgeOrderly(
  result: unknown,
  { autoCommit, rest }: { readonly autoCommit: boolean; readonly rest: number },
): OrderlyVerdict {
  switch (result) {
    case 'later':
      return { kind: 'suspend', rest };
    case 'deadLetter':
      return { kind: 'deadLetter' };
    case 'commit':
      return { kind: autoCommit ? 'done' : 'commit' };
    case 'rollback':
      return { kind: autoCommit ? 'suspend' : 'rollback', rest };
    default:
      return typeof result === 'object' && result !== null ? judgeObject(result, rest) : { kind: 'done' };
  }
}

function judgeObject(result: object, rest: number): OrderlyVerdict {
  if ('suspend' in result) {
    const { suspend } = result;
    return {
      kind: 'suspend',
      rest: typeof suspend === 'number' && suspend >= 0 ? clampRest(suspend) : rest,
    };
  }
  if (!('delayLevel' in result)) return { kind: 'done' };
  // Levels belong to the broker's schedule, and nothing is sent there in this mode.
  const { delayLevel } = result;
  return typeof delayLevel === 'number' && delayLevel < 0
    ? { kind: 'deadLetter' }
    : { kind: 'suspend', rest };
}
