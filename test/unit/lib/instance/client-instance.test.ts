import { expect } from 'chai';
import { describe, it } from 'mocha';

import { IllegalStateError, NameServerError } from '../../../../lib/errors.ts';
import { DuplicateMemberError } from '../../../../lib/instance/duplicate-member-error.ts';
import { Commands } from '../../../../protocol/commands/index.ts';
import { finish } from '../routing/finish.ts';
import { routeOf } from '../routing/scripted-server.ts';
import {
  consumerMember,
  createInstanceWorld,
  FakeConsumer,
  master,
  producerMember,
  producerRole,
  slave,
} from './instance-world.ts';

describe('client instance', () => {
  it('is shared by members with the same connection options, and ends with the last', async () => {
    const { obtain, clock, network } = await createInstanceWorld();
    const [p, c] = [producerMember(), consumerMember()];
    const instance = obtain(p);
    expect(obtain(c)).to.equal(instance);
    expect(instance.clientId).to.match(new RegExp(`^1\\.2\\.3\\.4@${process.pid}#`));
    await instance.start();
    await instance.release(p);
    await instance.start();
    await finish(clock, instance.release(c));
    expect(network.connections).to.equal(0);
    expect(clock.pendingTimers).to.equal(0);
    const later = obtain(p);
    expect(later).not.to.equal(instance);
    await later.release(p);
  });

  it('has an id and sockets of its own for a second member of a group', async () => {
    const { obtain, broker, clock } = await createInstanceWorld();
    const [one, two] = [consumerMember(), consumerMember()];
    const [a, b] = [obtain(one), obtain(two)];
    expect(a.clientId).not.to.equal(b.clientId);
    for (const instance of [a, b]) {
      await instance.start();
      await instance.routes.fetch('T');
      await instance.addConsumer(new FakeConsumer());
    }
    expect(broker.connections).to.have.length(2);
    expect(broker.heartbeats().map(({ clientID }) => clientID)).to.deep.equal([a.clientId, b.clientId]);
    await finish(clock, Promise.all([a.release(one), b.release(two)]));
  });

  it('refuses the same instance name twice in one group', async () => {
    const { obtain } = await createInstanceWorld();
    const member = consumerMember();
    const instance = obtain(member, { instanceName: 'Consumer1', unitName: 'u' });
    expect(instance.clientId).to.equal('1.2.3.4@Consumer1@u');
    expect(() => obtain(consumerMember(), { instanceName: 'Consumer1', unitName: 'u' })).to.throw(
      DuplicateMemberError,
    );
    await instance.release(member);
    const again = obtain(member, { instanceName: 'Consumer1', unitName: 'u' });
    await again.release(member);
  });

  it('is called DEFAULT when broadcasting, and as otherwise when clustering was given that name', async () => {
    const { obtain } = await createInstanceWorld();
    const broadcast = { kind: 'consumer', group: 'B', messageModel: 'BROADCASTING' } as const;
    expect(obtain(broadcast).clientId).to.equal('1.2.3.4@DEFAULT');
    expect(() => obtain({ ...broadcast })).to.throw(DuplicateMemberError);
    const member = consumerMember();
    const clustering = obtain(member, { instanceName: 'DEFAULT' });
    expect(clustering.clientId).not.to.equal('1.2.3.4@DEFAULT');
    await clustering.release(member);
    await obtain({ ...broadcast, group: 'other' }).shutdown();
  });

  it('cannot be started again once it has ended, and ends only once', async () => {
    const { obtain } = await createInstanceWorld();
    const instance = obtain(consumerMember());
    await Promise.all([instance.start(), instance.start()]);
    await Promise.all([instance.shutdown(), instance.shutdown()]);
    expect(await instance.start().catch((error: unknown) => error)).to.be.instanceOf(IllegalStateError);
  });

  it('can be started again after discovery failed', async () => {
    const { obtain, environment } = await createInstanceWorld();
    let text = '';
    const fetchText = async () => text;
    const member = consumerMember();
    const instance = obtain(member, {
      nameServers: 'http://discovery/x',
      environment: { ...environment, fetchText },
    });
    expect(await instance.start().catch((error: unknown) => error)).to.be.instanceOf(NameServerError);
    text = 'ns:9876';
    await instance.start();
    expect((await instance.routes.fetch('T')).topic).to.equal('T');
    await instance.release(member);
  });

  it('polls the routes of its members every 30 s and wakes the consumers that a change concerns', async () => {
    const { startConsumer, data, nameServer, clock } = await createInstanceWorld();
    const { instance, member, consumer } = await startConsumer();
    const other = new FakeConsumer('H');
    other.subscribed = ['U'];
    await instance.addConsumer(other);
    consumer.kinds();
    data.set('T', routeOf({ read: 8, write: 8, addresses: { 0: master, 1: slave } }));
    await clock.advance(29_999);
    expect(consumer.kinds()).to.deep.equal([]);
    await clock.advance(1);
    expect(consumer.triggers).to.deep.equal([
      { kind: 'routeChanged', at: clock.now(), detail: 'T: queueCount broker-a' },
    ]);
    expect(other.kinds()).to.deep.equal([]);
    expect(
      nameServer.of(Commands.getRouteInfoByTopic).map(({ extFields }) => extFields?.['topic']),
    ).to.deep.equal(['T', 'T', 'U']);
    await instance.shutdown();
    expect(member.group).to.equal('G');
  });

  it('looks for name servers again every 2 min only where they can change', async () => {
    const { obtain, environment, clock } = await createInstanceWorld();
    const asked: number[] = [];
    const fetchText = async () => (asked.push(clock.uptime()), 'ns:9876');
    const instance = obtain(consumerMember(), {
      nameServers: 'http://discovery/x',
      environment: { ...environment, fetchText },
    });
    await instance.start();
    await clock.advance(240_000);
    expect(asked).to.deep.equal([0, 120_000, 240_000]);
    await instance.shutdown();
    const plain = obtain(consumerMember());
    await plain.start();
    expect(clock.pendingTimers).to.equal(2);
    await plain.shutdown();
    expect(clock.pendingTimers).to.equal(0);
  });
});

