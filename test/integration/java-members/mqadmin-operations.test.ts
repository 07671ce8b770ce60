import { expect } from 'chai';
import { after, before, it } from 'mocha';

import type { ConsumeFailedEvent, OffsetMovedEvent } from '../../../lib/consumer/events.ts';
import type { PushConsumer, PushConsumerOptions } from '../../../lib/consumer/push-consumer.ts';
import { Clients } from '../../support/clients.ts';
import { uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import type { RealCluster } from '../../support/real/real-cluster.ts';
import { describeProcesses, sharedCluster } from '../../support/real/target.ts';

/** A 5.x broker tells of a reset with the next pull, which it may hold for 15 s; a JVM for mqadmin takes a while, too. */
const SLOW = { within: 60_000 } as const;

await describeProcesses('mqadmin operating on a consumer of ours', (version) => {
  let cluster: RealCluster;
  let clients: Clients;

  before(async () => {
    cluster = await sharedCluster(version);
    clients = new Clients(cluster.nameServers);
  });

  after(async () => clients?.[Symbol.asyncDispose]());

  /** A started consumer of a topic of its own with one queue, and all that came to its listener. */
  async function consuming(
    listener: (text: string) => Promise<void> | void = () => {},
    options: Partial<PushConsumerOptions> = {},
  ) {
    const topic = uniqueName('Operated');
    await cluster.createTopic(topic, { queues: 1 });
    const got: string[] = [];
    const moved: OffsetMovedEvent[] = [];
    const eachMessage = async (message: { text(): string }): Promise<void> => {
      got.push(message.text());
      await listener(message.text());
    };
    const consumer = clients.consumer(
      topic,
      { eachMessage },
      { persistConsumerOffsetInterval: 100, ...options },
    );
    consumer.on('offsetMoved', (event) => moved.push(event));
    await consumer.start();
    const count = async (messages: number): Promise<void> => {
      await eventually(() => (got.length >= messages ? true : undefined), { what: `${messages} messages` });
    };
    const committed = async (offset: number): Promise<void> => {
      const status = () => consumer.queues().find(({ queue }) => queue.topic === topic);
      await eventually(() => (status()?.committed === offset ? true : undefined), {
        what: `a commit of ${offset}`,
        otherwise: () => String(status()?.committed),
      });
    };
    return { topic, consumer, got, moved, count, committed };
  }

  const reset = async (consumer: PushConsumer, topic: string, to: string): Promise<string> =>
    cluster.mqadmin(['resetOffsetByTime', '-g', consumer.consumerGroup, '-t', topic, '-s', to, '-f', 'true']);

  it('resetOffsetByTime to a moment in the past brings what was stored from then on, and nothing older', async () => {
    const { topic, consumer, got, moved, count, committed } = await consuming();
    await clients.send(topic, ['a', 'b', 'c']);
    await count(3);
    // Stored times have a millisecond.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const moment = Date.now();
    await clients.send(topic, ['d', 'e']);
    await count(5);
    await committed(5);
    expect(await reset(consumer, topic, String(moment))).to.match(/broker-a +0 +3/);
    await clients.send(topic, ['f']);
    await eventually(() => (moved.length > 0 ? true : undefined), { what: 'the event', ...SLOW });
    await eventually(() => (got.slice(5).filter((text) => text === 'f').length > 0 ? true : undefined), {
      what: 'f',
      ...SLOW,
    });
    await committed(6);
    expect(moved[0]).to.include({ to: 3 });
    // The pull that brought the news of 5.x may have been one for `f`, in the old ownership.
    expect(
      got
        .slice(5)
        .filter((text) => text !== 'f')
        .sort(),
    ).to.deep.equal(['d', 'e']);
  });

  it('resetOffsetByTime to now passes over all that waits, also what was pulled already', async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const listener = async (text: string): Promise<void> => (text === 'old 0' ? gate : undefined);
    const { topic, consumer, got, moved, count, committed } = await consuming(listener, {
      consumeConcurrency: 1,
    });
    await clients.send(
      topic,
      Array.from({ length: 20 }, (_, index) => `old ${index}`),
    );
    await count(1);
    await eventually(
      () =>
        consumer.queues().some(({ cached, queue }) => queue.topic === topic && cached === 20)
          ? true
          : undefined,
      { what: 'all messages in the cache' },
    );
    await reset(consumer, topic, 'now');
    await clients.send(topic, ['new']);
    await eventually(() => (moved.length > 0 ? true : undefined), { what: 'the event', ...SLOW });
    release();
    await eventually(() => (got.includes('new') ? true : undefined), { what: 'the new message', ...SLOW });
    await committed(21);
    expect(moved[0]).to.include({ to: 20 });
    expect(got).to.deep.equal(['old 0', 'new']);
  });

  it('consumerStatus -s shows what listeners are at work on, and all else as our own text has it', async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { topic, consumer, count } = await consuming(async () => gate);
    const [sent] = await clients.send(topic, ['a']);
    await count(1);
    const { consumerGroup, clientId = '' } = consumer;
    const output = await cluster.mqadmin(['consumerStatus', '-g', consumerGroup, '-i', clientId, '-s']);
    expect(output).to.match(/^#Consumer jstack#$/m);
    expect(output).to.match(
      new RegExp(`message ${sent?.messageId} at offset 0, for \\d+ ms, reconsumed 0 times, queue active`),
    );
    if (version === '5.5.0') expect(shape(output)).to.deep.equal(shape(consumer.describe()));
    release();
  });

  it('queryMsgById -d has the listener consume one message, and shows the result, the time and the exception', async () => {
    const failed: ConsumeFailedEvent[] = [];
    const { topic, consumer, got, count } = await consuming((text) => {
      if (text === 'bad' && got.length > 2) throw new TypeError('It does not work');
    });
    consumer.on('consumeFailed', (event) => failed.push(event));
    const [good, bad] = await clients.send(topic, ['good', 'bad']);
    await count(2);
    const { consumerGroup, clientId = '' } = consumer;
    const push = async (msgId = ''): Promise<string> => {
      const place = version === '5.5.0' ? ['-t', topic] : [];
      return cluster.mqadmin(['queryMsgById', ...place, '-i', msgId, '-g', consumerGroup, '-d', clientId]);
    };
    const [first, second] = await Promise.all([push(good?.offsetMessageId), push(bad?.offsetMessageId)]);
    expect(first).to.match(
      /ConsumeMessageDirectlyResult \[order=false, autoCommit=true, consumeResult=CR_SUCCESS, remark=null, spentTimeMills=\d+\]/,
    );
    expect(second).to.match(/consumeResult=CR_THROW_EXCEPTION, remark=TypeError: It does not work/);
    expect(second).to.match(/spentTimeMills=\d+\]/);
    expect(got.slice(2).sort()).to.deep.equal(['bad', 'good']);
    // Outside of queues and offsets: nothing is sent back.
    expect(failed).to.deep.equal([]);
  });

  it('consumerProgress counts what a consumer is behind', async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { topic, consumer, count } = await consuming(async (text) => (text === '0' ? undefined : gate));
    await clients.send(topic, ['0', '1', '2', '3']);
    await count(4);
    const output = await eventually(
      async () => {
        const text = await cluster.mqadmin(['consumerProgress', '-g', consumer.consumerGroup]);
        return /Diff Total: 3$/m.test(text) ? text : undefined;
      },
      { what: 'three messages behind', ...SLOW },
    );
    expect(output).to.match(new RegExp(`^${topic} +broker-a +0 +4 +1 +3`, 'm'));
    release();
  });
});

/** The lines of a text about a member, without what changes from one moment to the next, in any order within a section. */
function shape(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replaceAll(/\d+\.\d\d|\d{17}|\d+(?= ms)|\b\d+(?=[,\]])/g, 'N').trimEnd())
    .sort();
}
