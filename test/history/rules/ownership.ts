import { placeOf, type HistoryEvent } from '../event.ts';
import { averagely, findGaps, OwnershipWalk, sortQueues } from '../ownership.ts';
import type { Timeline } from '../timeline.ts';
import type { Rule, Violation } from '../violation.ts';

/** V6 and V7 in undisturbed times: each queue has exactly one owner, the one the averaging strategy names. */
export const rightOwners: Rule = (timeline) => {
  const walk = new OwnershipWalk();
  const queues = new Map<string, readonly string[]>();
  const found: Violation[] = [];
  let index = 0;
  const { events } = timeline;
  for (const { from, to } of calmTimes(timeline)) {
    for (; (events[index]?.at ?? Infinity) <= from; index++) apply(events[index], walk, queues);
    const problem = judge(timeline, walk, queues, from);
    if (problem !== undefined) found.push(problem);
    // What happens at the moment a disturbance begins belongs to that.
    for (; isBefore(events[index], to, to === timeline.end); index++) {
      const event = events[index];
      apply(event, walk, queues);
      if (event?.op !== 'own+' && event?.op !== 'own-') continue;
      const wrong = problem === undefined ? judge(timeline, walk, queues, event.at, event) : undefined;
      if (wrong !== undefined) found.push(wrong);
    }
  }
  return found.slice(0, 3);
};

/** V7: whatever happens, no queue is without an owner for very long while a member lives. */
export const noLongGap: Rule = (timeline) =>
  findGaps(timeline).flatMap(({ place, from, to, end }): Violation[] => {
    const isInhabited = timeline.lives.some(
      ({ up, leaving }) => up !== undefined && up <= from && (leaving ?? Infinity) >= to,
    );
    const isThere = lastQueues(timeline, place, to);
    if (!isInhabited || !isThere || to - from <= timeline.limits.gap) return [];
    const lost = timeline.events.findLast(
      (event) =>
        event.at <= from &&
        (event.op === 'own-' || event.op === 'down') &&
        (event.op === 'down' || placeOf(event) === place),
    );
    const evidence = [lost, end].filter((event) => event !== undefined);
    return [
      {
        rule: 'V7',
        text: `${place} had no owner for ${Math.round(to - from)} ms while a member lived`,
        evidence,
      },
    ];
  });

/** Troubles that are no reason to give a queue up. */
const NO_REASON = new Set([
  'listEmpty',
  'listenerSlow',
  'listenerFailing',
  'noticeTwice',
  'answerTwice',
  'pullLate',
]);

/** V6: what a member owns it keeps while the group, the queues and the member list say nothing else; an empty or failing list says nothing. */
export const keepsWhatItOwns: Rule = (timeline) =>
  timeline.of('own-').flatMap((event): Violation[] => {
    const { process, at } = event;
    const isReason = ({ kind }: { readonly kind: string }): boolean => !NO_REASON.has(kind);
    // What happened shortly before a trouble may be noticed only after it.
    const since = timeline.disturbances
      .filter(({ from, to }) => from <= at && to >= at)
      .map(({ from }) => from);
    if (timeline.isDisturbed(Math.min(at, ...since), at, isReason)) return [];
    if ((timeline.lifeOf(process, at)?.leaving ?? Infinity) <= at) return [];
    return [{ rule: 'V6', text: `${process} gave ${placeOf(event)} up without a reason`, evidence: [event] }];
  });

const OF_QUEUES: ReadonlySet<HistoryEvent['op']> = new Set(['own+', 'own-', 'first', 'deliver', 'commit']);

