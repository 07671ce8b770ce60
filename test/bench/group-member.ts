/** A member of a group with this client, in a process of its own, for `group.ts` and `handover.ts`. After the usual arguments: handover, and ms that the listener takes. */
import { setTimeout as delay } from 'node:timers/promises';

import { PushConsumer } from '../../lib/index.ts';
import { readMemberArguments, runMember, say } from './member-lines.ts';

await runMember(async () => {
  const { nameServers, group, topic } = readMemberArguments();
  const [handover, work = '0'] = process.argv.slice(5);
  const consumer = new PushConsumer({
    nameServers,
    consumerGroup: group,
    consumeFromWhere: 'first',
    handover: handover === 'locked' ? 'locked' : 'immediate',
  });
  consumer.subscribe(topic, {
    eachMessage: (message, { queue }) => {
      say({
        event: 'message',
        at: Date.now(),
        queue: `${queue.brokerName}:${queue.queueId}`,
        offset: message.queueOffset,
        body: message.text(),
      });
      return work === '0' ? undefined : delay(Number(work));
    },
  });
  await consumer.start();
  return async () => consumer.shutdown();
});
