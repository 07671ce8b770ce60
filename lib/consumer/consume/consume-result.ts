/** What a listener may have set for its batch. Java: `ConsumeConcurrentlyContext`. */
export interface BatchSettings {
  readonly ackIndex: number;
  readonly delayLevelWhenNextConsume: number;
}

/** What is to happen with messages after their listener: all are done; or all behind `ackIndex`, from the first without one, come again. */
export type Verdict =
  { readonly done: true } | { readonly done: false; readonly delayLevel: number; readonly ackIndex?: number };

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
  if (typeof result !== 'object' || result === null) return DONE;
  const level = 'delayLevel' in result ? asLevel(result.delayLevel) : 0;
  if ('ackIndex' in result) return judgeAckIndex(result.ackIndex, level);
  if ('delayLevel' in result) return { done: false, delayLevel: level };
  // For a queue that rests; here the message rests at the broker.
  if ('suspend' in result) return LATER;
  return DONE;
}

/** The same for a batch: what the listener has set counts where its result says nothing of it. Pure. */
export function judgeBatch(verdict: Verdict, settings: BatchSettings): Verdict {
  const { ackIndex, delayLevelWhenNextConsume } = settings;
  const level = asLevel(delayLevelWhenNextConsume);
  if (!verdict.done) return verdict.delayLevel === 0 ? { ...verdict, delayLevel: level } : verdict;
  return ackIndex === Number.MAX_SAFE_INTEGER ? verdict : judgeAckIndex(ackIndex, level);
}

/** How many of `count` messages are done; they are the first. Pure. */
export function countDone(verdict: Verdict, count: number): number {
  if (verdict.done) return count;
  return Math.max(0, Math.min(count, (verdict.ackIndex ?? -1) + 1));
}

/** An index that is none acknowledges nothing, so that nothing is lost. */
function judgeAckIndex(ackIndex: unknown, delayLevel: number): Verdict {
  if (typeof ackIndex !== 'number' || !Number.isInteger(ackIndex)) return { done: false, delayLevel };
  return { done: false, delayLevel, ackIndex };
}

function asLevel(level: unknown): number {
  return typeof level === 'number' && Number.isInteger(level) ? level : 0;
}
