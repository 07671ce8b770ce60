import type { RebalanceEvent } from '../../../lib/consumer/events.ts';
import type { Remark } from './consumption-log.ts';
import type { Repeat } from './ledger.ts';

/** What a member writes down of each rebalance; queues as `broker:id`. */
export interface RebalanceFacts extends Pick<RebalanceEvent, 'timings' | 'expectedRepeats'> {
  readonly cause: string;
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** A queue that went from one living member to another. */
export interface Handover {
  readonly queue: string;
  readonly from: string;
  readonly to: string;
  /** When the new owner began to wait for the old one, ms since the epoch. */
  readonly at: number;
  /** How long after that the old owner had committed, ms; negative if before. */
  readonly late: number;
}

/**
 * The protocol has no hand-shake between members: the new owner asks for the stored offset 500 ms after it took the queue. An old
 * owner that hears of it, commits, and is answered later than that repeats what it consumed last, and so does any client.
 */
export const HANDOVER_LIMIT = 450;

/** When a member took a queue, and when it had given it up again: never, if it left the group or was killed. */
interface Ownership {
  readonly queue: string;
  readonly member: string;
  readonly from: number;
  readonly until: number | undefined;
}

/** The hand-overs that the members' remarks tell of. A member that leaves the group says nothing, and nobody waits for it. */
export function handovers(remarks: readonly Remark[]): readonly Handover[] {
  const all = ownerships(remarks);
  return [...new Set(all.map(({ queue }) => queue))].flatMap((queue) => {
    const owners = all.filter((ownership) => ownership.queue === queue).sort((a, b) => a.from - b.from);
    return owners.flatMap(({ member: to, from: at }, index) => {
      const before = owners[index - 1];
      if (before?.until === undefined || before.member === to) return [];
      return [{ queue, from: before.member, to, at, late: before.until - at }];
    });
  });
}

/** Whether a repeat comes from an old owner that was too late, which a stalled machine makes of any. */
export function wasHandedOverLate({ first, again }: Repeat, all: readonly Handover[]): boolean {
  const last = all.findLast(({ queue, at }) => queue === again.queue && at <= again.at);
  return last?.from === first.member && last.to === again.member && last.late > HANDOVER_LIMIT;
}

function ownerships(remarks: readonly Remark[]): Ownership[] {
  const rebalances = remarks
    .filter(({ name }) => name === 'rebalance')
    .map(({ at, member, detail }) => ({ at, member, facts: JSON.parse(detail) as RebalanceFacts }));
  return rebalances.flatMap(({ at, member, facts: { gained, timings } }, index) =>
    gained.map((queue) => {
      // A member that gains the queue again without having lost it had left in between.
      const next = rebalances
        .slice(index + 1)
        .find(
          ({ member: other, facts }) =>
            other === member && (facts.lost.includes(queue) || facts.gained.includes(queue)),
        );
      const until = next?.facts.lost.includes(queue) === true ? next.at : undefined;
      // Queues are taken before the same rebalance gives others up.
      return { queue, member, from: at - timings.revoke, until };
    }),
  );
}