describe('heartbeats', () => {
  it('tell every broker at once of a consumer, slaves included', async () => {
    const { startConsumer, broker, slaveBroker } = await createInstanceWorld();
    const { instance } = await startConsumer();
    for (const server of [broker, slaveBroker]) {
      expect(server.heartbeats()).to.have.length(1);
      expect(server.heartbeats()[0]).to.deep.include({
        clientID: instance.clientId,
        producerDataSet: [],
        heartbeatFingerprint: 0,
        withoutSub: false,
      });
      expect(server.heartbeats()[0]?.consumerDataSet.map(({ groupName }) => groupName)).to.deep.equal(['G']);
      expect(server.received[0]?.extFields).to.include({ bname: 'broker-a' });
    }
    expect(instance.brokerVersion(master)).to.equal(479);
    await instance.shutdown();
  });

  it('go to masters only while there are only producers', async () => {
    const { obtain, broker, slaveBroker, clock } = await createInstanceWorld();
    const instance = obtain(producerMember());
    await instance.start();
    await instance.routes.fetch('T');
    await instance.addProducer(producerRole());
    await clock.advance(30_000);
    expect([broker.heartbeats().length, slaveBroker.heartbeats().length]).to.deep.equal([2, 0]);
    expect(broker.heartbeats()[0]?.producerDataSet).to.deep.equal([{ groupName: 'P' }]);
    await instance.addConsumer(new FakeConsumer());
    expect([broker.heartbeats().length, slaveBroker.heartbeats().length]).to.deep.equal([3, 1]);
    await finish(clock, instance.removeConsumer('G'));
    await clock.advance(60_000);
    expect([broker.heartbeats().length, slaveBroker.heartbeats().length]).to.deep.equal([5, 1]);
    await instance.shutdown();
  });

  it('come every 30 s, and not at all without members', async () => {
    const { obtain, startConsumer, broker, clock } = await createInstanceWorld();
    const idle = obtain(producerMember());
    await idle.start();
    await idle.routes.fetch('T');
    await clock.advance(60_000);
    expect(broker.received).to.have.length(0);
    await idle.shutdown();
    const { instance } = await startConsumer();
    await clock.advance(90_000);
    expect(broker.heartbeats()).to.have.length(4);
    await instance.shutdown();
  });

  it('are the first thing on a new connection, and then wake the consumers', async () => {
    const { startConsumer, broker, clock, network } = await createInstanceWorld();
    const { instance, consumer } = await startConsumer();
    expect(consumer.kinds()).to.deep.equal([]);
    broker.received.length = 0;
    network.cut(master);
    await clock.advance(1);
    const waiting = instance.api.consumerIds(master, 'G').catch(() => []);
    await clock.advance(2_000);
    await waiting;
    expect(broker.names().slice(0, 2)).to.deep.equal(['HEART_BEAT', 'GET_CONSUMER_LIST_BY_GROUP']);
    expect(consumer.triggers).to.have.length(1);
    expect(consumer.triggers[0]).to.include({ kind: 'reconnected', broker: master });
    await instance.shutdown();
  });

  it('reach a broker that was down at the start as soon as it is up', async () => {
    const { startConsumer, broker, clock, network, open } = await createInstanceWorld();
    await broker.close();
    const { instance, consumer } = await startConsumer();
    await clock.advance(5_000);
    expect(consumer.kinds()).to.deep.equal([]);
    const again = await open(master);
    await clock.advance(1_500);
    expect(again.heartbeats()).to.have.length(1);
    expect(consumer.kinds()).to.deep.equal(['reconnected']);
    await instance.shutdown();
    expect(network.connections).to.equal(0);
  });

  it('are tried again after 1 s when a broker did not take the one after reconnecting', async () => {
    const { startConsumer, broker, clock, network } = await createInstanceWorld();
    const { instance, consumer } = await startConsumer();
    await clock.advance(10_000);
    broker.received.length = 0;
    let refused = 0;
    broker.reactions.set(34, () => (refused++ < 3 ? { code: 1, remark: 'starting' } : { code: 0 }));
    network.cut(master);
    await clock.advance(5_000);
    expect(refused).to.equal(4);
    expect(consumer.kinds()).to.deep.equal(['reconnected']);
    await clock.advance(20_000);
    expect(broker.heartbeats().length).to.be.within(4, 5);
    await instance.shutdown();
  });

  it('never reject the task, whatever brokers answer', async () => {
    const { startConsumer, broker, clock } = await createInstanceWorld();
    broker.reactions.set(34, () => ({ code: 16, remark: 'no permission' }));
    const { instance } = await startConsumer();
    await clock.advance(60_000);
    expect(broker.of(Commands.heartBeat).length).to.be.at.least(3);
    await instance.heartbeatTo(master).then(
      () => expect.fail('must reject'),
      (error: unknown) => expect(error).to.have.property('responseName', 'NO_PERMISSION'),
    );
    await instance.shutdown();
  });

  it('greet a broker that joins the route before consumers hear of it', async () => {
    const { startConsumer, data, clock, open } = await createInstanceWorld();
    const { instance, consumer } = await startConsumer();
    const third = await open('10.0.0.3:10911');
    data.set(
      'T',
      routeOf(
        { addresses: { 0: master, 1: slave } },
        { name: 'broker-b', addresses: { 0: '10.0.0.3:10911' } },
      ),
    );
    let known = -1;
    consumer.wake = () => (known = third.heartbeats().length);
    await clock.advance(30_000);
    expect(known).to.equal(1);
    await instance.shutdown();
  });

  it('and connections end for brokers that left every route', async () => {
    const { startConsumer, data, clock, slaveBroker, network } = await createInstanceWorld();
    const { instance } = await startConsumer();
    data.set('T', routeOf({ addresses: { 0: master } }));
    await clock.advance(30_000);
    slaveBroker.received.length = 0;
    network.cut(slave);
    await clock.advance(120_000);
    expect(slaveBroker.received).to.have.length(0);
    expect(slaveBroker.connections).to.have.length(0);
    await instance.shutdown();
  });

  it('do not overtake each other: what is asked for meanwhile becomes one more', async () => {
    const { startConsumer, broker, clock } = await createInstanceWorld();
    const { instance, consumer } = await startConsumer();
    broker.received.length = 0;
    const held: (() => void)[] = [];
    broker.reactions.set(34, (command, connection) => {
      held.push(() =>
        connection.send({
          ...command,
          code: 0,
          flag: 1,
          language: 'JAVA',
          extFields: undefined,
          body: undefined,
        }),
      );
      return undefined;
    });
    const all = [instance.heartbeat(), instance.heartbeat()];
    await clock.advance(1);
    consumer.subscribed = ['T', 'U'];
    all.push(instance.heartbeat());
    await clock.advance(1);
    expect(broker.heartbeats()).to.have.length(1);
    held.shift()?.();
    await clock.advance(1);
    expect(broker.heartbeats()).to.have.length(2);
    expect(broker.heartbeats()[1]?.consumerDataSet[0]?.subscriptionDataSet).to.have.length(2);
    held.shift()?.();
    await Promise.all(all);
    expect(broker.heartbeats()).to.have.length(2);
    await finish(clock, instance.shutdown());
  });
});

