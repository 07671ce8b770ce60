import { placeOf, type HistoryEvent } from '../event.ts';
import { passedOver, perTimeline } from '../per-timeline.ts';
import { groupBy, type Delivery, type Timeline } from '../timeline.ts';
import type { Rule, Violation } from '../violation.ts';

/** V8: within one ownership first deliveries rise, and skip nothing that exists. */
export const risesWithinAnOwnership: Rule = (timeline) => {
  const known = knownOffsets(timeline);
  return [...timeline.byPlace].flatMap(([place, deliveries]) => {
    const epochs = groupBy(deliveries, ({ member, epoch }) => `${member} ${epoch}`);
    return [...epochs.values()].flatMap((epoch) =>
      judgeEpoch(place, epoch, known.get(place) ?? [], timeline),
    );
  });
};

function judgeEpoch(
  place: string,
  deliveries: readonly Delivery[],
  known: readonly number[],
  timeline: Timeline,
): Violation[] {
  const found: Violation[] = [];
  const seen = new Set<number>();
  let last: Delivery | undefined;
  for (const delivery of deliveries) {
    // What a listener gets again after it failed is no first delivery.
    if (seen.has(delivery.offset)) continue;
    seen.add(delivery.offset);
    const before = last;
    last = delivery;
    if (before === undefined) continue;
    const evidence = [before.event, delivery.event];
    if (delivery.offset < before.offset)
      found.push({
        rule: 'V8',
        text: `${place}: ${delivery.offset} came after ${before.offset} in one ownership of ${delivery.member}`,
        evidence,
      });
    const skipped = known.find((offset) => offset > before.offset && offset < delivery.offset);
    if (skipped !== undefined && !isExpired(timeline, place, skipped))
      found.push({
        rule: 'V8',
        text: `${place}: ${delivery.member} went from ${before.offset} to ${delivery.offset} and skipped ${skipped}`,
        evidence,
      });
  }
  return found;
}

/** By place, the offsets that are known to exist, rising. */
export const knownOffsets = perTimeline((timeline): ReadonlyMap<string, readonly number[]> => {
  const known = new Map<string, Set<number>>();
  const add = (place: string, offset: number | undefined): void => {
    if (offset === undefined || offset < 0) return;
    const offsets = known.get(place);
    if (offsets === undefined) known.set(place, new Set([offset]));
    else offsets.add(offset);
  };
  for (const { outcome } of timeline.sends.values())
    if (outcome?.phase === 'ok') add(placeOf(outcome), outcome.offset);
  for (const { place, offset } of timeline.deliveries) add(place, offset);
  return new Map([...known].map(([place, offsets]) => [place, [...offsets].sort((a, b) => a - b)]));
});

const isExpired = (timeline: Timeline, place: string, offset: number): boolean =>
  (passedOver(timeline).get(place) ?? []).some(
    ({ op, offset: before = 0 }) => op === 'fault+' && before > offset,
  );

/** Brokers keep locks in memory: one that restarts has none. */
const LOCK_LOSERS = new Set(['lockExpired', 'brokerRestart']);

const mayBeUnlocked = (timeline: Timeline, before: Delivery, after: Delivery): boolean =>
  timeline.isDisturbed(before.event.at, after.event.at, ({ kind }) => LOCK_LOSERS.has(kind));

/** V9: where queues are handed over by locks, nobody begins while a listener of another member is at work. */
export const lockedApart: Rule = (timeline) =>
  [...timeline.byPlace].flatMap(([place, all]) => {
    const working: Delivery[] = [];
    return all.flatMap((delivery): Violation[] => {
      if (delivery.event.locked !== true) return [];
      const { at } = delivery.event;
      const still = working.filter((each) => endOf(timeline, each) > at);
      working.splice(0, working.length, ...still, delivery);
      const other = still.find(({ member }) => member !== delivery.member);
      if (other === undefined || mayBeUnlocked(timeline, other, delivery)) return [];
      const text = `${place}: ${delivery.member} began with ${delivery.offset} while ${other.member} was at work on ${other.offset}`;
      const evidence = [other.event, ...(other.end === undefined ? [] : [other.end]), delivery.event];
      return [{ rule: 'V9', text, evidence }];
    });
  });

/** The group's offset at the broker: the last commit, or what an operator has set since. */
function storedBefore(timeline: Timeline, place: string, delivery: HistoryEvent): number {
  const index = timeline.events.indexOf(delivery);
  // What follows from the delivery may have its time.
  const isBefore = (event: HistoryEvent): boolean =>
    event.at < delivery.at || (event.at === delivery.at && timeline.events.indexOf(event) < index);
  const commit = timeline.commits.get(place)?.findLast(isBefore);
  const reset = timeline.of('reset').findLast((event) => isBefore(event) && placeOf(event) === place);
  const isReset = reset !== undefined && reset.at >= (commit?.at ?? 0);
  return (isReset ? reset.offset : commit?.offset) ?? 0;
}

/** When a listener was through, or dead. */
const endOf = (timeline: Timeline, { member, event, end }: Delivery): number =>
  Math.min(end?.at ?? Infinity, timeline.lifeOf(member, event.at)?.down ?? Infinity);

/** V9: orderly queues are worked on by one listener at a time, in order; after a crash an uncommitted suffix may come again. */
export const orderlyOrder: Rule = (timeline) =>
  [...timeline.byPlace].flatMap(([place, all]) => {
    const deliveries = all.filter(({ event }) => event.orderly === true);
    return deliveries.flatMap((delivery, index): Violation[] => {
      const before = deliveries[index - 1];
      if (before === undefined) return [];
      const evidence = [before.event, ...(before.end === undefined ? [] : [before.end]), delivery.event];
      const ended = endOf(timeline, before);
      const lockExpired = mayBeUnlocked(timeline, before, delivery);
      if (delivery.event.at < ended && !lockExpired)
        return [
          {
            rule: 'V9',
            text: `${place}: ${delivery.offset} began while ${before.offset} was at work`,
            evidence,
          },
        ];
      const isSameOwner = before.member === delivery.member && before.epoch === delivery.epoch;
      if (isSameOwner && before.end?.op === 'back' && delivery.offset > before.offset)
        return [
          {
            rule: 'V9',
            text: `${place}: ${delivery.offset} came before ${before.offset} was done`,
            evidence,
          },
        ];
      if (delivery.offset > before.offset || before.end?.op === 'back') return [];
      const stored = storedBefore(timeline, place, delivery.event);
      if (!isSameOwner && delivery.offset >= stored) return [];
      return [{ rule: 'V9', text: `${place}: ${delivery.offset} came after ${before.offset}`, evidence }];
    });
  });
