import { placeOf, type HistoryEvent } from '../event.ts';
import { OwnershipWalk } from '../ownership.ts';
import type { Timeline } from '../timeline.ts';
import type { Rule, Violation } from '../violation.ts';

/** V15: with a healthy broker, an owner and no trouble, what is stored is delivered within the limit. */
export const makesProgress: Rule = (timeline) => {
  const { progress } = timeline.limits;
  const isOwned = ownerships(timeline);
  return [...timeline.sends.values()].flatMap(({ outcome }): Violation[] => {
    if (outcome?.phase !== 'ok' || timeline.end - outcome.at <= progress) return [];
    const place = placeOf(outcome);
    const until = outcome.at + progress;
    const deliveries = timeline.byPlace.get(place) ?? [];
    const isDelivered = deliveries.some(
      ({ offset, event }) => offset === outcome.offset && event.at <= until,
    );
    if (isDelivered || timeline.isDisturbed(outcome.at, until)) return [];
    // In order, it waits for those before it: the queue only has to move.
    const isMoving = deliveries.some(
      ({ event, end }) => event.orderly === true && event.at <= until && (end?.at ?? Infinity) >= outcome.at,
    );
    if (isMoving) return [];
    const owner = isOwned(place, outcome.at, until);
    // What lies behind a message that waits for its listener is not stuck.
    if (owner === undefined || isBusy(timeline, owner, outcome.at, until)) return [];
    const later = deliveries.find(({ offset }) => offset === outcome.offset);
    const text = `${outcome.value ?? ''} at ${place}@${outcome.offset ?? 0} waited longer than ${progress} ms while ${owner} owned the queue`;
    return [{ rule: 'V15', text, evidence: later === undefined ? [outcome] : [outcome, later.event] }];
  });
};

/** V16: what a member held is given back, and leaving takes no longer than it may. */
export const givesBack: Rule = (timeline) => [
  ...timeline.of('health').flatMap((event): Violation[] =>
    (event.count ?? 0) === 0
      ? []
      : [
          {
            rule: 'V16',
            text: `${event.process} was left with ${event.count ?? 0} ${event.kind ?? ''}`,
            evidence: [event],
          },
        ],
  ),
  ...timeline.of('down').flatMap((event): Violation[] => {
    if (event.phase === 'invoke' || event.grace === undefined) return [];
    const begin = timeline
      .of('down')
      .findLast(
        ({ process, phase, at }) => process === event.process && phase === 'invoke' && at <= event.at,
      );
    if (begin === undefined || event.at - begin.at <= event.grace) return [];
    return [
      {
        rule: 'V16',
        text: `${event.process} took longer than ${event.grace} ms to leave`,
        evidence: [begin, event],
      },
    ];
  }),
];

/** Who alone owned a place from one moment to another. */
function ownerships(timeline: Timeline): (place: string, from: number, to: number) => string | undefined {
  const changes = new Map<string, { readonly at: number; readonly owner: string | undefined }[]>();
  const walk = new OwnershipWalk();
  const note = (event: HistoryEvent, place: string): void => {
    const owners = [...(walk.owners.get(place) ?? [])];
    const list = changes.get(place) ?? [];
    list.push({ at: event.at, owner: owners.length === 1 ? owners[0] : undefined });
    changes.set(place, list);
  };
  for (const event of timeline.events) {
    walk.apply(event);
    if (event.op === 'own+' || event.op === 'own-') note(event, placeOf(event));
    else if (event.op === 'down') for (const place of walk.owners.keys()) note(event, place);
  }
  return (place, from, to) => {
    const list = changes.get(place) ?? [];
    const before = list.findLast(({ at }) => at <= from);
    const isSteady = list.every(({ at, owner }) => at <= from || at > to || owner === before?.owner);
    return isSteady ? before?.owner : undefined;
  };
}

/** Whether the member's listeners may all have been at work. */
function isBusy(timeline: Timeline, member: string, from: number, to: number): boolean {
  const limit = timeline.lifeOf(member, from)?.concurrency ?? 20;
  const running = timeline.deliveries.filter(
    ({ member: owner, event, end }) => owner === member && event.at <= to && (end?.at ?? Infinity) >= from,
  );
  return running.length >= limit;
}
