import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { PushConsumerOptions } from '../../lib/consumer/push-consumer.ts';
import { setMessageRequestMode } from '../../lib/consumer/pop/set-message-request-mode.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { VirtualGroup, type TestMember } from '../support/virtual-group.ts';

const topic = 'Topic';

/** Listeners of queues that go to another member have a minute. */
const patient: Partial<PushConsumerOptions> = {
  handover: 'locked',
  awaitTerminationMillisWhenShutdown: 60_000,
  pollNameServerInterval: 1_000,
};

/** Two members; the first one's listener is at work on a message of queue 1, which the second is to have. */
async function drainingGroup(group: VirtualGroup): Promise<{
  first: TestMember;
  second: TestMember;
  /** Lets the listener end. */
  end: () => void;
  /** Texts by the queue they came from, in the order of their listeners' ends. */
  done: string[];
}> {
  const ends: (() => void)[] = [];
  const done: string[] = [];
  const subscribe = {
    eachMessage: async (message: { text(): string; queueId: number }): Promise<void> => {
      if (message.queueId === 1 && ends.length === 0)
        await new Promise<void>((resolve) => ends.push(resolve));
      done.push(`${message.queueId}: ${message.text()}`);
    },
  };
  const first = await group.join(topic, { ...patient, instanceName: 'a' }, subscribe);
  await group.send(topic, 2);
  await group.until(() => ends.length === 1 && done.length === 1);
  const second = await group.join(topic, { ...patient, instanceName: 'b' }, subscribe);
  await group.clock.advance(1_000);
  expect(first.consumer.queues().find(({ queue }) => queue.queueId === 1)?.state).to.equal('draining');
  return { first, second, end: () => ends[0]?.(), done };
}

/** Queues that are pulled from. */
const active = ({ consumer }: TestMember, of: string): number[] =>
  consumer
    .queues()
    .filter(({ queue, state }) => queue.topic === of && state === 'active')
    .map(({ queue }) => queue.queueId)
    .sort((a, b) => a - b);

describe('A member whose listener is slow to give a queue up, in virtual time', () => {
  it('takes queues of another topic at once', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2, Other: 2 } });
    const { first, end } = await drainingGroup(group);
    first.consumer.subscribe('Other', { eachMessage: () => undefined });
    // The other one is its fellow member's, subscribed or not.
    expect(await group.until(() => active(first, 'Other').length === 1)).to.be.below(200);
    expect(first.owned(topic)).to.deep.equal([0, 1]);
    end();
  });

  it('takes queues of the same topic at once, and says what it gained and lost in the order in which it did', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const { first, second, end } = await drainingGroup(group);
    const told = first.rebalances.length;
    // Now 0, 1 and 2 are the first one's.
    group.cluster.updateTopic(topic, { queues: 6 });
    expect(await group.until(() => active(first, topic).includes(2))).to.be.below(1_500);
    expect(active(first, topic)).to.deep.equal([0, 2]);
    expect(
      first.rebalances.slice(told).map(({ gained }) => gained.map(({ queueId }) => queueId)),
    ).to.deep.equal([[2]]);
    expect(first.rebalances.at(-1)?.owned.map(({ queueId }) => queueId)).to.deep.equal([0, 2]);
    end();
    expect(await group.until(() => active(first, topic).includes(1))).to.be.below(200);
    const changes = first.rebalances
      .slice(told)
      .map(({ gained, lost }) => [gained.map(({ queueId }) => queueId), lost.map(({ queueId }) => queueId)]);
    expect(changes).to.deep.equal([
      [[2], []],
      [[], [1]],
      [[1], []],
    ]);
    expect(active(second, topic)).to.deep.equal([3, 4, 5]);
  });

  it('takes the queue back only when the listener is through, and repeats nothing', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const commits: number[] = [];
    const row = Commands.updateConsumerOffset;
    group.cluster.control(row, ({ command }) => {
      const { topic: of, queueId, commitOffset } = row.request.decode(command.extFields);
      if (of === topic && queueId === 1) commits.push(commitOffset);
      return undefined;
    });
    const { first, second, end, done } = await drainingGroup(group);
    await group.run(second.consumer.shutdown());
    const sent = await group.send(topic, 4, 'more');
    await group.clock.advance(5_000);
    expect(active(first, topic)).to.deep.equal([0]);
    expect(done.filter((text) => text.startsWith('1:'))).to.deep.equal([]);
    end();
    expect(await group.until(() => done.length === 2 + sent.length)).to.be.below(200);
    await group.clock.advance(1_000);
    expect(done.filter((text) => text.startsWith('1:'))).to.have.length(3);
    expect(commits).to.deep.equal(commits.toSorted((a, b) => a - b));
    expect(first.rebalances.every(({ expectedRepeats }) => expectedRepeats === 0)).to.equal(true);
  });

  it('pops a topic that was pulled only when its queues have gone', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const ends: (() => void)[] = [];
    const eachMessage = async (): Promise<void> => new Promise((resolve) => ends.push(resolve));
    const member = await group.join(topic, { ...patient, clientRebalance: false }, { eachMessage });
    await group.send(topic, 1);
    await group.until(() => ends.length === 1);
    const { clock, random, network: transport } = group;
    const options = { nameServers: group.cluster.nameServers, environment: { clock, random, transport } };
    const order = { topic, consumerGroup: 'Group', mode: 'pop' } as const;
    await group.run(setMessageRequestMode(order, options));
    const state = (): string | undefined =>
      member.consumer.queues().find((each) => each.queue.topic === topic)?.state;
    await group.until(() => state() === 'draining');
    await group.clock.advance(5_000);
    expect([member.consumer.popQueues(), state()]).to.deep.equal([[], 'draining']);
    ends[0]?.();
    expect(await group.until(() => member.consumer.popQueues().length > 0)).to.be.below(200);
    expect(member.owned(topic)).to.deep.equal([]);
    // The message that was at work is committed, and popped by nobody.
    await group.clock.advance(2_000);
    expect(ends).to.have.length(1);
  });

  it('waits for it at shutdown', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const { first, second, end, done } = await drainingGroup(group);
    const left = first.consumer.shutdown();
    await group.clock.advance(5_000);
    expect(active(second, topic)).to.deep.equal([]);
    end();
    await group.run(left);
    expect(await group.until(() => active(second, topic).length === 2)).to.be.below(1_000);
    await group.clock.advance(1_000);
    expect(done).to.have.length(2);
  });
});

describe('A LitePullConsumer whose messages are slow to be consumed, in virtual time', () => {
  it('takes what is assigned next at once', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 3 } });
    const [zero, one, two] = [0, 1, 2].map((queueId) => ({ topic, brokerName: 'broker-a', queueId }));
    if (zero === undefined || one === undefined || two === undefined) throw new Error('There are three');
    await group.send(topic, 3);
    const consumer = group.lite();
    consumer.assign([zero]);
    await group.run(consumer.start());
    const ids = (): number[] =>
      consumer
        .queues()
        .filter(({ state }) => state === 'active')
        .map(({ queue }) => queue.queueId);
    expect(await group.run(consumer.poll())).to.have.length(1);
    consumer.assign([one]);
    await group.until(() => ids().includes(1));
    consumer.assign([two, zero]);
    expect(await group.until(() => ids().includes(2))).to.be.below(150);
    expect(ids()).to.deep.equal([2]);
    // What was given out of the first has 400 ms; then it is taken anew.
    expect(await group.until(() => ids().includes(0))).to.be.below(500);
  });
});
