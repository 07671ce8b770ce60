import { named, StrategyName, type NamedAllocateStrategy } from './allocate-strategy.ts';
import { isMember } from './membership.ts';

/**
 * Neighbouring queues to each member, in member order; if they do not divide evenly, the first members get one more.
 * With more members than queues the last members own nothing. The default here as in Java.
 *
 * A member whose id occurs twice in the list takes the share of the first occurrence, and nobody takes the second.
 *
 * Java: `AllocateMessageQueueAveragely`, name `AVG`.
 *
 * @throws {AllocationError} when called without a client id, a queue or a member.
 */
export function averagely(): NamedAllocateStrategy {
  return named(StrategyName.averagely, (input) => {
    if (!isMember(input)) return [];
    const { queues, clientIds } = input;
    const index = clientIds.indexOf(input.clientId);
    const share = Math.floor(queues.length / clientIds.length);
    const larger = queues.length % clientIds.length;
    const start = index * share + Math.min(index, larger);
    return queues.slice(start, start + share + (index < larger ? 1 : 0));
  });
}
