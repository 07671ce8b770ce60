import { placeOf, type HistoryEvent } from '../event.ts';
import { perTimeline } from '../per-timeline.ts';
import type { Delivery, Life, Timeline } from '../timeline.ts';
import type { Rule, Violation } from '../violation.ts';

/** Why a message was delivered again. */
export type RepeatCause = 'retriedHere' | 'trouble' | 'crash' | 'leave' | 'handover' | 'quiet';

/** A second delivery of one offset, and whether its cause allows it. */
export interface Repeat {
  readonly cause: RepeatCause;
  readonly allowed: boolean;
  readonly before: Delivery;
  readonly again: Delivery;
  readonly evidence: readonly HistoryEvent[];
}

/** Kinds of disturbance that are changes of membership, which have rules of their own here. */
export const MEMBERSHIP = new Set(['join', 'left', 'crash', 'silent']);

/** What a member had done so long before it died must have been committed: a commit interval of 5 s, and a second for it to arrive. */
const COMMITTED_AFTER = 6_000;

/** A listener that ends while the last commit is under way is too late for it: its message was at work when the queue was given up. */
const LAST_COMMIT = 60;

/** A member that leaves finishes what it has begun, and meanwhile a change of the group may give its queue to another: its last commit then comes late. */
export function wasLeaving(timeline: Timeline, { process, at }: HistoryEvent): boolean {
  const leaving = timeline.lifeOf(process, at)?.leaving;
  if (leaving === undefined || leaving > at) return false;
  return timeline.isDisturbed(leaving, at, (each) => MEMBERSHIP.has(each.kind) && each.process !== process);
}

/** Every repeat with its cause. */
export const findRepeats = perTimeline((timeline): readonly Repeat[] => {
  const lost = timeline.of('own-');
  const first = timeline.of('first');
  return [...timeline.byPlace.values()].flatMap((deliveries) => {
    const seen = new Map<number, Delivery>();
    return deliveries.flatMap((again): Repeat[] => {
      const before = seen.get(again.offset);
      seen.set(again.offset, again);
      return before === undefined ? [] : [judgeRepeat(timeline, before, again, { lost, first })];
    });
  });
});

/** V5: repeats stay within what their cause explains: none in a quiet group, none after a graceful leave. */
export const boundedRepeats: Rule = (timeline) =>
  findRepeats(timeline)
    .filter(({ allowed }) => !allowed)
    .map(({ cause, before, again, evidence }): Violation => ({
      rule: 'V5',
      text: `${again.event.value ?? ''} at ${again.place}@${again.offset} came again to ${again.member} after ${before.member} (${cause})`,
      evidence: [before.event, ...(before.end === undefined ? [] : [before.end]), ...evidence, again.event],
    }));

function judgeRepeat(
  timeline: Timeline,
  before: Delivery,
  again: Delivery,
  events: { readonly lost: readonly HistoryEvent[]; readonly first: readonly HistoryEvent[] },
): Repeat {
  const [from, to] = [before.event.at, again.event.at];
  const repeat = (cause: RepeatCause, allowed: boolean, evidence: readonly HistoryEvent[] = []): Repeat => ({
    cause,
    allowed,
    before,
    again,
    evidence,
  });
  if (before.member === again.member && before.epoch === again.epoch) {
    const isAsked = before.end?.op === 'back';
    return repeat(isAsked ? 'retriedHere' : 'quiet', isAsked);
  }
  // In order, a failed message goes nowhere, and is still the next one when its queue goes to another member.
  if (before.event.orderly === true && before.end?.op === 'back') return repeat('retriedHere', true);
  if (timeline.isDisturbed(from, to, ({ kind }) => !MEMBERSHIP.has(kind))) return repeat('trouble', true);
  const begin = beginOf(timeline, again, events.first);
  const isLocked = before.event.locked === true;
  if (!isLocked && wasUndone(timeline, again, begin)) return repeat('leave', true);
  const life = timeline.lifeOf(before.member, from);
  const end = events.lost.find(
    (event) =>
      event.process === before.member &&
      placeOf(event) === before.place &&
      event.at >= from &&
      event.at <= to,
  );
  const isGivenUp = end !== undefined && end.at < (life?.leaving ?? Infinity);
  if (life !== undefined && !isGivenUp && (life.down ?? life.leaving ?? Infinity) <= to)
    return judgeAfterEnd(timeline, before, { life, begin }, repeat);
  // Both own the queue: only while the group is still finding itself.
  if (end === undefined)
    return !isLocked && isConverging(timeline, begin) ? repeat('handover', true) : repeat('quiet', false);
  // With a lock the old owner is through and has committed before the new one begins.
  const isOpen = begin <= end.at || !settledBefore(timeline, before, end.at - LAST_COMMIT);
  return repeat('handover', !isLocked && isOpen, [end]);
}

