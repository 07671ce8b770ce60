// One member of the group: npx tsx examples/load-balance/consumer.ts Consumer1
// Start it several times, with different names, and see how the queues are shared. Ctrl-C leaves the group.
import { PushConsumer } from '../../lib/index.ts';
import { consumerGroup, topic } from './names.ts';

const instanceName = process.argv[2] ?? 'Consumer1';

const consumer = new PushConsumer({ consumerGroup, instanceName, consumeFromWhere: 'first' });

consumer.subscribe(topic, {
  eachMessage: async (message) => {
    console.log(`[${instanceName}] received ${message.text()} from queue ${message.queueId}`);
  },
});

consumer.on('rebalance', ({ owned, cause }) => {
  const queues = owned.map(({ queueId }) => queueId).join(', ') || 'none';
  console.log(`[${instanceName}] owns queues ${queues} (${cause.kind})`);
});

consumer.on('warning', ({ message }) => console.error(`[${instanceName}] ${message}`));

await consumer.start();
console.log(`[${instanceName}] is a member of ${consumerGroup}`);

const leave = async (): Promise<void> => {
  await consumer.shutdown();
  console.log(`[${instanceName}] has left`);
  process.exit();
};

process.once('SIGINT', () => void leave());
process.once('SIGTERM', () => void leave());
// When run.ts has started it, and is no more.
process.once('disconnect', () => void leave());
