import type { AllocateStrategy } from '../../allocate/allocate-strategy.ts';
import { checkAllocation } from '../../allocate/checked-allocation.ts';
import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';

/** What one member sees of a topic and its group at one moment. */
export interface GroupView {
  readonly consumerGroup: string;
  readonly clientId: string;
  /** All readable queues of the topic, sorted as Java sorts them. */
  readonly queues: readonly MessageQueue[];
  /** The members as the broker listed them, sorted by code units; an id may occur twice. */
  readonly clientIds: readonly string[];
}

/** What a member should own, and how to come there from what it owns now. */
export interface RebalancePlan {
  readonly keep: readonly MessageQueue[];
  readonly revoke: readonly MessageQueue[];
  readonly assign: readonly MessageQueue[];
}

/** A list that lacks the member itself gives it nothing, as in Java, whatever the strategy would say. */
export function allocateQueues(view: GroupView, allocate: AllocateStrategy): readonly MessageQueue[] {
  if (view.queues.length === 0 || !view.clientIds.includes(view.clientId)) return [];
  const result = allocate(view);
  // CONFIG may name queues beyond the topic's; those of other topics are none of this plan's business.
  if (allocate.strategyName?.endsWith('CONFIG') === true) {
    return result.filter(({ topic }) => topic === view.queues[0]?.topic);
  }
  return checkAllocation(result, view);
}

/**
 * Compares what is owned with what the strategy gives. Pure.
 *
 * @throws {AllocationError} when a strategy refuses its input or gives a foreign or repeated queue.
 */
export function planRebalance(
  view: GroupView,
  owned: Iterable<MessageQueue>,
  allocate: AllocateStrategy,
): RebalancePlan {
  const target = new Map(allocateQueues(view, allocate).map((queue) => [queueKey(queue), queue]));
  const keep: MessageQueue[] = [];
  const revoke: MessageQueue[] = [];
  for (const queue of owned) (target.delete(queueKey(queue)) ? keep : revoke).push(queue);
  return { keep, revoke, assign: [...target.values()] };
}
