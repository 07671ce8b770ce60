import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { named, StrategyName, type NamedAllocateStrategy } from './allocate-strategy.ts';

/**
 * The queues given here, whatever the route and the member list say. It is up to the user that every queue has one owner.
 *
 * As in Java the list is not compared with the topic that is being shared out: for a member with several
 * topics it may name queues of another topic, or queues that no broker has.
 *
 * Java: `AllocateMessageQueueByConfig`, name `CONFIG`.
 */
export function byConfig(queues: readonly MessageQueue[]): NamedAllocateStrategy {
  const fixed = Object.freeze([...queues]);
  return named(StrategyName.byConfig, () => fixed);
}