/** V12: a member delivers and commits nothing for a queue whose loss it has told, once another has begun. */
export const nothingAfterTheEnd: Rule = (timeline) => {
  const ended = new Map<string, HistoryEvent>();
  const others = new Map<string, HistoryEvent>();
  return timeline.events.flatMap((event): Violation[] => {
    if (!OF_QUEUES.has(event.op)) return [];
    const place = placeOf(event);
    const key = `${event.process} ${place}`;
    // Told twice: the one that names the epoch says more.
    if (event.op === 'own-' && (event.epoch !== undefined || !ended.has(key))) ended.set(key, event);
    const end = ended.get(key);
    // A member that asks where to begin has the queue again, even if it tells that later.
    if (event.op === 'own+' || event.op === 'first') ended.delete(key);
    if (event.op === 'own+' || event.op === 'first') others.set(place, event);
    if (end === undefined) return [];
    if (event.op === 'deliver' && event.epoch !== undefined && event.epoch === end.epoch)
      return [
        {
          rule: 'V12',
          text: `${event.process} delivered from ${place} after it had given it up`,
          evidence: [end, event],
        },
      ];
    const other = others.get(place);
    if (event.op !== 'commit' || other === undefined || other.process === event.process || other.at < end.at)
      return [];
    if (event.at - end.at <= timeline.limits.skew || isLate(timeline, event)) return [];
    return [
      {
        rule: 'V12',
        text: `${event.process} committed ${place} after it had given it up to ${other.process}`,
        evidence: [end, other, event],
      },
    ];
  });
};

/** A network that is slow may bring a commit long after it was sent. */
export const isLate = (timeline: Timeline, { at }: HistoryEvent): boolean =>
  timeline.isDisturbed(at, at, ({ kind }) => kind.startsWith('late') || kind === 'slow');

const isBefore = (event: HistoryEvent | undefined, to: number, inclusive: boolean): boolean =>
  event !== undefined && (event.at < to || (inclusive && event.at === to));

function apply(
  event: HistoryEvent | undefined,
  walk: OwnershipWalk,
  queues: Map<string, readonly string[]>,
): void {
  if (event === undefined) return;
  if (event.op === 'queues') queues.set(event.topic ?? '', event.queues ?? []);
  else walk.apply(event);
}

/** Between disturbances. */
function calmTimes(timeline: Timeline): { from: number; to: number }[] {
  const calm: { from: number; to: number }[] = [];
  let end = 0;
  for (const { from, to } of timeline.disturbances) {
    if (from > end && end > 0) calm.push({ from: end, to: from });
    end = Math.max(end, to);
  }
  if (timeline.end > end && end > 0) calm.push({ from: end, to: timeline.end });
  return calm;
}

function judge(
  timeline: Timeline,
  walk: OwnershipWalk,
  queues: ReadonlyMap<string, readonly string[]>,
  at: number,
  cause?: HistoryEvent,
): Violation | undefined {
  const members = timeline.lives
    .filter(({ up, leaving }) => up !== undefined && up <= at && (leaving ?? Infinity) > at)
    .map(({ process }) => process);
  if (members.length === 0) return undefined;
  for (const [topic, ids] of queues) {
    const places = sortQueues(ids).map((queue) => placeOf({ topic, queue }));
    for (const [place, owner] of averagely(members, places)) {
      const owners = [...(walk.owners.get(place) ?? [])];
      if (owners.length === 1 && owners[0] === owner) continue;
      const evidence = history(timeline, place, at);
      if (cause !== undefined && !evidence.includes(cause)) evidence.push(cause);
      const rule = owners.length === 0 ? 'V7' : 'V6';
      const text = `at ${at.toFixed(1)} ${place} belongs to ${owners.join(' and ') || 'nobody'}; with members ${members.join(', ')} it is due to ${owner}`;
      return { rule, text, evidence };
    }
  }
  return undefined;
}

/** The last changes that matter for a queue. */
function history(timeline: Timeline, place: string, at: number): HistoryEvent[] {
  const relevant = timeline.events.filter(
    (event) =>
      event.at <= at &&
      (event.op === 'up' ||
        event.op === 'down' ||
        event.op === 'queues' ||
        ((event.op === 'own+' || event.op === 'own-') && placeOf(event) === place)),
  );
  return relevant.slice(-8);
}

function lastQueues(timeline: Timeline, place: string, at: number): boolean {
  const [topic = '', queue = ''] = place.split('/');
  const known = timeline.of('queues').findLast((event) => event.topic === topic && event.at <= at);
  return known?.queues?.includes(queue) === true;
}
