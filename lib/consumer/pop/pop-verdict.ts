import type { Verdict } from '../consume/consume-result.ts';

/** What becomes of a popped message after its listener. */
export type PopVerdict =
  | { readonly kind: 'ack' }
  | { readonly kind: 'deadLetter' }
  /** Hidden for so many ms, then it comes again. */
  | { readonly kind: 'hide'; readonly ms: number };

/** How long a failed message stays hidden, in ms: by the level asked for, or by the number of tries before. Pure. Java: `changePopInvisibleTime`. */
export function popDelay(levels: readonly number[], delayLevel: number, reconsumeTimes: number): number {
  const level = delayLevel > 0 ? delayLevel : reconsumeTimes;
  return levels[Math.min(level, levels.length - 1)] ?? 0;
}

/**
 * Reads a listener's verdict on a popped message. Pure. Brokers bring popped messages again without end. Java drops them after the last try; here they
 * go to the dead-letter queue, as with a proxy.
 */
export function judgePopped(
  verdict: Verdict,
  reconsumeTimes: number,
  limits: { readonly popDelayLevels: readonly number[]; readonly maxReconsumeTimes: number },
): PopVerdict {
  if (verdict.done) return { kind: 'ack' };
  if (verdict.delayLevel < 0 || reconsumeTimes >= maxTries(limits.maxReconsumeTimes))
    return { kind: 'deadLetter' };
  return { kind: 'hide', ms: popDelay(limits.popDelayLevels, verdict.delayLevel, reconsumeTimes) };
}

/** Java reads -1 as 16. */
export const maxTries = (maxReconsumeTimes: number): number =>
  maxReconsumeTimes === -1 ? 16 : maxReconsumeTimes;
