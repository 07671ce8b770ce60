import type { AllocateInput } from './allocate-strategy.ts';
import { AllocationError } from './allocation-error.ts';

/**
 * The check that all of Java's strategies except CONFIG begin with: whether the asking member is in the list at all.
 * If it is not, it owns nothing.
 *
 * Java: `AbstractAllocateMessageQueueStrategy.check`.
 *
 * @throws {AllocationError} if the client id, the queues or the members are empty; Java throws IllegalArgumentException.
 */
export function isMember(input: AllocateInput): boolean {
  const { consumerGroup, clientId, queues, clientIds } = input;
  const facts = { consumerGroup, clientId };
  if (clientId === '') throw new AllocationError('empty-client-id', 'the own client id is empty', facts);
  if (queues.length === 0) throw new AllocationError('no-queues', 'there is no queue to share out', facts);
  if (clientIds.length === 0) throw new AllocationError('no-members', 'the list of members is empty', facts);
  return clientIds.includes(clientId);
}
