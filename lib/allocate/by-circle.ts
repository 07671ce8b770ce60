import { named, StrategyName, type NamedAllocateStrategy } from './allocate-strategy.ts';
import { isMember } from './membership.ts';

/**
 * Deals the queues out like cards: queue i goes to member i modulo the number of members. Spreads the queues of each
 * broker over the members.
 *
 * Java: `AllocateMessageQueueAveragelyByCircle`, name `AVG_BY_CIRCLE`.
 *
 * @throws {AllocationError} when called without a client id, a queue or a member.
 */
export function byCircle(): NamedAllocateStrategy {
  return named(StrategyName.byCircle, (input) => {
    if (!isMember(input)) return [];
    const { queues, clientIds } = input;
    const index = clientIds.indexOf(input.clientId);
    return queues.filter((_, position) => position % clientIds.length === index);
  });
}
