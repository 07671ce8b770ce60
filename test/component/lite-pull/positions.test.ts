import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { ConsumerWarning, OffsetMovedEvent } from '../../../lib/consumer/events.ts';
import {
  BrokerNotFoundError,
  IllegalStateError,
  InvalidOptionError,
  ResponseError,
} from '../../../lib/errors.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { pollAll, queueOf, startGroup, stored, subscribed, textsOf, topic } from './scene.ts';

const refusal = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it was not refused',
    (error: unknown) => error,
  );

describe('Positions of a LitePullConsumer, in virtual time', () => {
  it('are moved by seek, to an offset, an end or a time, and read from there', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 10, 'a');
    await group.clock.advance(60_000);
    const noon = group.clock.now();
    await group.clock.advance(60_000);
    await group.send(topic, 10, 'b');
    const consumer = await subscribed(group);
    const queue = queueOf(0);
    const next = async (): Promise<string | undefined> =>
      textsOf(await group.run(consumer.poll({ maxMessages: 1, timeout: 100 })))[0];
    expect(await next()).to.equal('a0');
    await group.run(consumer.seek(queue, 7));
    expect(await next()).to.equal('a7');
    await group.run(consumer.seekToBegin(queue));
    expect(await next()).to.equal('a0');
    await group.run(consumer.seekToTimestamp(queue, noon));
    expect(await next()).to.equal('b0');
    expect(await group.run(consumer.offsetForTimestamp(queue, noon))).to.equal(10);
    await group.run(consumer.seekToEnd(queue));
    expect(await next()).to.equal(undefined);
    await group.send(topic, 1, 'c');
    expect(await next()).to.equal('c0');
  });

  it('are refused outside of what the broker has, and of queues that are not assigned', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 10);
    const consumer = await subscribed(group);
    const outside = await group.run(refusal(consumer.seek(queueOf(0), 11)));
    expect(outside).to.be.instanceOf(InvalidOptionError);
    expect(outside).to.have.property('message').that.includes('from 0 to 10');
    for (const queue of [queueOf(7), { ...queueOf(0), topic: 'Other' }]) {
      expect(await group.run(refusal(consumer.seek(queue, 0)))).to.be.instanceOf(IllegalStateError);
      expect(await group.run(refusal(consumer.commit(queue)))).to.be.instanceOf(IllegalStateError);
    }
    const elsewhere = { ...queueOf(0), brokerName: 'broker-z' };
    expect(await group.run(refusal(consumer.committed(elsewhere)))).to.be.instanceOf(BrokerNotFoundError);
  });

  it('make void what was pulled, read and asked for before', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 30);
    const consumer = await subscribed(group);
    const [held] = await group.run(consumer.poll({ maxMessages: 5 }));
    if (held === undefined) throw new Error('Nothing came');
    // The answer to a pull of the old position comes long after.
    group.cluster.control(Commands.litePullMessage, { late: 3_000, times: 1 });
    await group.run(consumer.seek(queueOf(0), 28));
    expect(consumer.ack(held)).to.equal(false);
    expect(textsOf(await pollAll(group, consumer, 2))).to.deep.equal(['28', '29']);
    expect(await group.run(consumer.poll())).to.deep.equal([]);
    await group.clock.advance(5_000);
    expect(stored(group)).to.deep.equal([30]);
  });

  it('are stored when the user seeks back, also if nothing is consumed from there', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 10);
    const consumer = await subscribed(group);
    await pollAll(group, consumer, 10);
    await group.run(consumer.commit());
    expect(stored(group)).to.deep.equal([10]);
    await group.run(consumer.seekToBegin(queueOf(0)));
    await group.run(consumer.shutdown());
    expect(stored(group)).to.deep.equal([0]);
  });

  it('are stored at commit alone where nothing is committed automatically', async () => {
    await using group = await startGroup(2);
    await group.send(topic, 40);
    const consumer = await subscribed(group, { autoCommit: false });
    await pollAll(group, consumer, 20);
    await group.clock.advance(20_000);
    expect(stored(group)).to.deep.equal([-1, -1]);
    await group.run(consumer.commitSync());
    const [first = 0, second = 0] = stored(group);
    expect(first + second).to.equal(20);
    await pollAll(group, consumer, 20);
    await group.run(consumer.seek(queueOf(1), 3));
    await group.run(consumer.shutdown());
    expect(stored(group)).to.deep.equal([first, second]);
  });

  it('can be stored queue by queue, and by offset up to what was given out', async () => {
    await using group = await startGroup(2);
    await group.send(topic, 40);
    const consumer = await subscribed(group, { autoCommit: false, pullBatchSize: 20 });
    await pollAll(group, consumer, 40);
    await group.run(consumer.commit(queueOf(0), 15));
    expect(stored(group)).to.deep.equal([15, -1]);
    expect(await group.run(consumer.committed(queueOf(0)))).to.equal(15);
    await group.run(consumer.commit(queueOf(0), 12));
    await group.run(consumer.commit(queueOf(1)));
    expect(stored(group)).to.deep.equal([12, 20]);
    const beyond = await group.run(refusal(consumer.commit(queueOf(0), 21)));
    expect(beyond).to.be.instanceOf(InvalidOptionError);
    expect(beyond).to.have.property('message').that.includes('seek');
    await group.run(consumer.commit());
    expect(stored(group)).to.deep.equal([20, 20]);
  });

  it('reject a commit that the broker refuses, and only warn of an automatic one', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 10);
    const consumer = await subscribed(group);
    const warnings: ConsumerWarning[] = [];
    consumer.on('warning', (warning) => warnings.push(warning));
    await group.run(consumer.poll());
    const control = group.cluster.control(Commands.updateConsumerOffset, { answer: 1, remark: 'no' });
    expect(await group.run(refusal(consumer.commit()))).to.be.instanceOf(ResponseError);
    expect(warnings).to.deep.equal([]);
    await group.clock.advance(5_000);
    expect(warnings.map(({ kind }) => kind)).to.deep.equal(['commitFailed']);
    control.remove();
    await group.run(consumer.commit());
    expect(stored(group)).to.deep.equal([10]);
  });

  it('are moved by the broker, and what was given out before is void', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 20);
    const consumer = await subscribed(group);
    const moved: OffsetMovedEvent[] = [];
    consumer.on('offsetMoved', (event) => moved.push(event));
    const [held] = await pollAll(group, consumer, 20);
    await group.run(consumer.commit());
    const control = group.cluster.control(Commands.litePullMessage, {
      answer: {
        code: 21,
        ext: { suggestWhichBrokerId: '0', nextBeginOffset: '4', minOffset: '0', maxOffset: '20' },
      },
      times: 1,
    });
    await group.until(() => moved.length > 0);
    expect([control.hits, moved[0]?.to]).to.deep.equal([1, 4]);
    if (held !== undefined) expect(consumer.ack(held)).to.equal(false);
    expect(textsOf(await group.run(consumer.poll()))[0]).to.equal('4');
    expect(stored(group)).to.deep.equal([4]);
  });

  it('of a queue that was never read are asked of the broker', async () => {
    await using group = await startGroup(2);
    await group.send(topic, 20);
    const first = await subscribed(group);
    await pollAll(group, first, 20);
    await group.run(first.commit());
    await group.run(first.shutdown());
    const tool = group.lite();
    await group.run(tool.start());
    expect(await group.run(tool.committed(queueOf(1)))).to.equal(10);
    const other = group.lite({ consumerGroup: 'Other' });
    await group.run(other.start());
    // Java's brokers say 0 where nothing is stored and the queue still has its first message.
    expect(await group.run(other.committed(queueOf(1)))).to.equal(0);
  });
});

