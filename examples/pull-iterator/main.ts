// Messages at your own pace: npx tsx examples/pull-iterator/main.ts [--namesrv host:port]
// Brings its own cluster, unless there is a name server to use.
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';

import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { LitePullConsumer, Producer, type ReceivedMessage } from '../../lib/index.ts';

const { values } = parseArgs({ options: { namesrv: { type: 'string' } } });
const cluster = values.namesrv === undefined ? await EmbeddedCluster.start() : undefined;
const nameServers = values.namesrv ?? cluster?.nameServers;
const topic = `PullIterator_${Date.now()}`;
const count = 20;

const numbersOf = (messages: readonly ReceivedMessage[]): string =>
  messages.map((message) => message.text().replace('消息 ', '')).join(' ');

cluster?.createTopic(topic, { queues: 1 });
const producer = new Producer({ nameServers, defaultTopicQueueNums: 1 });
await producer.start();
const before = Date.now();
for (let i = 0; i < count; i++) await producer.send({ topic, body: `消息 ${i}` });
console.log(`${count} messages are sent to ${topic}`);

const consumer = new LitePullConsumer({
  nameServers,
  consumerGroup: `${topic}_Group`,
  consumeFromWhere: 'first',
});
consumer.on('warning', ({ message }) => console.error(message));
consumer.subscribe(topic);
await consumer.start();

/** A poll gives what there is, at least one message unless its time is over. */
async function pollExactly(wanted: number): Promise<ReceivedMessage[]> {
  const messages: ReceivedMessage[] = [];
  while (messages.length < wanted)
    messages.push(...(await consumer.poll({ maxMessages: wanted - messages.length })));
  return messages;
}

try {
  console.log('\n1. A loop: each message is consumed when the next one is asked for');
  try {
    for await (const message of consumer) {
      if (message.text() === '消息 5') throw new Error('the work on 消息 5 fails');
      console.log(`   ${message.text()}`);
    }
  } catch (error) {
    console.log(`   The loop is left: ${(error as Error).message}`);
  }

  console.log('\n2. A poll: what the loop did not consume comes first');
  const batch = await pollExactly(5);
  console.log(`   ${numbersOf(batch)}`);
  await consumer.commit();
  const [queue] = consumer.assignment();
  if (queue === undefined) throw new Error('The queue has gone to another member');
  console.log(`   Committed at ${await consumer.committed(queue)}`);

  console.log('\n3. A stream: written one by one, acknowledged when written');
  const written: ReceivedMessage[] = [];
  await pipeline(consumer.readable({ ack: 'manual' }), async (messages: AsyncIterable<ReceivedMessage>) => {
    for await (const message of messages) {
      written.push(message);
      consumer.ack(message);
      if (written.length === count - 10) return;
    }
  });
  console.log(`   ${numbersOf(written)}`);

  console.log('\n4. Back in time: everything since the first message was sent');
  await consumer.seekToTimestamp(queue, before);
  console.log(`   ${numbersOf(await pollExactly(count))}`);
  await consumer.commit();
  console.log('\nAs it should be.');
} finally {
  await consumer.shutdown();
  await producer.shutdown();
  await cluster?.shutdown();
}
