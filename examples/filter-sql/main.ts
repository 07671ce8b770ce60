// The broker filters by an expression over properties: npx tsx examples/filter-sql/main.ts [--namesrv host:port]
import { parseArgs } from 'node:util';

import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { FilterError, Producer, PushConsumer } from '../../lib/index.ts';

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

async function send(): Promise<void> {
  for (const { body, region, price } of orders)
    await producer.send({ topic, body, properties: { region, price: String(price) } });
  // Time for the listener.
  await new Promise((resolve) => setTimeout(resolve, 500));
}

/** A consumer of what matches; each has a group of its own, as all members of one group must have the same filter. */
function filtering(consumerGroup: string, sql: string): PushConsumer {
  const consumer = new PushConsumer({ nameServers, consumerGroup });
  consumer.subscribe(topic, {
    filter: { sql },
    eachMessage: async (message) => console.log(`[${consumerGroup}] ${message.text()}`),
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
  await send();

  console.log('Now only those of the north or the west:');
  large.subscribe(topic, {
    filter: { sql: "region IN ('north', 'west') AND price > 100" },
    eachMessage: async (message) => console.log(`[LargeOrders] ${message.text()}`),
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  await send();
  await large.shutdown();
} finally {
  await producer.shutdown();
  await cluster?.shutdown();
}
