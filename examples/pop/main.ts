// More members than queues, and all of them work: npx tsx examples/pop/main.ts [--namesrv host:port]
import { parseArgs } from 'node:util';

import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Producer, PushConsumer } from '../../lib/index.ts';

const topic = 'PopTopic';
// A group and a tag of its own for each run, so that messages of earlier runs are none of this one's.
const run = Date.now().toString(36);
const consumerGroup = `PopConsumerGroup_${run}`;
const names = ['First', 'Second', 'Third', 'Fourth'] as const;
const count = 200;

const { namesrv } = parseArgs({ options: { namesrv: { type: 'string' } } }).values;
const cluster = namesrv === undefined ? await EmbeddedCluster.start({ topics: { [topic]: 1 } }) : undefined;
const nameServers = namesrv ?? cluster?.nameServers;

const done = new Set<string>();
const work = new Map<string, number>(names.map((name) => [name, 0]));
const again: number[] = [];

/** A member that pops: what it holds is hidden from the others until it is done, or until its time is over. */
async function member(name: string): Promise<PushConsumer> {
  const consumer = new PushConsumer({
    nameServers,
    consumerGroup,
    consumeFromWhere: 'first',
    messageRequestMode: 'pop',
    popInvisibleTime: 30_000,
    // Java's levels begin with 10 s.
    popDelayLevels: [1_000, 5_000],
    popBatchNums: 8,
    popThresholdForQueue: 8,
    consumeConcurrency: 4,
  });
  consumer.subscribe(topic, {
    filter: run,
    eachMessage: async (message) => {
      // Slow or broken, it holds nobody up: what is behind it is popped by others.
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (message.text() === 'flaky') {
        again.push(message.reconsumeTimes);
        if (message.reconsumeTimes === 0) return 'later';
      }
      work.set(name, (work.get(name) ?? 0) + 1);
      done.add(message.text());
      return 'success';
    },
  });
  consumer.on('warning', ({ message }) => console.error(`[${name}] ${message}`));
  await consumer.start();
  return consumer;
}

const until = async (condition: () => boolean): Promise<void> => {
  for (let waited = 0; !condition() && waited < 60_000; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const producer = new Producer({ nameServers });
await producer.start();
const members: PushConsumer[] = [];
try {
  // The first message makes the topic, where brokers allow that.
  await producer.send({ topic, body: 'flaky', tags: run });
  for (const name of names) members.push(await member(name));
  const bodies = Array.from({ length: count }, (_, index) => `message ${index}`);
  await Promise.all(bodies.map(async (body) => producer.send({ topic, body, tags: run })));
  await until(() => done.size === count + 1);
  console.log(`${done.size} messages are done, 'flaky' at the try ${(again.at(-1) ?? 0) + 1}`);
  const busy = [...work.values()].filter((each) => each > 0).length;
  const queues = cluster === undefined ? 'the queues' : 'one queue';
  console.log(`${busy} members had work from ${queues}`);

  const [first, ...others] = members;
  await producer.send({ topic, body: 'one more', tags: run });
  // Gives back what it has not begun with, so that others need not wait until its time is over.
  await first?.shutdown();
  await until(() => done.size === count + 2);
  console.log(`First has left; ${done.size} messages are done`);
  await Promise.all(others.map(async (consumer) => consumer.shutdown()));
} finally {
  await Promise.all(members.map(async (consumer) => consumer.shutdown()));
  await producer.shutdown();
  await cluster?.shutdown();
}
