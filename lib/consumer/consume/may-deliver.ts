import { isRetryTopic } from '../../../protocol/message/topic.ts';
import type { PushContext } from '../consumer-context.ts';
import type { OwnedQueue } from '../owned-queue.ts';

/** Whether messages of a queue may be handed to a listener. */
export function mayDeliver(
  { pauses, subscriptions }: Pick<PushContext, 'pauses' | 'subscriptions'>,
  owned: OwnedQueue,
): boolean {
  if (!owned.mayDeliver || pauses.has(owned)) return false;
  // Of a topic that was given up they wait until a round takes the queue, or somebody wants the topic again.
  const { topic } = owned.queue;
  return subscriptions.has(topic) || isRetryTopic(topic);
}
