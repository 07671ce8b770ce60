import { placeOf, type HistoryEvent } from './event.ts';
import { groupBy, type Timeline } from './timeline.ts';

/** What is worked out of a timeline once, whichever rules ask for it. */
export function perTimeline<T>(make: (timeline: Timeline) => T): (timeline: Timeline) => T {
  const known = new WeakMap<Timeline, { readonly value: T }>();
  return (timeline) => {
    let found = known.get(timeline);
    if (found === undefined) known.set(timeline, (found = { value: make(timeline) }));
    return found.value;
  };
}

/** By place: resets by an operator and expiries, which pass over all messages before their offset. */
export const passedOver = perTimeline((timeline): ReadonlyMap<string, readonly HistoryEvent[]> => {
  const expired = timeline.of('fault+').filter(({ kind }) => kind === 'expired');
  return groupBy(
    [...timeline.of('reset'), ...expired].sort((a, b) => a.at - b.at),
    placeOf,
  );
});
