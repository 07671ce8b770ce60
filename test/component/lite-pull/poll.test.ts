import { expect } from 'chai';
import { describe, it } from 'mocha';

import { IllegalStateError, InvalidOptionError } from '../../../lib/errors.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { pollAll, queueOf, startGroup, stored, subscribed, textsOf, topic } from './scene.ts';

describe('LitePullConsumer.poll, in virtual time', () => {
  it('gives the messages of each queue in order, and none after its timeout', async () => {
    await using group = await startGroup(4);
    const sent = await group.send(topic, 40);
    const consumer = await subscribed(group);
    const messages = await pollAll(group, consumer, 40);
    expect(textsOf(messages).toSorted()).to.deep.equal(sent.toSorted());
    for (const queueId of [0, 1, 2, 3]) {
      const offsets = messages.filter((each) => each.queueId === queueId).map((each) => each.queueOffset);
      expect(offsets).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
    const began = group.clock.uptime();
    expect(await group.run(consumer.poll())).to.deep.equal([]);
    expect(group.clock.uptime() - began).to.be.within(5_000, 5_020);
    expect(await group.run(consumer.poll({ timeout: 0 }))).to.deep.equal([]);
  });

  it('gives every queue its turn', async () => {
    await using group = await startGroup(4);
    await group.send(topic, 400);
    const consumer = await subscribed(group, { pullBatchSize: 32 });
    await group.clock.advance(100);
    const batches = [0, 1, 2, 3].map(async () => consumer.poll({ maxMessages: 5 }));
    const queues = (await group.run(Promise.all(batches))).map((batch) => batch[0]?.queueId);
    expect(queues).to.have.members([0, 1, 2, 3]);
  });

  it('is woken by a message that comes while it waits', async () => {
    await using group = await startGroup(1);
    const consumer = await subscribed(group);
    const polled = consumer.poll();
    await group.clock.advance(2_000);
    await group.send(topic, 1);
    expect(textsOf(await group.run(polled, 100))).to.deep.equal(['0']);
  });

  it('is given up by its signal, with its reason, and loses nothing by that', async () => {
    await using group = await startGroup(1);
    const consumer = await subscribed(group);
    const abort = new AbortController();
    const polled = consumer.poll({ signal: abort.signal }).catch((error: unknown) => error);
    await group.clock.advance(100);
    abort.abort(new Error('enough'));
    expect(await polled).to.have.property('message', 'enough');
    expect(await consumer.poll({ signal: abort.signal }).catch((error: unknown) => error)).to.have.property(
      'message',
      'enough',
    );
    await group.send(topic, 3);
    expect(textsOf(await pollAll(group, consumer, 3))).to.deep.equal(['0', '1', '2']);
  });

  it('counts what a poll gave as consumed at the next, and commits that every five seconds', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 20);
    const consumer = await subscribed(group);
    await group.run(consumer.poll());
    await group.clock.advance(10_000);
    // 0 says that there is a group.
    expect(stored(group)).to.deep.equal([0]);
    await group.run(consumer.poll());
    await group.clock.advance(5_000);
    expect(stored(group)).to.deep.equal([10]);
  });

  it('commits at shutdown what is consumed, and waits for what is not', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 20);
    const consumer = await subscribed(group);
    await pollAll(group, consumer, 20);
    const began = group.clock.uptime();
    const leaving = consumer.shutdown();
    await group.clock.advance(1_000);
    // The loop of the user comes round once more.
    const error: unknown = await consumer.poll().catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(IllegalStateError);
    await group.run(leaving);
    expect(group.clock.uptime() - began).to.be.below(1_100);
    expect(stored(group)).to.deep.equal([20]);
    expect(group.cluster.group('Group').members).to.deep.equal([]);
  });

  it('leaves what nobody consumed to the next member', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 20);
    const consumer = await subscribed(group);
    await group.run(consumer.poll());
    await group.run(consumer.poll());
    await group.run(consumer.shutdown());
    expect(stored(group)).to.deep.equal([10]);
    const next = await subscribed(group);
    expect(textsOf(await group.run(next.poll()))[0]).to.equal('10');
  });

  it('gives nothing to polls that wait at shutdown', async () => {
    await using group = await startGroup(1);
    const consumer = await subscribed(group);
    const waiting = [consumer.poll(), consumer.poll({ timeout: 60_000 })];
    await group.run(consumer.shutdown());
    expect(await Promise.all(waiting)).to.deep.equal([[], []]);
  });

  it('refuses what makes no sense', async () => {
    await using group = await startGroup(1);
    const consumer = group.lite();
    const refused = async (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => 'nothing',
        (error: unknown) => error,
      );
    expect(await refused(consumer.poll())).to.be.instanceOf(IllegalStateError);
    expect(() => consumer.messages()).to.throw(IllegalStateError);
    await group.run(consumer.start());
    expect(await refused(consumer.poll({ maxMessages: 0 }))).to.be.instanceOf(InvalidOptionError);
    expect(await refused(consumer.poll({ timeout: -1 }))).to.be.instanceOf(InvalidOptionError);
  });

  it('pulls no more than its limits while nobody polls', async () => {
    await using group = await startGroup(4);
    await group.send(topic, 2_000);
    const limited = await subscribed(group, { pullThresholdForQueue: 50, consumerGroup: 'Queue' });
    await group.clock.advance(60_000);
    for (const { cached } of limited.queues()) expect(cached).to.be.within(50, 60);
    const all = await subscribed(group, { pullThresholdForAll: 100, consumerGroup: 'All' });
    await group.clock.advance(60_000);
    const cached = all.queues().reduce((sum, each) => sum + each.cached, 0);
    expect(cached).to.be.within(100, 140);
    const span = await subscribed(group, { consumeMaxSpan: 30, consumerGroup: 'Span' });
    await group.clock.advance(1_000);
    for (const each of span.queues()) expect(each.cached).to.be.within(30, 41);
    // And goes on as soon as there is room.
    expect(await pollAll(group, all, 2_000)).to.have.length(2_000);
    expect(await pollAll(group, span, 2_000)).to.have.length(2_000);
  });

  it('gives nothing of a paused queue, not even what was pulled before, until it is resumed', async () => {
    await using group = await startGroup(2);
    await group.send(topic, 20);
    const consumer = await subscribed(group);
    await group.clock.advance(100);
    consumer.pause([queueOf(0)]);
    const messages = await pollAll(group, consumer, 10);
    expect(new Set(messages.map(({ queueId }) => queueId))).to.deep.equal(new Set([1]));
    expect(await group.run(consumer.poll())).to.deep.equal([]);
    const pulls = (): number =>
      group.cluster
        .requests({ command: Commands.litePullMessage })
        .filter(({ ext }) => ext['queueId'] === '0').length;
    // The pull that the broker held when the order came.
    await group.clock.advance(30_000);
    const before = pulls();
    await group.send(topic, 2);
    await group.clock.advance(60_000);
    expect(pulls()).to.equal(before);
    expect(textsOf(await group.run(consumer.poll()))).to.have.length(1);
    const waiting = consumer.poll({ maxMessages: 20 });
    await group.clock.advance(100);
    consumer.resume([queueOf(0)]);
    const rest = [...(await group.run(waiting, 100)), ...(await group.run(consumer.poll()))];
    expect(rest.map(({ queueId, queueOffset }) => [queueId, queueOffset])).to.deep.equal(
      Array.from({ length: 11 }, (_, offset) => [0, offset]),
    );
  });
});
