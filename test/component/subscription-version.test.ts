import { expect } from 'chai';
import { describe, it } from 'mocha';

import { Commands } from '../../protocol/commands/index.ts';
import { VirtualGroup, type TestMember } from '../support/virtual-group.ts';

const topic = 'SharedTopic';
/** Has one queue, which is that of member A however many there are. */
const single = 'SingleTopic';
const topics = { [topic]: 4, [single]: 1 };
const listener = { eachMessage: () => {} };

/** What heartbeats tell: who sent it for which group, and the versions of its subscriptions. */
class Heartbeats {
  readonly #all: { readonly sender: string; readonly versions: ReadonlyMap<string, number> }[] = [];

  constructor({ cluster }: VirtualGroup) {
    cluster.control(Commands.heartBeat, ({ command }) => {
      const { clientID, consumerDataSet } = Commands.heartBeat.requestBody.decode(command.body);
      for (const { groupName, subscriptionDataSet } of consumerDataSet) {
        const versions = subscriptionDataSet.map(({ topic, subVersion }) => [topic, subVersion] as const);
        this.#all.push({ sender: `${clientID} ${groupName}`, versions: new Map(versions) });
      }
      return undefined;
    });
  }

  /** How many a member has sent. */
  count(member: TestMember): number {
    return this.#of(member).length;
  }

  /** The versions that a member has told of a topic, one after the other. */
  versions(member: TestMember, name: string): number[] {
    return this.#of(member).flatMap((versions) => versions.get(name) ?? []);
  }

  /** How often it told a higher one than before. */
  rises(member: TestMember, name: string): number {
    const versions = this.versions(member, name);
    return versions.filter((version, index) => version > (versions[index - 1] ?? Infinity)).length;
  }

  #of({ consumer }: TestMember): ReadonlyMap<string, number>[] {
    const member = `${consumer.clientId} ${consumer.consumerGroup}`;
    return this.#all.flatMap(({ sender, versions }) => (sender === member ? [versions] : []));
  }
}

/** The first member of a group, which has all queues of both topics. */
async function joinFirst(group: VirtualGroup): Promise<TestMember> {
  const first = group.member(topic, { instanceName: 'A' }, listener);
  first.consumer.subscribe(single, listener);
  await group.run(first.consumer.start());
  return first;
}

/** One more, which takes two of the four queues and not the single one. */
async function joinSecond(group: VirtualGroup): Promise<TestMember> {
  const second = group.member(topic, { instanceName: 'B' }, listener);
  second.consumer.subscribe(single, listener);
  await group.run(second.consumer.start());
  return second;
}

/** What the brokers have of a topic. */
const known = (group: VirtualGroup, name: string): number | undefined =>
  group.cluster.group('Group').subscriptions.find(({ topic }) => topic === name)?.subVersion;

