// Every member gets every message, and goes on where it left off: npx tsx examples/broadcasting/main.ts [--namesrv host:port]
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Producer, PushConsumer } from '../../lib/index.ts';

const topic = 'BroadcastTopic';
const consumerGroup = 'BroadcastConsumerGroup';

const { namesrv } = parseArgs({ options: { namesrv: { type: 'string' } } }).values;
const cluster = namesrv === undefined ? await EmbeddedCluster.start({ topics: { [topic]: 2 } }) : undefined;
const nameServers = namesrv ?? cluster?.nameServers;
// A service keeps the default, .rocketmq_offsets in its home folder, or names a volume that outlives it.
const localOffsetStoreDir = await mkdtemp(join(tmpdir(), 'broadcasting-'));

/** What an earlier run has sent is old news. */
const began = Date.now();

/** Messages that listeners were given, and a wait for as many: at most 20 s. */
let given = 0;
async function until(count: number): Promise<void> {
  for (let look = 0; look < 400; look++) {
    if (given >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A member of the group. Its folder is named by its client id, so the address and the name must stay the same. */
async function member(instanceName: string): Promise<PushConsumer> {
  const consumer = new PushConsumer({
    nameServers,
    consumerGroup,
    messageModel: 'broadcasting',
    clientIp: '127.0.0.1',
    instanceName,
    localOffsetStoreDir,
    consumeFromWhere: 'first',
  });
  consumer.subscribe(topic, {
    eachMessage: async (message) => {
      if (message.bornTimestamp < began) return;
      console.log(`[${instanceName}] ${message.text()}`);
      given++;
      if (message.text() === 'price 2') throw new Error('Out of order');
    },
  });
  consumer.on('consumeFailed', ({ action }) => console.log(`[${instanceName}] failed, ${action}`));
  await consumer.start();
  return consumer;
}

const producer = new Producer({ nameServers });
await producer.start();
const send = async (...bodies: string[]): Promise<void> => {
  for (const body of bodies) await producer.send({ topic, body });
};

try {
  // The first message makes the topic, where brokers allow that.
  await send('price 0');
  const first = await member('First');
  const second = await member('Second');
  await send('price 1', 'price 2', 'price 3');
  await until(8);

  await second.shutdown();
  console.log('Second has left');
  await send('price 4');
  await until(9);

  const again = await member('Second');
  console.log('Second is back');
  // Two for price 5, and one for price 4, which Second has missed.
  await send('price 5');
  await until(12);

  const path = join(localOffsetStoreDir, '127.0.0.1@Second', consumerGroup, 'offsets.json');
  await Promise.all([first.shutdown(), again.shutdown()]);
  console.log(`offsets.json of Second: ${(await readFile(path, 'utf8')).replaceAll(/\s+/g, '')}`);
} finally {
  await producer.shutdown();
  await cluster?.shutdown();
  await rm(localOffsetStoreDir, { recursive: true });
}
