// The whole scenario: npx tsx examples/load-balance/run.ts [--namesrv host:port]
// Brings its own cluster, unless there is a name server to use: by that option, or by NAMESRV_ADDR.
import { parseArgs } from 'node:util';

import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { messageCount, queueCount, topic } from './names.ts';
import { Programs } from './programs.ts';

console.log(`To be seen:
1. Two consumers of one group share the ${queueCount} queues of ${topic}, two each.
2. Ten messages are sent; each is consumed once, by the owner of its queue.
3. Consumer2 is killed (SIGKILL). Consumer1 takes over its queues at once. It may receive messages of Consumer2 again,
   if that had not committed its offsets yet (every 5 s). Ten more messages are all its own.
`);

const { values } = parseArgs({ options: { namesrv: { type: 'string' } } });
const existing = values.namesrv ?? process.env['NAMESRV_ADDR'];
const cluster =
  existing === undefined ? await EmbeddedCluster.start({ topics: { [topic]: queueCount } }) : undefined;
const programs = new Programs({ ...process.env, NAMESRV_ADDR: existing ?? cluster?.nameServers });
const messages = Array.from({ length: messageCount }, (_, i) => `消息 ${i}`);

try {
  // The first message to a topic that does not exist makes it, where brokers allow that.
  if (existing !== undefined) await programs.start('producer.ts').ended;

  const consumer1 = programs.start('consumer.ts', 'Consumer1');
  const consumer2 = programs.start('consumer.ts', 'Consumer2');
  await programs.print(['[Consumer1] owns queues 0, 1 ', '[Consumer2] owns queues 2, 3 ']);

  const began = programs.length;
  await programs.start('producer.ts').ended;
  await programs.print(
    messages.map((message) => `received ${message} `),
    began,
  );

  console.log('\nConsumer2 is killed.\n');
  const killed = programs.length;
  consumer2.child.kill('SIGKILL');
  await programs.print(['[Consumer1] owns queues 0, 1, 2, 3 '], killed);
  await programs.start('producer.ts').ended;
  await programs.print(
    messages.map((message) => `[Consumer1] received ${message} `),
    killed,
  );

  console.log('\nAs it should be.\n');
  consumer1.child.kill('SIGTERM');
  await consumer1.ended;
} finally {
  programs.kill();
  await cluster?.shutdown();
}