describe('The version of a subscription, in virtual time', () => {
  it('rises for the topics whose queues changed, and brokers hear of it in one heartbeat after the round', async () => {
    await using group = await VirtualGroup.start({ topics });
    const heartbeats = new Heartbeats(group);
    const first = await joinFirst(group);
    await group.clock.advance(5_000);
    // It has gained queues of both topics and of its retry topic: one heartbeat tells so.
    for (const name of [topic, single, '%RETRY%Group']) expect(heartbeats.rises(first, name)).to.equal(1);
    const [initial] = heartbeats.versions(first, topic);
    expect(heartbeats.versions(first, topic).filter((version) => version !== initial)).to.have.length(1);
    const before = heartbeats.count(first);
    const second = await joinSecond(group);
    const joined = group.clock.now();
    await group.until(() => first.owned(topic).length === 2);
    await group.clock.advance(1_000);
    expect(second.owned(single)).to.deep.equal([]);
    expect(heartbeats.count(first)).to.equal(before + 1);
    expect(heartbeats.rises(first, topic)).to.equal(2);
    expect(heartbeats.rises(first, single)).to.equal(1);
    expect(heartbeats.versions(first, topic).at(-1)).to.be.within(joined - 100, joined + 500);
    const latest = [first, second].flatMap((member) => heartbeats.versions(member, topic));
    expect(known(group, topic)).to.equal(Math.max(...latest));
  });

  it('stays, without any heartbeat, in rounds that change nothing, and no notice comes of it', async () => {
    await using group = await VirtualGroup.start({ topics });
    const heartbeats = new Heartbeats(group);
    const first = await joinFirst(group);
    const second = await joinSecond(group);
    await group.until(() => first.owned(topic).length === 2);
    await group.clock.advance(5_000);
    const since = group.clock.now();
    const before = [first, second].map((member) => heartbeats.count(member));
    const versions = [topic, single].map((name) => known(group, name));
    for (let round = 0; round < 10; round++) {
      first.consumer.rebalance();
      await group.clock.advance(1_000);
    }
    expect([first, second].map((member) => heartbeats.count(member))).to.deep.equal(before);
    await group.clock.advance(120_000);
    // One every 30 s, and nothing else.
    const after = [first, second].map((member, index) => heartbeats.count(member) - (before[index] ?? 0));
    for (const count of after) expect(count).to.be.within(4, 5);
    expect([topic, single].map((name) => known(group, name))).to.deep.equal(versions);
    expect(group.cluster.requests({ command: Commands.notifyConsumerIdsChanged, since })).to.deep.equal([]);
  });

  it('is never higher in a pull than at the broker, and a changed filter is newer than all that was told', async () => {
    await using group = await VirtualGroup.start({ topics });
    const heartbeats = new Heartbeats(group);
    let pulls = 0;
    const tooNew: string[] = [];
    group.cluster.control(Commands.pullMessage, ({ command }) => {
      const { topic: name = '', subVersion = '' } = command.extFields ?? {};
      pulls++;
      if (Number(subVersion) > (known(group, name) ?? -1)) tooNew.push(`${name} ${subVersion}`);
      return undefined;
    });
    const first = await joinFirst(group);
    // What the change of queues makes known is late.
    const control = group.cluster.control(Commands.heartBeat, { delay: 300 });
    const second = await joinSecond(group);
    await group.until(() => first.owned(topic).length === 2);
    await group.send(topic, 20);
    await group.run(second.consumer.shutdown());
    await group.until(() => first.owned(topic).length === 4);
    control.remove();
    await group.clock.advance(40_000);
    expect(pulls).to.be.above(20);
    expect(tooNew).to.deep.equal([]);
    const told = Math.max(...[first, second].flatMap((member) => heartbeats.versions(member, topic)));
    const got: string[] = [];
    first.consumer.subscribe(topic, {
      filter: 'TagB',
      eachMessage: (message) => void got.push(message.text()),
    });
    await group.clock.advance(100);
    expect(known(group, topic)).to.be.above(told);
    const producer = await group.producer();
    for (const tags of ['TagA', 'TagB']) await group.run(producer.send({ topic, body: tags, tags }));
    await group.until(() => got.length > 0);
    expect(got).to.deep.equal(['TagB']);
    expect(first.warnings).to.deep.equal([]);
  });

  it('is higher still for a filter that is changed within the millisecond of a rise', async () => {
    await using group = await VirtualGroup.start({ topics });
    const heartbeats = new Heartbeats(group);
    const first = group.member(topic, { instanceName: 'A' }, listener);
    group.cluster.control(Commands.heartBeat, {
      times: 1,
      delay: 0,
      when: () => {
        const hasRisen = heartbeats.rises(first, topic) === 1;
        if (hasRisen) first.consumer.subscribe(topic, { ...listener, filter: 'TagB' });
        return hasRisen;
      },
    });
    await group.run(first.consumer.start());
    await group.clock.advance(1_000);
    expect(heartbeats.rises(first, topic)).to.equal(2);
    const has = group.cluster.group('Group').subscriptions.find((each) => each.topic === topic);
    expect(has?.subString).to.equal('TagB');
    expect(first.warnings).to.deep.equal([]);
  });

  it('does not hold a rebalance up when brokers do not answer the heartbeat, nor the shutdown', async () => {
    await using group = await VirtualGroup.start({ topics });
    const first = await joinFirst(group);
    group.cluster.control(Commands.heartBeat, {
      drop: true,
      when: ({ command }) => command.body?.includes('@A') === true,
    });
    const second = await joinSecond(group);
    await group.until(() => first.owned(topic).length === 2, 1_000);
    await group.run(second.consumer.shutdown());
    await group.until(() => first.owned(topic).length === 4, 1_000);
    // The end of the group is also the end of all timers.
    await group.run(first.consumer.shutdown({ timeout: 1_000 }), 10_000);
  });

  it('rises in broadcasting and for topics that are popped, for the retry topic too', async () => {
    await using group = await VirtualGroup.start({ topics });
    const heartbeats = new Heartbeats(group);
    const everybody = { messageModel: 'broadcasting', consumerGroup: 'All' } as const;
    const broadcasting = await group.join(topic, everybody, listener);
    const popping = await group.join(topic, { messageRequestMode: 'pop', consumerGroup: 'Pop' }, listener);
    const pulling = await group.join(topic, { consumerGroup: 'Pull' }, listener);
    await group.clock.advance(3_000);
    expect(heartbeats.rises(broadcasting, topic)).to.equal(1);
    expect(heartbeats.rises(popping, topic)).to.equal(1);
    expect(heartbeats.rises(pulling, topic)).to.equal(1);
    expect(heartbeats.rises(pulling, '%RETRY%Pull')).to.equal(1);
    group.cluster.updateTopic(topic, { queues: 6 });
    await group.until(() => pulling.owned(topic).length === 6);
    await group.clock.advance(1_000);
    expect(heartbeats.rises(pulling, topic)).to.equal(2);
    expect(heartbeats.rises(pulling, '%RETRY%Pull')).to.equal(1);
  });

  it('stays that of the subscription in a lite pull consumer, as in Java', async () => {
    await using group = await VirtualGroup.start({ topics });
    const first = group.lite();
    first.subscribe(topic);
    await group.run(first.start());
    const before = known(group, topic);
    const since = group.clock.now();
    group.cluster.updateTopic(topic, { queues: 8 });
    await group.clock.advance(35_000);
    expect(known(group, topic)).to.equal(before);
    expect(group.cluster.requests({ command: Commands.heartBeat, since })).to.have.length(1);
  });
});
