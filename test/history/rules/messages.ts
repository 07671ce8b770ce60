import type { HistoryEvent } from '../event.ts';
import { placeOf } from '../event.ts';
import { passedOver } from '../per-timeline.ts';
import { groupBy, type Timeline } from '../timeline.ts';
import type { Rule, Violation } from '../violation.ts';

/** V1: every acknowledged message is processed before the end of a run that ends quietly; while it runs, only below the highest processed offset. */
export const noLoss: Rule = (timeline) => {
  const excused = excuses(timeline);
  const isOver = timeline.of('quiet').length > 0;
  return [...timeline.sends].flatMap(([value, { invoke, outcome }]): Violation[] => {
    if (outcome?.phase !== 'ok') return [];
    const deliveries = timeline.byValue.get(value) ?? [];
    if (deliveries.some(({ end }) => end?.op === 'done')) return [];
    if (excused(outcome, value)) return [];
    const place = placeOf(outcome);
    if (!isOver && highestDone(timeline, place) <= (outcome.offset ?? 0)) return [];
    const fate = deliveries.length === 0 ? 'delivered to nobody' : 'never finished';
    const evidence = [
      invoke,
      outcome,
      ...deliveries.flatMap(({ event, end }) => (end === undefined ? [event] : [event, end])),
    ];
    return [
      {
        rule: 'V1',
        text: `${value} was acknowledged at ${place}@${outcome.offset ?? '?'} and ${fate}`,
        evidence,
      },
    ];
  });
};

/** Expired, passed over by an operator's reset, or in the dead-letter queue. */
function excuses(timeline: Timeline): (outcome: HistoryEvent, value: string) => boolean {
  const dead = new Set(
    timeline.of('stored').flatMap(({ topic, value }) => (topic?.startsWith('%DLQ%') === true ? [value] : [])),
  );
  const passed = passedOver(timeline);
  return (outcome, value) =>
    dead.has(value) ||
    (passed.get(placeOf(outcome)) ?? []).some((event) => (event.offset ?? 0) > (outcome.offset ?? 0));
}

const highestDone = (timeline: Timeline, place: string): number =>
  Math.max(
    -1,
    ...(timeline.byPlace.get(place) ?? [])
      .filter(({ end }) => end?.op === 'done')
      .map(({ offset }) => offset),
  );

/** V2: nothing is delivered that nobody sent, or that a send reported as surely not sent. */
export const noPhantom: Rule = (timeline) =>
  timeline.deliveries.flatMap(({ event }): Violation[] => {
    const send = timeline.sends.get(event.value ?? '');
    if (send === undefined)
      return [
        {
          rule: 'V2',
          text: `${event.value ?? 'a message'} was delivered, and nobody sent it`,
          evidence: [event],
        },
      ];
    if (send.outcome?.phase !== 'fail') return [];
    const text = `${event.value ?? ''} was delivered, and its send surely failed`;
    return [{ rule: 'V2', text, evidence: [send.invoke, send.outcome, event] }];
  });

/** V3: one value at an offset, for all members and the producer. */
export const offsetsAgree: Rule = (timeline) => {
  const seen = new Map<string, Map<number, HistoryEvent>>();
  return timeline.events.flatMap((event): Violation[] => {
    const isPlaced = event.op === 'deliver' || (event.op === 'send' && event.phase === 'ok');
    if (!isPlaced || event.offset === undefined || event.offset < 0) return [];
    const place = placeOf(event);
    let offsets = seen.get(place);
    if (offsets === undefined) seen.set(place, (offsets = new Map()));
    const first = offsets.get(event.offset);
    if (first === undefined) offsets.set(event.offset, event);
    if (first === undefined || first.value === event.value) return [];
    return [
      {
        rule: 'V3',
        text: `${place}@${event.offset} is ${first.value ?? ''} and ${event.value ?? ''}`,
        evidence: [first, event],
      },
    ];
  });
};

/** V4: what arrives is what was sent. */
export const integrity: Rule = (timeline) =>
  timeline.deliveries.flatMap(({ event }): Violation[] => {
    const sent = timeline.sends.get(event.value ?? '')?.invoke;
    if (sent?.hash === undefined || event.hash === undefined || sent.hash === event.hash) return [];
    return [{ rule: 'V4', text: `${event.value ?? ''} was changed on its way`, evidence: [sent, event] }];
  });

/** V14: acknowledged is stored where it was said, surely failed is not stored, and sends end by their deadline. Judged when the store is listed. */
export const honestProducer: Rule = (timeline) => {
  const stored = groupBy(timeline.of('stored'), ({ value }) => value ?? '');
  return [...timeline.sends].flatMap(([value, { invoke, outcome }]): Violation[] => {
    const found: Violation[] = [];
    const add = (text: string, evidence: readonly HistoryEvent[]): void =>
      void found.push({ rule: 'V14', text, evidence });
    const copies = stored.get(value) ?? [];
    if (stored.size > 0 && outcome?.phase === 'ok') {
      const isThere = copies.some(
        (copy) => placeOf(copy) === placeOf(outcome) && copy.offset === outcome.offset,
      );
      if (!isThere)
        add(
          `${value} was acknowledged at ${placeOf(outcome)}@${outcome.offset ?? '?'} and is not stored there`,
          [invoke, outcome, ...copies],
        );
    }
    if (outcome?.phase === 'fail' && copies.length > 0)
      add(`${value} surely failed and is stored`, [invoke, outcome, ...copies]);
    const { grace } = invoke;
    if (
      grace !== undefined &&
      (outcome ?? { at: timeline.end }).at > invoke.at + grace + timeline.limits.skew
    )
      add(
        `the send of ${value} did not end within ${grace} ms`,
        outcome === undefined ? [invoke] : [invoke, outcome],
      );
    return found;
  });
};
