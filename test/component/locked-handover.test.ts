import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { PushConsumerOptions } from '../../lib/consumer/push-consumer.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { VirtualGroup } from '../support/virtual-group.ts';

const topic = 'LoadBalanceTopic';
const locked: Partial<PushConsumerOptions> = { handover: 'locked' };

describe('Locked hand-over on the embedded cluster, in virtual time', () => {
  it('repeats nothing when members join and leave under load, however long listeners take', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 8 } });
    const seen: string[] = [];
    let most = 0;
    let running = 0;
    const subscribe = {
      eachMessage: async (message: { text(): string }) => {
        most = Math.max(most, ++running);
        await group.clock.sleep(2_000);
        running--;
        seen.push(message.text());
      },
    };
    const first = await group.join(topic, locked, subscribe);
    const sent = await group.send(topic, 200, 'a');
    const second = await group.join(topic, locked, subscribe);
    sent.push(...(await group.send(topic, 200, 'b')));
    await group.clock.advance(3_000);
    const third = await group.join(topic, locked, subscribe);
    await group.clock.advance(1_000);
    await group.run(second.consumer.shutdown());
    await group.run(first.consumer.shutdown());
    sent.push(...(await group.send(topic, 100, 'c')));
    await group.until(() => seen.length >= sent.length, 200_000);
    await group.clock.advance(20_000);
    expect(seen.toSorted()).to.deep.equal(sent.toSorted());
    expect(third.owned(topic)).to.have.length(8);
    // Messages of a queue are still consumed side by side.
    expect(most).to.be.above(20);
    const repeats = group.members.flatMap(({ rebalances }) => rebalances.map((each) => each.expectedRepeats));
    expect(repeats.every((count) => count === 0)).to.equal(true);
  });

  it('hands over within 100 ms of a join when listeners are quick', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
    const first = await group.join(topic, locked);
    await group.send(topic, 40);
    await group.clock.advance(5_000);
    const second = await group.join(topic, locked);
    const took = await group.until(() => {
      const states = second.consumer.queues().filter(({ queue }) => queue.topic === topic);
      return states.length === 2 && states.every(({ state }) => state === 'active');
    });
    expect(took).to.be.below(100);
    expect(first.owned(topic)).to.have.length(2);
  });

  it('takes nothing over while a listener of the old owner is at work, not even after its deadline', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const ends: (() => void)[] = [];
    const first = await group.join(
      topic,
      { ...locked, awaitTerminationMillisWhenShutdown: 1_000 },
      { eachMessage: async () => new Promise<void>((resolve) => ends.push(resolve)) },
    );
    await group.send(topic, 2);
    await group.until(() => ends.length === 2);
    const second = await group.join(topic, locked);
    await group.clock.advance(10_000);
    expect(second.messages).to.deep.equal([]);
    expect(first.warnings.map(({ kind }) => kind)).to.deep.equal(['unlockLate']);
    expect(first.rebalances.at(-1)?.expectedRepeats).to.equal(1);
    for (const end of ends) end();
    expect(await group.until(() => second.messages.length === 1)).to.be.below(600);
  });

  it('gives a lock back that it gets after it has lost the queue again', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const late = group.cluster.control(Commands.lockBatchMq, { late: 500 });
    const first = group.member(topic, locked);
    void first.consumer.start();
    await group.until(() => group.cluster.requests({ command: Commands.lockBatchMq }).length > 0);
    first.consumer.unsubscribe(topic);
    await group.clock.advance(2_000);
    late.remove();
    await group.run(first.consumer.shutdown());
    const second = await group.join(topic, locked);
    await group.send(topic, 1);
    await group.until(() => second.messages.length === 1, 1_000);
  });

  it('never sends a failed message to the retry topic, where it would die', async () => {
    await using group = await VirtualGroup.start({
      topics: { [topic]: 1 },
      messageDelayLevels: '1s 2s 3s 4s 5s',
    });
    const tries: number[] = [];
    const refusing = group.cluster.control(Commands.consumerSendMsgBack, { answer: 1 });
    const member = await group.join(topic, locked, {
      eachMessage: ({ reconsumeTimes }) => {
        tries.push(reconsumeTimes);
        return tries.length < 3 ? { delayLevel: 1 } : undefined;
      },
    });
    await group.send(topic, 1);
    await group.until(() => tries.length === 1);
    await group.clock.advance(1_000);
    refusing.remove();
    await group.until(() => tries.length === 3);
    // Once more here after the broker refused it, then by the broker, which counts only its own.
    expect(tries).to.deep.equal([0, 1, 1]);
    expect(member.warnings.map(({ kind }) => kind)).to.deep.equal(['sendBackFailed']);
    await group.clock.advance(5_000);
    expect(group.cluster.messages('%DLQ%Group')).to.deep.equal([]);
  });

  it('asks for no locks by default', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const member = await group.join(topic);
    await group.send(topic, 2);
    await group.until(() => member.messages.length === 2);
    expect(group.cluster.requests({ command: Commands.lockBatchMq })).to.deep.equal([]);
  });
});
