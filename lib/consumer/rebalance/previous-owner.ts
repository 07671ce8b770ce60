import type { AllocateStrategy } from '../../allocate/allocate-strategy.ts';
import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import { allocateQueues, type GroupView } from './plan.ts';

/** Above this many members the previous owners are not worked out; any of them may be the one. */
const MEMBERS_WORTH_ASKING = 64;

/**
 * Whether a gained queue may still be in the hands of a member that lives: then its first offset must wait until that
 * member had time to notice, finish and commit. Pure.
 *
 * Nobody else in the group: no. A queue whose owner by the previous view is gone from the list: no, nobody commits for it any more.
 */
export function mayHaveLivingOwner(
  now: GroupView,
  before: GroupView | undefined,
  allocate: AllocateStrategy,
): (queue: MessageQueue) => boolean {
  const others = new Set(now.clientIds.filter((id) => id !== now.clientId));
  if (others.size === 0) return () => false;
  if (before === undefined || others.size > MEMBERS_WORTH_ASKING) return () => true;
  const owners = new Map<string, string>();
  for (const clientId of new Set(before.clientIds)) {
    for (const queue of allocateQueues({ ...before, clientId }, allocate))
      owners.set(queueKey(queue), clientId);
  }
  return (queue) => {
    const owner = owners.get(queueKey(queue));
    return owner !== undefined && others.has(owner);
  };
}
