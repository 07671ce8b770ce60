// The steps of each order one after the other, whoever consumes them: npx tsx examples/orderly/main.ts [--namesrv host:port]
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Producer, PushConsumer } from '../../lib/index.ts';

const topic = 'OrderTopic';
const consumerGroup = 'OrderConsumerGroup';
const steps = ['created', 'paid', 'packed', 'sent'];
const orders = Array.from({ length: 8 }, (_, index) => `order ${index + 1}`);

const { namesrv } = parseArgs({ options: { namesrv: { type: 'string' } } }).values;
const cluster = namesrv === undefined ? await EmbeddedCluster.start({ topics: { [topic]: 4 } }) : undefined;
const nameServers = namesrv ?? cluster?.nameServers;

/** By order, the steps that were consumed. */
const done = new Map<string, string[]>();
let refusals = 1;

async function member(name: string): Promise<PushConsumer> {
  const consumer = new PushConsumer({
    nameServers,
    consumerGroup,
    instanceName: name,
    consumeMode: 'orderly',
    consumeFromWhere: 'first',
  });
  consumer.subscribe(topic, {
    eachMessage: async (message, { queue }) => {
      const [order = '', step = ''] = message.text().split(': ');
      // What depends on it waits: the queue rests, and then this message comes again.
      if (step === 'paid' && refusals-- > 0) {
        console.log(`[${name}] ${order} cannot be paid yet, queue ${queue.queueId} rests`);
        return { suspend: 300 };
      }
      await delay(20);
      done.set(order, [...(done.get(order) ?? []), step]);
      console.log(`[${name}] queue ${queue.queueId} ${message.text()}`);
      return undefined;
    },
  });
  consumer.on('queueLocked', ({ queue, until }) =>
    console.log(`[${name}] queue ${queue.queueId} is locked until ${new Date(until).toISOString()}`),
  );
  await consumer.start();
  return consumer;
}

const producer = new Producer({ nameServers });
await producer.start();
const members: PushConsumer[] = [];

try {
  members.push(await member('First'));
  for (const [index, step] of steps.entries()) {
    // The same key, the same queue: the order of a queue is all the order that there is.
    for (const order of orders)
      await producer.send({ topic, body: `${order}: ${step}` }, { shardingKey: order });
    // Queues change hands in the middle of it.
    if (index === 1) members.push(await member('Second'));
  }
  const end = Date.now() + 60_000;
  while ([...done.values()].flat().length < orders.length * steps.length && Date.now() < end) await delay(50);

  const wrong = orders.filter((order) => done.get(order)?.join() !== steps.join());
  console.log(
    wrong.length === 0
      ? `As it should be: ${orders.length} orders, each ${steps.join(', ')}, each step once`
      : `Wrong: ${wrong.map((order) => `${order}: ${done.get(order)?.join()}`).join('; ')}`,
  );
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  await Promise.all(members.map(async (each) => each.shutdown()));
  await producer.shutdown();
  await cluster?.shutdown();
}
