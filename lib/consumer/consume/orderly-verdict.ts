/**
 * What is to happen with a queue after a listener of it.
 *
 * done: go on. commit: all that was handed out is done. suspend: rest, then the same messages again, of a batch those behind `ackIndex`. rollback:
 * rest, then all that is not committed again. deadLetter: the messages are given up, go on.
 */
export type OrderlyVerdict =
  | { readonly kind: 'done' | 'commit' | 'deadLetter' }
  | { readonly kind: 'suspend'; readonly rest: number; readonly ackIndex?: number }
  | { readonly kind: 'rollback'; readonly rest: number };

/** What a listener's result is read by. */
export interface OrderlyRules {
  readonly autoCommit: boolean;
  /** How long a queue rests, in ms, unless the result says. */
  readonly rest: number;
  /** What the listener has set in its context: the last message of the batch that is done. Default all. */
  readonly ackIndex?: number | undefined;
}

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
export function judgeOrderly(result: unknown, { autoCommit, rest, ackIndex }: OrderlyRules): OrderlyVerdict {
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
      if (typeof result === 'object' && result !== null) return judgeObject(result, rest);
      return ackIndex === undefined || ackIndex === Number.MAX_SAFE_INTEGER
        ? { kind: 'done' }
        : judgeAckIndex(ackIndex, rest);
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
  if ('ackIndex' in result) return judgeAckIndex(result.ackIndex, rest);
  if (!('delayLevel' in result)) return { kind: 'done' };
  // Levels belong to the broker's schedule, and nothing is sent there in this mode.
  const { delayLevel } = result;
  return typeof delayLevel === 'number' && delayLevel < 0
    ? { kind: 'deadLetter' }
    : { kind: 'suspend', rest };
}

/** An index that is none acknowledges nothing, so that nothing is lost. */
const judgeAckIndex = (ackIndex: unknown, rest: number): OrderlyVerdict =>
  typeof ackIndex === 'number' && Number.isInteger(ackIndex)
    ? { kind: 'suspend', rest, ackIndex }
    : { kind: 'suspend', rest };
