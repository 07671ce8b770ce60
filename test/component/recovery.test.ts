import { expect } from 'chai';
import { describe, it } from 'mocha';

import { NameServerError } from '../../lib/errors.ts';
import { Commands } from '../../protocol/commands/index.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { VirtualGroup, type TestMember } from '../support/virtual-group.ts';

const topic = 'Topic';

const texts = (...members: readonly TestMember[]): string[] =>
  members.flatMap(({ messages }) => messages.map((message) => message.text())).sort();

describe('Recovery on the embedded cluster, in virtual time', () => {
  it('goes on without a name server for a minute, refuses members meanwhile, and takes them in afterwards', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 6 } });
    const first = await group.join(topic);
    const second = await group.join(topic);
    await group.until(() => first.owned(topic).length === 3 && second.owned(topic).length === 3);
    const sent = await group.send(topic, 60, 'before');
    await group.run(group.cluster.stopNameServer());
    const began = group.clock.uptime();

    const joining = group.member(topic).consumer.start();
    const refusal = await group.run(joining.catch((error: unknown) => error));
    expect(refusal).to.be.instanceOf(NameServerError);
    expect(group.clock.uptime() - began).to.be.at.most(10_000);
    for (let second10 = 0; group.clock.uptime() - began < 60_000; second10++) {
      sent.push(...(await group.send(topic, 60, `during${second10}-`)));
      await group.clock.advance(10_000);
    }
    expect(texts(first, second)).to.deep.equal(sent.toSorted());

    // What happened meanwhile is seen at the next poll.
    group.cluster.updateTopic(topic, { queues: 9 });
    await group.run(group.cluster.startNameServer());
    await group.until(() => first.owned(topic).length + second.owned(topic).length === 9, 31_000);
    const third = await group.join(topic);
    await group.until(() => [first, second, third].every((member) => member.owned(topic).length === 3));
    sent.push(...(await group.send(topic, 90, 'after')));
    await group.until(() => texts(first, second, third).length === sent.length);
    expect(texts(first, second, third)).to.deep.equal(sent.toSorted());
    for (const { warnings } of [first, second]) expect(warnings).to.deep.equal([]);
  });

  it('keeps what it knows when the name server comes back without having heard of the brokers', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
    const member = await group.join(topic);
    const config = group.cluster;
    await group.run(config.stopNameServer());
    // Cut off from the name server, as far as that can tell, but well and reachable.
    await group.run(config.stopBroker('broker-a'));
    await group.run(config.startNameServer());
    await group.clock.advance(65_000);
    expect(member.owned(topic)).to.deep.equal([0, 1, 2, 3]);
    await group.run(config.startBroker('broker-a'));
    const sent = await group.send(topic, 8);
    await group.until(() => member.messages.length === 8, 5_000);
    expect(texts(member)).to.deep.equal(sent);
  });

  it('finds a broker that came back within five seconds, even if a failed send noticed that it was gone', async () => {
    await using group = await VirtualGroup.start({ brokers: 2, topics: { [topic]: 2 } });
    const member = await group.join(topic);
    const producer = await group.producer();
    const ofB = (): MessageQueue[] =>
      member.consumer
        .queues()
        .flatMap(({ queue }) => (queue.topic === topic && queue.brokerName === 'broker-b' ? [queue] : []));
    const send = async (): Promise<unknown> => producer.send({ topic, body: 'text' }).catch(() => undefined);
    await group.run(send());
    await group.until(() => ofB().length === 2);
    // A poll has just been made: the next is half a minute away.
    await group.clock.advance(30_500);
    await group.run(group.cluster.stopBroker('broker-b'));
    for (let attempt = 0; attempt < 4; attempt++) await group.run(send());
    const queues = async (): Promise<number> => (await group.run(producer.fetchQueues(topic))).length;
    expect(await queues()).to.equal(2);
    await group.clock.advance(3_000);
    await group.run(group.cluster.startBroker('broker-b'));
    const began = group.clock.uptime();
    const arrived = (): boolean =>
      member.messages.slice(-1)[0]?.brokerName === 'broker-b' && ofB().length === 2;
    while (!arrived() && group.clock.uptime() - began < 20_000) {
      await group.run(send());
      await group.clock.advance(100);
    }
    expect(group.clock.uptime() - began).to.be.at.most(5_000);
  });

  for (const brokers of [1, 2]) {
    it(`repeats nothing when ${brokers === 1 ? 'the only broker' : 'one of two brokers'} comes back and hears of the members one after the other`, async () => {
      await using group = await VirtualGroup.start({ brokers, topics: { [topic]: 8 / brokers } });
      const members = [await group.join(topic), await group.join(topic), await group.join(topic)];
      const shares = (): number[] =>
        members.map((member) => member.consumer.queues().filter(({ queue }) => queue.topic === topic).length);
      const isShared = (): boolean =>
        shares()
          .toSorted((a, b) => a - b)
          .join() === '2,3,3';
      await group.until(isShared);
      const sent = await group.send(topic, 80, 'before');
      await group.until(() => texts(...members).length === 80);
      for (let round = 0; round < 5; round++) {
        // Of a broker that the routes forget the queues are given up, and what was not committed by then comes again.
        if (brokers === 2) await group.clock.advance(5_100);
        await group.cluster.stopBroker('broker-a');
        await group.clock.advance(brokers === 1 ? 7_000 : 40_000);
        await group.run(group.cluster.startBroker('broker-a'));
        await group.clock.advance(6_000);
        sent.push(...(await group.send(topic, 80, `round${round}-`)));
        await group.until(() => isShared() && texts(...members).length >= sent.length);
      }
      await group.clock.advance(5_000);
      expect(texts(...members)).to.deep.equal(sent.toSorted());
    });
  }

  it('takes nothing from a member that a broker, back again, has not heard of, if another broker lists it', async () => {
    await using group = await VirtualGroup.start({ brokers: 2, topics: { [topic]: 4 } });
    const member = await group.join(topic);
    const silent = await group.join(topic);
    const owned = (): number => member.consumer.queues().filter(({ queue }) => queue.topic === topic).length;
    await group.until(() => owned() === 4);
    await group.clock.advance(6_000);
    // As a Java member, whose next heartbeat is up to half a minute away.
    const clientId = silent.consumer.clientId ?? '';
    const heartbeats = group.cluster.control(Commands.heartBeat, {
      drop: true,
      server: 'broker-a',
      when: ({ command }) => command.body?.includes(clientId) === true,
    });
    const most: number[] = [];
    member.consumer.on('rebalance', (event) => most.push(event.owned.length));
    await group.cluster.stopBroker('broker-a');
    await group.run(group.cluster.startBroker('broker-a'));
    for (let second = 0; second < 25; second++) {
      member.consumer.rebalance();
      await group.clock.advance(1_000);
    }
    expect(heartbeats.hits).to.be.above(0);
    expect(most).to.deep.equal([]);
    expect(owned()).to.equal(4);
  });
});
