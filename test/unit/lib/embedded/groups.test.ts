import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Commands } from '../../../../protocol/commands/index.ts';
import { tagSubscription } from '../../../../protocol/model/subscription-data.ts';
import { settle } from '../../../support/fake-clock.ts';
import { World } from './world.ts';

describe('Embedded broker, groups', () => {
  it('tells every member, the new one too, when one joins', async () => {
    await using world = await World.start();
    const [one, two] = [world.client({ language: 'GO' }), world.client({ language: 'GO' })];
    await one.heartbeat('c@1', { groupName: 'G' });
    expect(one.notices).to.deep.equal(['G']);
    await one.heartbeat('c@1', { groupName: 'G' });
    expect(one.notices).to.deep.equal(['G']);
    await two.heartbeat('c@2', { groupName: 'G' });
    expect([one.notices, two.notices]).to.deep.equal([['G', 'G'], ['G']]);
    expect(await one.members('G')).to.have.members(['c@1', 'c@2']);
    expect(
      world.cluster
        .group('G')
        .members.map(({ clientId, language, brokers }) => ({ clientId, language, brokers })),
    ).to.deep.equal([
      { clientId: 'c@1', language: 'GO', brokers: ['broker-a'] },
      { clientId: 'c@2', language: 'GO', brokers: ['broker-a'] },
    ]);
  });

  it('tells the others when one leaves by 35 or by losing its connection', async () => {
    await using world = await World.start();
    const [one, two, three] = [world.client(), world.client(), world.client()];
    for (const [index, client] of [one, two, three].entries())
      await client.heartbeat(`c@${index}`, { groupName: 'G' });
    one.notices.length = 0;
    const leave = { clientID: 'c@1', consumerGroup: 'G' };
    await two.remoting.request(world.broker, Commands.unregisterClient, leave, undefined);
    await settle();
    expect(one.notices).to.deep.equal(['G']);
    await three.remoting.close();
    await settle();
    expect(one.notices).to.deep.equal(['G', 'G']);
    expect(await one.members('G')).to.deep.equal(['c@0']);
    await one.remoting.request(
      world.broker,
      Commands.unregisterClient,
      { clientID: 'c@0', consumerGroup: 'G' },
      undefined,
    );
    const none = await one.remoting.request(
      world.broker,
      Commands.getConsumerListByGroup,
      { consumerGroup: 'G' },
      undefined,
    );
    expect(none).to.include({ code: 1, remark: 'no consumer for this group, G' });
  });

  it('drops a client that sends no heartbeats, and tells the others', async () => {
    await using world = await World.start();
    const [one, two] = [world.client(), world.client()];
    await one.heartbeat('c@1', { groupName: 'G' });
    await two.heartbeat('c@2', { groupName: 'G' });
    one.notices.length = 0;
    for (let passed = 0; passed < 120; passed += 30) {
      await world.clock.advance(30_000);
      await one.heartbeat('c@1', { groupName: 'G' });
    }
    expect(await one.members('G')).to.have.members(['c@1', 'c@2']);
    await world.clock.advance(15_000);
    expect(await one.members('G')).to.deep.equal(['c@1']);
    expect(one.notices).to.deep.equal(['G']);
    expect(two.remoting.isConnected(world.broker)).to.equal(false);
  });

  it('keeps one id per connection, the last, without a notice', async () => {
    await using world = await World.start();
    const client = world.client();
    await client.heartbeat('c@1', { groupName: 'G' });
    await client.heartbeat('c@2', { groupName: 'G' });
    expect(await client.members('G')).to.deep.equal(['c@2']);
    expect(client.notices).to.deep.equal(['G']);
  });

  it('lists an id twice that comes over two connections', async () => {
    await using world = await World.start();
    const [one, two] = [world.client(), world.client()];
    await one.heartbeat('c@1', { groupName: 'G' });
    await two.heartbeat('c@1', { groupName: 'G' });
    expect(await one.members('G')).to.deep.equal(['c@1', 'c@1']);
  });

  it('tells broadcasting members nothing', async () => {
    await using world = await World.start();
    const client = world.client();
    await client.heartbeat('c@1', { groupName: 'G', messageModel: 'BROADCASTING' });
    expect(client.notices).to.deep.equal([]);
  });

  it('takes up subscriptions: the last heartbeat decides on topics, the higher version on one topic', async () => {
    await using world = await World.start();
    const [one, two] = [world.client(), world.client()];
    const subscribed = (): string[] =>
      world.cluster
        .group('G')
        .subscriptions.map((item) => `${item.topic} ${item.subString} ${item.subVersion}`);
    await one.heartbeat('c@1', {
      groupName: 'G',
      subscriptionDataSet: [tagSubscription('A', 'x', 5), tagSubscription('B', '*', 1)],
    });
    await two.heartbeat('c@2', { groupName: 'G', subscriptionDataSet: [tagSubscription('A', 'y', 4)] });
    expect(subscribed()).to.deep.equal(['A x 5']);
    one.notices.length = 0;
    await two.heartbeat('c@2', { groupName: 'G', subscriptionDataSet: [tagSubscription('A', 'y', 6)] });
    expect(subscribed()).to.deep.equal(['A y 6']);
    expect(one.notices).to.deep.equal([]);
    await two.heartbeat('c@2', {
      groupName: 'G',
      subscriptionDataSet: [tagSubscription('A', 'y', 6), tagSubscription('C', '*', 1)],
    });
    expect(one.notices).to.deep.equal(['G']);
  });

  it('answers heartbeats of the second kind as 5, and nothing as 4.9', async () => {
    await using five = await World.start();
    const client = five.client();
    const ext = async (fingerprint: number, withoutSub = false): Promise<unknown> => {
      const subscriptionDataSet = withoutSub ? [] : [tagSubscription('T', '*', 1)];
      const { extFields } = await client.heartbeat(
        'c@1',
        { groupName: 'G', subscriptionDataSet },
        { heartbeatFingerprint: fingerprint, withoutSub },
      );
      return { ...extFields };
    };
    expect(await ext(0)).to.deep.equal({ IS_SUPPORT_HEART_BEAT_V2: 'true', IS_SUB_CHANGE: 'true' });
    expect(await ext(7)).to.deep.equal({ IS_SUPPORT_HEART_BEAT_V2: 'true', IS_SUB_CHANGE: 'true' });
    expect(await ext(7, true)).to.deep.equal({ IS_SUPPORT_HEART_BEAT_V2: 'true', IS_SUB_CHANGE: 'false' });
    expect(five.cluster.group('G').subscriptions).to.have.lengthOf(1);
    await using four = await World.start({ generation: '4.9' });
    expect((await four.client().heartbeat('c@1', { groupName: 'G' })).extFields).to.equal(undefined);
  });

  it('makes the retry topic of a group with its first heartbeat', async () => {
    await using world = await World.start();
    const client = world.client();
    await client.heartbeat('c@1', { groupName: 'G' });
    const { body } = await client.remoting.invoke(
      world.cluster.nameServers,
      Commands.getRouteInfoByTopic,
      { topic: '%RETRY%G' },
      undefined,
    );
    expect(body.queueDatas[0]).to.include({ readQueueNums: 1, writeQueueNums: 1, perm: 6 });
  });

  it('tells administrators who is connected', async () => {
    await using world = await World.start();
    const client = world.client();
    await client.heartbeat('c@1', { groupName: 'G' });
    const { body } = await client.remoting.invoke(
      world.broker,
      Commands.getConsumerConnectionList,
      { consumerGroup: 'G' },
      undefined,
    );
    expect(body.connectionSet.map((item) => item.clientId)).to.deep.equal(['c@1']);
    expect(body.connectionSet[0]?.clientAddr).to.equal(world.cluster.group('G').members[0]?.address);
    expect([...body.subscriptionTable.keys()]).to.deep.equal(['T']);
    const row = Commands.getConsumerConnectionList;
    expect(
      (await client.remoting.request(world.broker, row, { consumerGroup: 'X' }, undefined)).code,
    ).to.equal(206);
    const producer = { clientID: 'p@1', producerDataSet: [{ groupName: 'P' }], consumerDataSet: [] };
    await client.remoting.request(world.broker, Commands.heartBeat, {}, producer);
    const producers = await client.remoting.invoke(
      world.broker,
      Commands.getProducerConnectionList,
      { producerGroup: 'P' },
      undefined,
    );
    expect(producers.body.connectionSet.map((item) => item.clientId)).to.deep.equal(['p@1']);
  });
});
