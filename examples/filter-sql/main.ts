// The broker filters by an expression over properties: npx tsx examples/filter-sql/main.ts [--namesrv host:port]
import { parseArgs } from 'node:util';

import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { FilterError, Producer, PushConsumer, type ReceivedMessage } from '../../lib/index.ts';

// New for each run: what an earlier one has left, and its last filter passed over, would match the first filter again.
const topic = `FilterTopic_${Date.now().toString(36)}`;
const { namesrv } = parseArgs({ options: { namesrv: { type: 'string' } } }).values;
const cluster = namesrv === undefined ? await EmbeddedCluster.start({ topics: { [topic]: 2 } }) : undefined;
const nameServers = namesrv ?? cluster?.nameServers;

const producer = new Producer({ nameServers });
await producer.start();

const orders = [
  { body: 'a pencil', region: 'north', price: 2 },
  { body: 'a bicycle', region: 'north', price: 450 },
  { body: 'a boat', region: 'south', price: 9_000 },
  { body: 'a lamp', region: 'west', price: 60 },
];

const pause = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const shown: string[] = [];

/** Sends all orders, and waits for those that match. */
async function send({ matching }: { readonly matching: number }): Promise<void> {
  const expected = shown.length + matching;
  for (const { body, region, price } of orders)
    await producer.send({ topic, body, properties: { region, price: String(price) } });
  for (let waited = 0; waited < 10_000 && shown.length < expected; waited += 50) await pause(50);
  // For those that should not come.
  await pause(300);
}

async function show(consumerGroup: string, message: ReceivedMessage): Promise<void> {
  console.log(`[${consumerGroup}] ${message.text()}`);
  shown.push(message.text());
}

/** A consumer of what matches; each has a group of its own, as all members of one group must have the same filter. */
function filtering(consumerGroup: string, sql: string): PushConsumer {
  const consumer = new PushConsumer({ nameServers, consumerGroup });
  consumer.subscribe(topic, {
    filter: { sql },
    eachMessage: async (message) => show(consumerGroup, message),
  });
  return consumer;
}

try {
  // The first message makes the topic, where brokers allow that. Nobody wants it.
  if (cluster === undefined) await producer.send({ topic, body: 'an eraser', properties: { price: '1' } });
  const wrong = filtering('WrongGroup', 'price >');
  const error: unknown = await wrong.start().catch((reason: unknown) => reason);
  // On a broker without enablePropertyFilter=true the error says that instead, and the example ends.
  if (!(error instanceof FilterError)) throw error;
  console.log(`${error.name} ${error.problem}`);
  if (error.problem === 'disabled') throw error;

  const large = filtering('LargeOrders', 'price > 100');
  await large.start();
  console.log('Orders above 100:');
  await send({ matching: 2 });

  console.log('Now only those of the north or the west:');
  large.subscribe(topic, {
    filter: { sql: "region IN ('north', 'west') AND price > 100" },
    eachMessage: async (message) => show('LargeOrders', message),
  });
  // Until the brokers have heard of it.
  await pause(1_000);
  await send({ matching: 1 });
  await large.shutdown();
} finally {
  await producer.shutdown();
  await cluster?.shutdown();
}
