// Retries, the dead-letter queue, and the way back: npx tsx examples/retry-and-dlq/main.ts [--namesrv host:port]
import { parseArgs } from 'node:util';

import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { newMessageFrom, Producer, PushConsumer } from '../../lib/index.ts';

const topic = 'RetryExampleTopic';
// A group and a tag of its own for each run, so that messages and dead letters of earlier runs are none of this one's.
const run = Date.now().toString(36);
const consumerGroup = `RetryExample_${run}`;

const { values } = parseArgs({ options: { namesrv: { type: 'string' } } });
const cluster =
  values.namesrv === undefined ? await EmbeddedCluster.start({ topics: { [topic]: 2 } }) : undefined;
const nameServers = values.namesrv ?? cluster?.nameServers ?? '127.0.0.1:9876';

const producer = new Producer({ nameServers, producerGroup: 'RetryExampleProducer' });
const orders = new PushConsumer({ nameServers, consumerGroup, maxReconsumeTimes: 2 });
const letters = new PushConsumer({
  nameServers,
  consumerGroup: `${consumerGroup}_letters`,
  consumeFromWhere: 'first',
});

let mended = 0;
let finish = (): void => {};
const finished = new Promise<void>((resolve) => (finish = resolve));

orders.subscribe(topic, {
  filter: run,
  eachMessage: async (message) => {
    const text = message.text();
    console.log(`[orders] ${text}, try ${message.reconsumeTimes + 1}, id ${message.messageId}`);
    // Straight to the dead-letter queue.
    if (text === 'poison') return 'deadLetter';
    // Again after 1 s: level 1 of the broker's messageDelayLevel. A throw would leave it to the broker: 10 s, 30 s, 1 min …
    if (text === 'broken' || (text === 'flaky' && message.reconsumeTimes === 0)) return { delayLevel: 1 };
    if (text.endsWith('(mended)') && ++mended === 2) finish();
    return 'success';
  },
});

// The dead letters of a group are a topic like any other, consumed by another group.
letters.subscribe(`%DLQ%${consumerGroup}`, {
  eachMessage: async (letter) => {
    console.log(`[letters] ${letter.text()}, sent to ${letter.originTopic}, id ${letter.messageId}`);
    await producer.send({ ...newMessageFrom(letter), body: `${letter.text()} (mended)` });
  },
});

try {
  await producer.start();
  // Where brokers make topics by themselves, the first message makes this one.
  await producer.send({ topic, body: 'nobody wants this', tags: 'Other' });
  await Promise.all([orders.start(), letters.start()]);
  for (const body of ['plain', 'flaky', 'broken', 'poison']) {
    await producer.send({ topic, body, tags: run, keys: body });
  }
  const late = setTimeout(() => finish(), 90_000);
  await finished;
  clearTimeout(late);
  console.log(mended === 2 ? '\nAs it should be.' : '\nTwo mended orders were expected within 90 s.');
  process.exitCode = mended === 2 ? 0 : 1;
} finally {
  await Promise.all([orders.shutdown(), letters.shutdown()]);
  await producer.shutdown();
  await cluster?.shutdown();
}
