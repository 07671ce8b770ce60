import { placeOf, type HistoryEvent } from '../event.ts';
import { passedOver } from '../per-timeline.ts';
import type { Timeline } from '../timeline.ts';
import type { Rule, Violation } from '../violation.ts';
import { MEMBERSHIP, wasLeaving } from './duplicates.ts';
import { knownOffsets } from './order.ts';
import { isLate } from './ownership.ts';

/** V10: nothing is committed beyond the lowest offset that is not processed. */
export const commitsWhatIsDone: Rule = (timeline) => {
  const known = knownOffsets(timeline);
  return [...timeline.commits].flatMap(([place, commits]) => {
    const offsets = known.get(place) ?? [];
    const settled = settleTimes(timeline, place);
    // When an offset and all before it were settled: what a commit may have passed.
    let latest = 0;
    const free = offsets.map((offset) => (latest = Math.max(latest, settled(offset) ?? Infinity)));
    return commits.flatMap((commit): Violation[] => {
      const by = commit.at + timeline.limits.skew;
      const last = offsets.findLastIndex((offset) => offset < (commit.offset ?? 0));
      if (last < 0 || (free[last] ?? 0) <= by) return [];
      const undone = offsets.find((offset) => (settled(offset) ?? Infinity) > by) ?? 0;
      const deliveries = (timeline.byPlace.get(place) ?? []).filter(({ offset }) => offset === undone);
      const evidence = [
        ...deliveries.flatMap(({ event, end }) => (end === undefined ? [event] : [event, end])),
        commit,
      ];
      const text = `${commit.process} committed ${place}@${commit.offset ?? 0}, but ${undone} was not processed`;
      return [{ rule: 'V10', text, evidence }];
    });
  });
};

/** When an offset was first processed, or passed over by a reset or because it expired. */
function settleTimes(timeline: Timeline, place: string): (offset: number) => number | undefined {
  const times = new Map<number, number>();
  for (const { offset, settledAt } of timeline.byPlace.get(place) ?? [])
    if (settledAt !== undefined) times.set(offset, Math.min(settledAt, times.get(offset) ?? Infinity));
  const passed = passedOver(timeline).get(place) ?? [];
  return (offset) => {
    const skip = passed.find((event) => (event.offset ?? 0) > offset)?.at;
    const time = times.get(offset);
    return skip === undefined ? time : Math.min(skip, time ?? Infinity);
  };
}

/** V11: the broker's stored offset never falls, except by a reset: once for each, when it is taken up. */
export const commitsRise: Rule = (timeline) =>
  [...timeline.commits].flatMap(([place, commits]) => {
    const resets = timeline.of('reset').filter((event) => placeOf(event) === place);
    let stored: HistoryEvent | undefined;
    return commits.flatMap((commit): Violation[] => {
      const before = stored;
      // Whoever comes next goes on from what is stored, also where it has fallen.
      stored = commit;
      if (before === undefined || (commit.offset ?? 0) >= (before.offset ?? 0)) return [];
      const reset = resets.findIndex(({ at }) => at <= commit.at + timeline.limits.skew);
      if (reset >= 0) {
        resets.splice(0, reset + 1);
        return [];
      }
      if (
        isLate(timeline, commit) ||
        mayBeTwoOwners(timeline, before, commit) ||
        wasLeaving(timeline, before)
      )
        return [];
      const text = `${commit.process} committed ${place}@${commit.offset ?? 0} after ${before.process} had committed ${before.offset ?? 0}`;
      return [{ rule: 'V11', text, evidence: [before, commit] }];
    });
  });

/** While members cannot know of each other, two of them own a queue, and nobody prevents them: brokers list one that vanished differently. A frozen one can know when it wakes up. */
const mayBeTwoOwners = (timeline: Timeline, before: HistoryEvent, commit: HistoryEvent): boolean =>
  before.process !== commit.process &&
  timeline.isDisturbed(
    commit.at,
    commit.at,
    ({ kind }) => kind === 'silent' || (!MEMBERSHIP.has(kind) && kind !== 'freeze'),
  );
