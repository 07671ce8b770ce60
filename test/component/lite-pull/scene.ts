import type { LitePullConsumer } from '../../../lib/consumer/lite-pull-consumer.ts';
import type { LitePullConsumerOptions } from '../../../lib/options/lite-pull-consumer.ts';
import type { EmbeddedClusterOptions } from '../../../lib/embedded/index.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { VirtualGroup } from '../../support/virtual-group.ts';

export const topic = 'PullTopic';

export const queueOf = (queueId: number): MessageQueue => ({ topic, brokerName: 'broker-a', queueId });

export const textsOf = (messages: readonly ReceivedMessage[]): string[] =>
  messages.map((message) => message.text());

/** A cluster with the topic, in memory and in virtual time. */
export const startGroup = async (
  queues: number,
  options: EmbeddedClusterOptions = {},
): Promise<VirtualGroup> => VirtualGroup.start({ topics: { [topic]: queues }, ...options });

/** A started consumer that is subscribed to the topic, and owns all queues that it will own alone. */
export async function subscribed(
  group: VirtualGroup,
  options: Partial<LitePullConsumerOptions> = {},
): Promise<LitePullConsumer> {
  const consumer = group.lite(options);
  consumer.subscribe(topic);
  await group.run(consumer.start());
  return consumer;
}

/** Polls until there were so many messages. */
export async function pollAll(
  group: VirtualGroup,
  consumer: LitePullConsumer,
  count: number,
): Promise<ReceivedMessage[]> {
  const messages: ReceivedMessage[] = [];
  while (messages.length < count) {
    const batch = await group.run(consumer.poll());
    if (batch.length === 0) throw new Error(`Only ${messages.length} of ${count} messages came`);
    messages.push(...batch);
  }
  return messages;
}

/** What the broker has stored for the group. */
export const stored = (group: VirtualGroup): number[] => group.cluster.group('Group').offsets(topic);