describe('leaving', () => {
  it('unregisters at every connected broker, after the last heartbeat', async () => {
    const { startConsumer, broker, slaveBroker, clock } = await createInstanceWorld();
    const { instance, member } = await startConsumer();
    const beat = instance.heartbeat();
    await finish(clock, instance.release(member));
    await beat;
    for (const server of [broker, slaveBroker]) {
      expect(server.names().at(-1)).to.equal('UNREGISTER_CLIENT');
      expect(server.received.at(-1)?.extFields).to.include({
        clientID: instance.clientId,
        consumerGroup: 'G',
        bname: 'broker-a',
      });
      expect(server.connections).to.have.length(0);
    }
    expect(clock.pendingTimers).to.equal(0);
  });

  it('takes at most 3 s when a broker is silent', async () => {
    const { startConsumer, clock, network } = await createInstanceWorld();
    const { instance, member } = await startConsumer();
    network.partition(master);
    const before = clock.uptime();
    await finish(clock, instance.release(member));
    expect(clock.uptime() - before).to.be.within(2_900, 3_300);
    await clock.advance(10_000);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('does not wait for a broker that is gone', async () => {
    const { startConsumer, clock, broker, slaveBroker } = await createInstanceWorld();
    const { instance, member } = await startConsumer();
    await broker.close();
    await clock.advance(100);
    const before = clock.uptime();
    await finish(clock, instance.release(member));
    expect(clock.uptime() - before).to.be.below(500);
    expect(slaveBroker.names().at(-1)).to.equal('UNREGISTER_CLIENT');
  });
});
