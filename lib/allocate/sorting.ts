import { compareQueues, type MessageQueue } from '../../protocol/model/message-queue.ts';

/**
 * Client ids in the order all members of a group must agree on: by UTF-16 code unit, as Java's `String.compareTo`.
 * Repeated ids stay repeated.
 *
 * Java: `RebalanceImpl.rebalanceByTopic`.
 */
export function sortClientIds(clientIds: Iterable<string>): readonly string[] {
  return [...clientIds].sort();
}

/** Queues in the order all members of a group must agree on; see `compareQueues`. */
export function sortQueues(queues: Iterable<MessageQueue>): readonly MessageQueue[] {
  return [...queues].sort(compareQueues);
}
