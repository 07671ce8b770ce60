/** Measures the npm package ali-ons 3.12.0 as `driver.ts` measures this client. For comparison only. */
import { createRequire } from 'node:module';

import { benchBody, printResult, readBenchArguments } from './bench-arguments.ts';
import type { BenchArguments } from './bench-arguments.ts';
import { runClosedLoop } from './closed-loop.ts';
import { Drain, measureIdle } from './drain.ts';

/** The part of ali-ons that is used; it has no types of its own. */
interface AliOns {
  readonly Producer: new (options: object) => {
    ready(): Promise<void>;
    send(message: object): Promise<{ readonly sendStatus: string }>;
    on(event: 'error', listener: () => void): void;
  };
  readonly Consumer: new (options: object) => {
    ready(): Promise<void>;
    subscribe(topic: string, filter: string, listener: () => Promise<void>): void;
    on(event: 'error', listener: () => void): void;
  };
  readonly Message: new (topic: string, tags: string, body: Buffer) => object;
}

const { Producer, Consumer, Message } = createRequire(import.meta.url)('ali-ons') as AliOns;
const ignore = (): void => {};
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const client = 'ali-ons';
/** Wanted by the constructors, and not used with `nameSrv`. */
const httpclient = {};

async function produce(args: BenchArguments): Promise<object> {
  const producer = new Producer({ nameSrv: args.nameServers, producerGroup: args.group, httpclient, logger });
  producer.on('error', ignore);
  await producer.ready();
  const body = benchBody(args.bodySize);
  return runClosedLoop(() => producer.send(new Message(args.topic, '', body)), args);
}

async function consume(args: BenchArguments): Promise<object> {
  const drain = new Drain(args.messages);
  await startConsumer(args, drain.count);
  return drain.done(args.seconds);
}

async function idle(args: BenchArguments): Promise<object> {
  await startConsumer(args, ignore);
  return measureIdle(args.seconds, args.warmUp);
}

async function startConsumer(args: BenchArguments, eachMessage: () => void): Promise<void> {
  const consumer = new Consumer({
    nameSrv: args.nameServers,
    consumerGroup: args.group,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    parallelConsumeLimit: 32,
    httpclient,
    logger,
  });
  consumer.on('error', ignore);
  consumer.subscribe(args.topic, '*', async () => eachMessage());
  await consumer.ready();
}

const args = readBenchArguments(client);
const fill = (): never => {
  throw new Error('Fill a topic with driver.ts');
};
const modes = { producer: produce, consumer: consume, idle, fill };
printResult(client, args, await modes[args.mode](args));
process.exit(0);
