import { placeOf, type HistoryEvent } from './event.ts';
import { perTimeline } from './per-timeline.ts';

/** What is true of a group at one moment, as far as members told. */
export interface OwnershipMoment {
  readonly at: number;
  /** By place: the members that own it. */
  readonly owners: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A time without an owner of a queue. */
export interface Gap {
  readonly place: string;
  readonly from: number;
  readonly to: number;
  /** Undefined if the history ended before. */
  readonly end: HistoryEvent | undefined;
}

/** Goes through the history and keeps who owns what. */
export class OwnershipWalk {
  readonly owners = new Map<string, Set<string>>();

  apply(event: HistoryEvent): void {
    if (event.op === 'own+') this.#of(placeOf(event)).add(event.process);
    else if (event.op === 'own-') this.#of(placeOf(event)).delete(event.process);
    else if (event.op === 'down' && event.phase !== 'invoke')
      for (const owners of this.owners.values()) owners.delete(event.process);
  }

  #of(place: string): Set<string> {
    let owners = this.owners.get(place);
    if (owners === undefined) this.owners.set(place, (owners = new Set()));
    return owners;
  }
}

/** Times without an owner, of queues that had one before. */
export const findGaps = perTimeline((timeline): readonly Gap[] => {
  const walk = new OwnershipWalk();
  const open = new Map<string, number>();
  const gaps: Gap[] = [];
  for (const event of timeline.events) {
    if (event.op !== 'own+' && event.op !== 'own-' && event.op !== 'down') continue;
    walk.apply(event);
    for (const [place, owners] of walk.owners) {
      const from = open.get(place);
      if (owners.size === 0 && from === undefined) open.set(place, event.at);
      if (owners.size === 0 || from === undefined) continue;
      open.delete(place);
      gaps.push({ place, from, to: event.at, end: event });
    }
  }
  for (const [place, from] of open) gaps.push({ place, from, to: timeline.end, end: undefined });
  return gaps;
});

/** The averaging strategy, written down once more so that the checker shares no mistake with the client. */
export function averagely(members: readonly string[], places: readonly string[]): Map<string, string> {
  const ids = members.toSorted((a, b) => (a < b ? -1 : 1));
  const share = Math.floor(places.length / ids.length);
  const rest = places.length % ids.length;
  const owners = new Map<string, string>();
  let next = 0;
  for (const [index, id] of ids.entries())
    for (const place of places.slice(next, (next += share + (index < rest ? 1 : 0)))) owners.set(place, id);
  return owners;
}

/** `broker:id` in Java's order: by broker's name, then by number. */
export function sortQueues(queues: readonly string[]): string[] {
  const split = (queue: string): [string, number] => {
    const at = queue.lastIndexOf(':');
    return [queue.slice(0, at), Number(queue.slice(at + 1))];
  };
  return queues.toSorted((a, b) => {
    const [brokerA, idA] = split(a);
    const [brokerB, idB] = split(b);
    return brokerA === brokerB ? idA - idB : brokerA < brokerB ? -1 : 1;
  });
}
