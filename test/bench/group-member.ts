/** A member of a group with this client, in a process of its own, for `group.ts`. */
import { PushConsumer } from '../../lib/index.ts';
import { readMemberArguments, runMember, say } from './member-lines.ts';

await runMember(async () => {
  const { nameServers, group, topic } = readMemberArguments();
  const consumer = new PushConsumer({ nameServers, consumerGroup: group, consumeFromWhere: 'first' });
  consumer.subscribe(topic, {
    eachMessage: (message, { queue }) =>
      say({
        event: 'message',
        at: Date.now(),
        queue: `${queue.brokerName}:${queue.queueId}`,
        offset: message.queueOffset,
        body: message.text(),
      }),
  });
  await consumer.start();
  return async () => consumer.shutdown();
});
