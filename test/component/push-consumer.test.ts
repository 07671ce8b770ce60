import { expect } from 'chai';
import { describe, it } from 'mocha';

import { byCircle } from '../../lib/allocate/by-circle.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { VirtualGroup, type TestMember } from '../support/virtual-group.ts';

const topic = 'LoadBalanceTopic';
const texts = (...members: readonly TestMember[]): string[] =>
  members.flatMap(({ messages }) => messages.map((message) => message.text())).sort();

describe('PushConsumer on the embedded cluster, in virtual time', () => {
  it('shares four queues between two members, and the one that stays takes over', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
    const first = await group.join(topic);
    const second = await group.join(topic);
    await group.until(() => first.owned(topic).length === 2);
    expect([...first.owned(topic), ...second.owned(topic)]).to.have.members([0, 1, 2, 3]);
    const sent = await group.send(topic, 40);
    await group.until(() => texts(first, second).length === 40);
    expect(texts(first, second)).to.deep.equal(sent.toSorted());
    await group.run(second.consumer.shutdown());
    const took = await group.until(() => first.owned(topic).length === 4);
    expect(took).to.be.below(200);
  });

  it('repeats nothing when a member joins or leaves under load and listeners are quick', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 8 } });
    const listener = async (): Promise<void> => group.clock.sleep(50);
    const seen: string[] = [];
    const subscribe = {
      eachMessage: async (message: { text(): string }) => {
        await listener();
        seen.push(message.text());
      },
    };
    await group.join(topic, {}, subscribe);
    const sent = await group.send(topic, 400, 'a');
    const second = await group.join(topic, {}, subscribe);
    sent.push(...(await group.send(topic, 400, 'b')));
    await group.clock.advance(700);
    await group.run(second.consumer.shutdown());
    sent.push(...(await group.send(topic, 200, 'c')));
    await group.until(() => seen.length >= sent.length);
    await group.clock.advance(20_000);
    expect(seen.toSorted()).to.deep.equal(sent.toSorted());
  });

  it("takes a dead member's queues at once when its connection is seen to end", async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 8 } });
    const first = await group.join(topic);
    const second = await group.join(topic);
    await group.until(() => first.owned(topic).length === 4);
    const { address } =
      group.cluster.group('Group').members.find(({ clientId }) => clientId === second.consumer.clientId) ??
      {};
    if (address === undefined) throw new Error('The second member is not listed');
    // The broker sees its connection end, and never hears of it again.
    const { clientId } = second.consumer;
    if (clientId === undefined) throw new Error('The second member has not started');
    group.cluster.control(Commands.heartBeat, {
      drop: true,
      when: ({ command }) => command.body?.includes(clientId) === true,
    });
    group.cluster.disconnect({ client: address });
    await group.until(() => first.rebalances.at(-1)?.owned.length === 8, 1_000);
    expect(first.rebalances.at(-1)?.cause.kind).to.equal('membersChanged');
  });

  it('finds out at the next interval when the notice is lost', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 8 } });
    const first = await group.join(topic);
    await group.clock.advance(3_000);
    group.cluster.control(Commands.notifyConsumerIdsChanged, { drop: true });
    const second = await group.join(topic);
    const took = await group.until(() => first.owned(topic).length === 4);
    expect(second.owned(topic)).to.have.length(4);
    expect(took).to.be.within(10_000, 20_000);
    expect(first.rebalances.at(-1)?.cause.kind).to.equal('interval');
  });

  it('keeps what it owns when the member list fails or is empty', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
    const first = await group.join(topic);
    const control = group.cluster.control(Commands.getConsumerListByGroup, {
      answer: 1,
      remark: 'no consumer for this group',
    });
    first.consumer.rebalance();
    await group.clock.advance(30_000);
    expect(control.hits).to.be.above(10);
    expect(first.owned(topic)).to.deep.equal([0, 1, 2, 3]);
    expect(first.warnings.map(({ kind }) => kind)).to.deep.equal(['memberListFailed']);
    control.remove();
    const sent = await group.send(topic, 8);
    await group.until(() => first.messages.length === 8);
    expect(texts(first)).to.deep.equal(sent);
  });

  it('commits what is done every five seconds, at a hand-over and at shutdown', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
    const first = await group.join(topic);
    await group.send(topic, 40);
    await group.until(() => first.messages.length === 40);
    const offsets = (): number[] => group.cluster.group('Group').offsets(topic);
    await group.until(() => offsets().every((offset) => offset === 10), 5_100);
    await group.send(topic, 40);
    await group.until(() => first.messages.length === 80);
    await group.run(first.consumer.shutdown());
    expect(offsets()).to.deep.equal([20, 20, 20, 20]);
  });

  it('commits a queue that messages keep coming from several times a second', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic);
    for (let sent = 0; sent < 30; sent++) {
      await group.send(topic, 1);
      await group.clock.advance(50);
    }
    expect(member.messages).to.have.length(30);
    const commits = group.cluster.requests({ command: Commands.updateConsumerOffset }).length;
    expect(commits).to.be.within(4, 9);
    expect(group.cluster.group('Group').offsets(topic)[0]).to.be.at.least(20);
  });

  it('waits at shutdown for running listeners and commits them', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    let finished = 0;
    const eachMessage = async (): Promise<void> => {
      await group.clock.sleep(2_000);
      finished++;
    };
    const first = await group.join(topic, {}, { eachMessage });
    await group.send(topic, 10);
    await group.clock.advance(100);
    await group.run(first.consumer.shutdown());
    expect(finished).to.equal(10);
    expect(group.cluster.group('Group').offsets(topic)).to.deep.equal([10]);
    expect(group.cluster.group('Group').members).to.deep.equal([]);
  });

  it('voids what a listener brings after its queue has gone to another member', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    let release = (): void => {};
    const stuck = new Promise<void>((resolve) => (release = resolve));
    const first = await group.join(topic, {}, { eachMessage: async () => stuck });
    await group.send(topic, 20);
    await group.clock.advance(100);
    const second = await group.join(topic);
    await group.until(() => second.messages.length === 10);
    await group.clock.advance(6_000);
    const { lost, expectedRepeats } = first.rebalances.at(-1) ?? {};
    expect([lost?.length, expectedRepeats]).to.deep.equal([1, 10]);
    const taken = second.owned(topic)[0] ?? -1;
    expect(group.cluster.group('Group').offsets(topic)[taken]).to.equal(10);
    release();
    await group.clock.advance(6_000);
    expect(group.cluster.group('Group').offsets(topic)).to.deep.equal([10, 10]);
  });

  it('sends a failed message back, and to the dead-letter queue after its last try', async () => {
    await using group = await VirtualGroup.start({
      topics: { [topic]: 1 },
      messageDelayLevels: '1s 2s 4s 8s',
    });
    const tries: [number, number, string][] = [];
    const member = await group.join(
      topic,
      { maxReconsumeTimes: 2 },
      {
        eachMessage: (message) => {
          tries.push([message.reconsumeTimes, group.clock.uptime(), message.topic]);
          throw new Error('It does not work');
        },
      },
    );
    await group.send(topic, 1, 'bad');
    await group.until(() => tries.length === 3);
    await group.until(() => group.cluster.messages('%DLQ%Group').length === 1);
    expect(tries.map(([times]) => times)).to.deep.equal([0, 1, 2]);
    expect(new Set(tries.map(([, , name]) => name))).to.deep.equal(new Set([topic]));
    const [first, second, third] = tries.map(([, at]) => at);
    expect((third ?? 0) - (second ?? 0)).to.be.above((second ?? 0) - (first ?? 0));
    await group.clock.advance(6_000);
    expect(group.cluster.group('Group').offsets(topic)).to.deep.equal([1]);
    expect(member.warnings).to.deep.equal([]);
  });

  it('holds no more than its limits while a listener hangs, and goes on afterwards', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    let release = (): void => {};
    const stuck = new Promise<void>((resolve) => (release = resolve));
    let done = 0;
    const eachMessage = async (): Promise<void> => {
      await stuck;
      done++;
    };
    const options = { pullThresholdForQueue: 64, consumeConcurrency: 4 };
    const member = await group.join(topic, options, { eachMessage });
    await group.send(topic, 500);
    await group.clock.advance(10_000);
    const status = member.consumer.queues().find(({ queue }) => queue.topic === topic);
    expect(status?.cached).to.be.within(64, 64 + 32);
    release();
    await group.until(() => done === 500);
  });

  it('consumes new queues after a change of route, and says why', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const member = await group.join(topic);
    group.cluster.updateTopic(topic, { queues: 5 });
    const took = await group.until(() => member.owned(topic).length === 5);
    expect(took).to.be.at.most(31_000);
    expect(member.rebalances.at(-1)?.cause.kind).to.equal('routeChanged');
  });

  it('consumes a topic that is created after the start', async () => {
    await using group = await VirtualGroup.start({});
    const member = await group.join('Later');
    expect(member.warnings.map(({ kind }) => kind)).to.deep.equal(['topicMissing']);
    group.cluster.createTopic('Later', { queues: 3 });
    await group.until(() => member.owned('Later').length === 3, 5_000);
  });

  it('goes on after a broker was down, within five seconds of its return', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
    const member = await group.join(topic);
    await group.send(topic, 4);
    await group.cluster.stopBroker('broker-a');
    await group.clock.advance(65_000);
    await group.run(group.cluster.startBroker('broker-a'));
    const began = group.clock.uptime();
    const producer = await group.producer();
    const send = async (): Promise<unknown> => producer.send({ topic, body: 'again' }).catch(send);
    await group.run(send());
    await group.until(() => texts(member).includes('again'));
    expect(group.clock.uptime() - began).to.be.below(5_000);
    expect(member.owned(topic)).to.have.length(4);
  });

  it('goes on in a cluster of two brokers after one was away for so long that the route forgot it', async () => {
    await using group = await VirtualGroup.start({ brokers: 2, topics: { [topic]: 2 } });
    const member = await group.join(topic);
    await group.until(
      () => member.consumer.queues().filter(({ queue }) => queue.topic === topic).length === 4,
    );
    await group.cluster.stopBroker('broker-b');
    await group.until(
      () => member.consumer.queues().filter(({ queue }) => queue.topic === topic).length === 2,
    );
    await group.clock.advance(20_000);
    await group.run(group.cluster.startBroker('broker-b'));
    await group.until(
      () => member.consumer.queues().filter(({ queue }) => queue.topic === topic).length === 4,
      5_000,
    );
  });

  it('explains who owns what and why', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
    const first = await group.join(topic, { allocate: byCircle() });
    const second = await group.join(topic, { allocate: byCircle() });
    await group.until(() => first.owned(topic).length === 2);
    const explanation = first.consumer.explainAssignment().find((each) => each.topic === topic);
    expect(explanation?.strategy).to.equal('AVG_BY_CIRCLE');
    expect(explanation?.members).to.have.members([first.consumer.clientId, second.consumer.clientId]);
    expect([...(explanation?.shares.values() ?? [])].map((queues) => queues.length)).to.deep.equal([2, 2]);
  });

  it('keeps what it owns when a custom strategy fails, and warns', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    let fails = false;
    const allocate = (input: {
      readonly queues: readonly { topic: string; brokerName: string; queueId: number }[];
    }) => {
      if (fails) throw new Error('No idea');
      return input.queues;
    };
    const member = await group.join(topic, { allocate });
    fails = true;
    member.consumer.rebalance();
    await group.until(() => member.warnings.length > 0);
    expect(member.warnings[0]?.kind).to.equal('allocationFailed');
    expect(member.owned(topic)).to.deep.equal([0, 1]);
  });

  it('warns of an offset that somebody else has committed', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic);
    await group.send(topic, 10);
    await group.clock.advance(6_000);
    const stranger = await group.join('Other', { consumerGroup: 'Stranger' });
    expect(stranger.consumer.consumerGroup).to.equal('Stranger');
    group.cluster.control(Commands.queryConsumerOffset, {
      answer: { code: 0, ext: { offset: '3' } },
      when: ({ command }) => command.extFields?.['topic'] === topic,
    });
    await group.clock.advance(25_000);
    const warning = member.warnings.find(({ kind }) => kind === 'foreignCommit');
    expect(warning).to.include({ kind: 'foreignCommit', committed: 10, stored: 3 });
  });

  it('warns of members that subscribe to something else', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const first = await group.join(topic, {}, { filter: 'TagA', eachMessage: () => {} });
    const second = await group.join(topic, {}, { filter: 'TagB', eachMessage: () => {} });
    await group.clock.advance(25_000);
    // The broker keeps the filter of the member whose queues changed last.
    const filter = group.cluster.group('Group').subscriptions.find((each) => each.topic === topic)?.subString;
    const [differs, agrees] = filter === 'TagA' ? [second, first] : [first, second];
    expect(differs.warnings.map(({ kind }) => kind)).to.include('subscriptionsDiffer');
    expect(agrees.warnings.map(({ kind }) => kind)).not.to.include('subscriptionsDiffer');
  });

  it('warns when two members share a client id', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const first = await group.join(topic, { instanceName: 'Same' });
    // As from another process: what connects differently shares nothing.
    await group.join(topic, { instanceName: 'Same', requestTimeout: 2_999 });
    await group.until(() => first.warnings.length > 0, 25_000);
    expect(first.warnings[0]).to.include({ kind: 'duplicateClientId', clientId: first.consumer.clientId });
  });

  it('consumes a topic that is subscribed to later, and gives up one that is not wanted any more', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2, Second: 2 } });
    const member = await group.join(topic);
    const second: string[] = [];
    member.consumer.subscribe('Second', { eachMessage: (message) => void second.push(message.text()) });
    await group.until(() => member.owned('Second').length === 2, 2_000);
    await group.send('Second', 4);
    await group.until(() => second.length === 4);
    member.consumer.unsubscribe(topic);
    await group.until(() => member.owned(topic).length === 0, 2_000);
    expect(member.rebalances.at(-1)).to.deep.include({ topic, gained: [] });
    expect(member.owned('Second')).to.deep.equal([0, 1]);
  });

  it('hands several messages to eachBatch, and sends all of a failed batch back', async () => {
    await using group = await VirtualGroup.start({
      topics: { [topic]: 1 },
      messageDelayLevels: '1s 1s 1s 1s',
    });
    const batches: string[][] = [];
    const eachBatch = (messages: readonly { text(): string; reconsumeTimes: number }[]) => {
      batches.push(messages.map((message) => message.text()));
      return messages.some(({ reconsumeTimes }) => reconsumeTimes === 0) ? ('later' as const) : undefined;
    };
    const options = { consumeMessageBatchMaxSize: 4 };
    const member = group.member(topic, options, { eachBatch });
    await group.send(topic, 8);
    await group.run(member.consumer.start());
    await group.until(() => batches.flat().length === 16);
    expect(batches.slice(0, 2).map((batch) => batch.length)).to.deep.equal([4, 4]);
    expect(new Set(batches.slice(2).flat()).size).to.equal(8);
  });
});
