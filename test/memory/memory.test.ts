import { fork } from 'node:child_process';
import { once } from 'node:events';

import { expect } from 'chai';
import { after, before, it } from 'mocha';

import { uniqueName } from '../support/everywhere.ts';
import { describeLong } from '../support/long.ts';
import type { Appetite, Backlog, Outcome } from './backlog.ts';

/** What a consumer may take beyond its configured cache, in MiB. */
const ALLOWANCE = 64;

const topic = 'MemoryTopic';

/** Starts a program of this folder; resolves to what it tells first. */
async function run<T>(file: string, argument: object): Promise<{ readonly told: T } & Disposable> {
  const child = fork(new URL(file, import.meta.url), [JSON.stringify(argument)], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended with ${String(code)} before it told anything`);
  });
  const [told] = (await Promise.race([once(child, 'message'), ended])) as [T];
  ended.catch(() => {});
  return { told, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

interface Broker {
  readonly nameServers: string;
}

describeLong('Memory of a consumer whose listeners do not end', function () {
  this.timeout(1_200_000);
  const million: Omit<Backlog, 'topic'> = { queues: 8, messages: 1_000_000, bodySize: 100 };
  let broker: Awaited<ReturnType<typeof run<Broker>>> | undefined;

  before(async () => {
    broker = await run<Broker>('backlog-process.ts', { topic, ...million });
  });

  after(() => broker?.[Symbol.dispose]());

  async function consume(
    { nameServers }: Broker,
    appetite: Omit<Appetite, 'nameServers' | 'consumerGroup' | 'topic'>,
  ): Promise<Outcome> {
    const consumerGroup = uniqueName('Memory');
    using consumer = await run<Outcome>('consumer-process.ts', {
      topic,
      nameServers,
      consumerGroup,
      ...appetite,
    });
    const { grown, counted, buffers, cached, done, holds } = consumer.told;
    const limit = holds.length * appetite.pullThresholdSizeForQueue;
    console.log(
      `      ${cached} messages cached, ${done} done; limit ${limit} MiB, counted ${counted.toFixed(1)}, buffers ${buffers.toFixed(1)}, resident memory grew by ${grown.toFixed(1)} at its highest`,
    );
    return consumer.told;
  }

  const waiting = (): Broker => {
    if (broker === undefined) throw new Error('The messages were not sent');
    return broker.told;
  };

  it('stays below its cache and 64 MiB with 1,000,000 messages waiting, at the default limits', async () => {
    const outcome = await consume(waiting(), {
      oneHangsOf: 1,
      pullThresholdForQueue: 1_000,
      pullThresholdSizeForQueue: 100,
      consumeConcurrentlyMaxSpan: 2_000,
    });
    // One pull beyond the limit at most.
    expect(outcome.cached).to.be.within(8 * 1_000, 8 * 1_032);
    expect(outcome.grown).to.be.below(outcome.counted + ALLOWANCE);
  });

  it('stays below it when the limit is that of bytes', async () => {
    const outcome = await consume(waiting(), {
      oneHangsOf: 1,
      pullThresholdForQueue: 65_535,
      pullThresholdSizeForQueue: 4,
      consumeConcurrentlyMaxSpan: 65_535,
    });
    expect(outcome.holds).to.include('tooManyBytes');
    expect(outcome.grown).to.be.below(8 * 4 + ALLOWANCE);
  });

  it('stays below it when one of 32 messages never ends, and those that it came with are done', async () => {
    const backlog = { topic, queues: 2, messages: 60_000, bodySize: 8_000 };
    using other = await run<Broker>('backlog-process.ts', backlog);
    const outcome = await consume(other.told, {
      oneHangsOf: 32,
      pullThresholdForQueue: 65_535,
      pullThresholdSizeForQueue: 8,
      consumeConcurrentlyMaxSpan: 65_535,
    });
    expect(outcome.done).to.be.above(1_000);
    expect(outcome.buffers).to.be.below(outcome.counted * 1.1 + 1);
    expect(outcome.grown).to.be.below(2 * 8 + ALLOWANCE);
  });
});