function judgeAfterEnd(
  timeline: Timeline,
  before: Delivery,
  { life, begin }: { readonly life: Life; readonly begin: number },
  repeat: (cause: RepeatCause, allowed: boolean, evidence: readonly HistoryEvent[]) => Repeat,
): Repeat {
  const down = life.down ?? life.leaving ?? 0;
  const isLocked = before.event.locked === true;
  const evidence = timeline.of('down').filter(({ process }) => process === before.member);
  if (life.end !== 'left')
    return repeat('crash', !settledBefore(timeline, before, down - COMMITTED_AFTER), evidence);
  // The group changed while it was finishing: the queue may have been taken before the last commit.
  const isOpen = begin <= down || !settledBefore(timeline, before, down);
  return repeat('leave', isOpen && wasCutShort(timeline, life, { down, isLocked }), evidence);
}

/** Whether a listener may be left behind: its time was over, or the group changed while the member was finishing. */
function wasCutShort(
  timeline: Timeline,
  { process, leaving = 0, patience = 0 }: Life,
  { down, isLocked }: { readonly down: number; readonly isLocked: boolean },
): boolean {
  if (down - leaving >= patience) return true;
  if (isLocked) return false;
  return timeline.isDisturbed(
    leaving - 600,
    down,
    (each) => MEMBERSHIP.has(each.kind) && each.process !== process,
  );
}

const isConverging = (timeline: Timeline, at: number): boolean =>
  timeline.isDisturbed(at, at, ({ kind }) => MEMBERSHIP.has(kind));

/** Whether a member that was leaving had set the stored offset back before this ownership began. */
function wasUndone(timeline: Timeline, { place, offset }: Delivery, begin: number): boolean {
  const stored = timeline.commits.get(place)?.findLast(({ at }) => at <= begin);
  return stored !== undefined && (stored.offset ?? 0) <= offset && wasLeaving(timeline, stored);
}

/** Whether this message and all before it in its queue that the member had were settled by then, so that they could be committed. */
function settledBefore(timeline: Timeline, delivery: Delivery, at: number): boolean {
  const mine = (timeline.byPlace.get(delivery.place) ?? []).filter(
    ({ member, epoch, offset }) =>
      member === delivery.member && epoch === delivery.epoch && offset <= delivery.offset,
  );
  const last = new Map(mine.map((each) => [each.offset, each]));
  return [...last.values()].every(({ settledAt }) => settledAt !== undefined && settledAt < at);
}

/** When the ownership asked for its first offset; if that was not seen, when it first delivered. */
function beginOf(timeline: Timeline, delivery: Delivery, first: readonly HistoryEvent[]): number {
  const delivered = (timeline.byPlace.get(delivery.place) ?? []).find(
    ({ member, epoch }) => member === delivery.member && epoch === delivery.epoch,
  );
  const begin = delivered?.event.at ?? delivery.event.at;
  const isOurs = (event: HistoryEvent): boolean =>
    event.process === delivery.member && placeOf(event) === delivery.place && event.at <= begin;
  const lost = timeline.of('own-').findLast(isOurs)?.at ?? -Infinity;
  // Later questions are a look at what others may have committed.
  const asked = first.find((event) => isOurs(event) && event.at >= lost);
  return Math.min(asked?.at ?? Infinity, begin);
}

/** V13: a group that begins again goes on at the stored offset; nothing below it comes again, except by reset. */
export const restartsWhereItStopped: Rule = (timeline) => {
  const restarts = timeline.lives
    .map(({ invoked }) => invoked)
    .filter((at) => timeline.lives.some(({ invoked }) => invoked < at) && isEmpty(timeline, at));
  return restarts.flatMap((at) =>
    [...timeline.byPlace].flatMap(([place, deliveries]): Violation[] => {
      const stored = timeline.commits.get(place)?.findLast((commit) => commit.at < at);
      const isReset = timeline.of('reset').some((event) => placeOf(event) === place);
      if (stored === undefined || isReset) return [];
      const below = deliveries.find(({ event, offset }) => event.at >= at && offset < (stored.offset ?? 0));
      if (below === undefined) return [];
      const text = `the group began again, and ${place}@${below.offset} came although ${stored.offset ?? 0} was stored`;
      return [{ rule: 'V13', text, evidence: [stored, below.event] }];
    }),
  );
};

const isEmpty = (timeline: Timeline, at: number): boolean =>
  timeline.lives.every(({ invoked, down }) => invoked >= at || (down !== undefined && down < at));
