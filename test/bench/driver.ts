/**
 * Measures this client against any cluster: `npx tsx test/bench/driver.ts producer -n 127.0.0.1:9876 -t BenchTopic -w 64`.
 * Under tsx the figures are a little high; `compare.ts` runs it compiled.
 */
import type { PushConsumer } from '../../lib/consumer/push-consumer.ts';
import { Producer } from '../../lib/producer/producer.ts';
import { benchBody, printResult, readBenchArguments } from './bench-arguments.ts';
import type { BenchArguments } from './bench-arguments.ts';
import { runClosedLoop } from './closed-loop.ts';
import { Drain, measureIdle } from './drain.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';

const client = 'rocketmq-remoting';

async function produce(args: BenchArguments): Promise<object> {
  const { nameServers, group, topic, serializeType } = args;
  const producer = new Producer({
    nameServers,
    producerGroup: group,
    compressThreshold: 2 ** 31,
    serializeType,
  });
  await producer.start();
  const body = benchBody(args.bodySize);
  const result = await runClosedLoop(() => producer.send({ topic, body }), args);
  await producer.shutdown();
  return result;
}

/** Sends a backlog for consumers to drain. */
async function fill(args: BenchArguments): Promise<object> {
  const { nameServers, group, topic, messages } = args;
  await using producer = new Producer({ nameServers, producerGroup: group, compressThreshold: 2 ** 31 });
  await producer.start();
  const body = benchBody(args.bodySize);
  let left = messages;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await producer.send({ topic, body });
  };
  await Promise.all(Array.from({ length: args.inFlight }, worker));
  return { messages };
}

async function consume(args: BenchArguments): Promise<object> {
  const drain = new Drain(args.messages);
  const consumer = await startConsumer(args, args.read ? reader(drain.count) : drain.count);
  const result = await drain.done(args.seconds);
  await consumer.shutdown();
  return result;
}

/** Everything that the other clients decode before a listener is called. */
function reader(count: () => void): (message: ReceivedMessage) => void {
  return ({ messageId, properties, bornHost, storeHost, body }) => {
    if (messageId !== '' && properties.size > 0 && bornHost !== '' && storeHost !== '' && body.length > 0) {
      count();
    }
  };
}

async function idle(args: BenchArguments): Promise<object> {
  const consumer = await startConsumer(args, () => undefined);
  const result = await measureIdle(args.seconds, args.warmUp);
  await consumer.shutdown();
  return result;
}

async function startConsumer(
  args: BenchArguments,
  eachMessage: (message: ReceivedMessage) => void,
): Promise<PushConsumer> {
  // Loaded only here, so that a producer's process holds nothing of it.
  const { PushConsumer } = await import('../../lib/consumer/push-consumer.ts');
  const { nameServers, group, topic, serializeType } = args;
  const consumer = new PushConsumer({
    nameServers,
    consumerGroup: group,
    consumeFromWhere: 'first',
    serializeType,
  });
  consumer.subscribe(topic, { eachMessage });
  await consumer.start();
  return consumer;
}

const args = readBenchArguments(client);
const modes = { producer: produce, consumer: consume, idle, fill };
printResult(client, args, await modes[args.mode](args));
process.exit(0);