describe('LitePullConsumer.pull, in virtual time', () => {
  it('reads a queue at any offset and touches nothing of the group', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 20);
    const tool = group.lite();
    await group.run(tool.start());
    expect((await group.run(tool.fetchMessageQueues(topic))).map(({ queueId }) => queueId)).to.deep.equal([
      0,
    ]);
    const pulled = await group.run(tool.pull(queueOf(0), 5, { maxMessages: 3 }));
    expect(textsOf(pulled.messages)).to.deep.equal(['5', '6', '7']);
    expect(pulled).to.include({ status: 'FOUND', nextOffset: 8, minOffset: 0, maxOffset: 20 });
    expect((await group.run(tool.pull(queueOf(0), 20))).status).to.equal('NO_NEW_MSG');
    expect((await group.run(tool.pull(queueOf(0), 99))).status).to.equal('OFFSET_ILLEGAL');
    expect(await group.run(refusal(tool.pull(queueOf(3), 0)))).to.be.instanceOf(ResponseError);
    expect(stored(group)).to.deep.equal([-1]);
    expect(group.cluster.requests({ command: Commands.updateConsumerOffset })).to.deep.equal([]);
  });

  it('compares tags, and waits for a message if it is told to, no longer than its signal allows', async () => {
    await using group = await startGroup(1);
    const tool = group.lite();
    await group.run(tool.start());
    const held = tool.pull(queueOf(0), 0, { hold: 10_000, filter: { tags: ['wanted'] } });
    await group.clock.advance(1_000);
    const producer = await group.producer();
    for (const tags of ['other', 'wanted']) await group.run(producer.send({ topic, body: tags, tags }));
    expect(textsOf((await group.run(held)).messages)).to.deep.equal(['wanted']);
    const abort = new AbortController();
    const waiting = refusal(tool.pull(queueOf(0), 2, { hold: 10_000, signal: abort.signal }));
    await group.clock.advance(1_000);
    abort.abort(new Error('enough'));
    expect(await waiting).to.have.property('message', 'enough');
  });
});
