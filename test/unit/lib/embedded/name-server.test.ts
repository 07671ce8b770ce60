import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Commands } from '../../../../protocol/commands/index.ts';
import { isPending, World } from './world.ts';

const unknown = { ...Commands.getBrokerClusterInfo, code: 9999 };

describe('Embedded name server', () => {
  it('answers a route as strict JSON from version 401 on', async () => {
    await using world = await World.start({
      brokers: 2,
      topics: { T: { queues: 3, brokers: ['broker-b'] } },
    });
    const answer = await world
      .client()
      .remoting.request(world.cluster.nameServers, Commands.getRouteInfoByTopic, { topic: 'T' }, undefined);
    expect(answer).to.include({ code: 0, version: 513, remark: undefined });
    expect(JSON.parse(String(answer.body))).to.deep.equal({
      brokerDatas: [
        {
          brokerAddrs: { '0': world.cluster.brokerAddress('broker-b') },
          brokerName: 'broker-b',
          cluster: 'DefaultCluster',
          enableActingMaster: false,
        },
      ],
      filterServerTable: {},
      queueDatas: [{ brokerName: 'broker-b', perm: 6, readQueueNums: 3, topicSysFlag: 0, writeQueueNums: 3 }],
    });
  });

  it('leaves broker ids unquoted for older versions, unless strict JSON is asked for', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const old = world.client({ version: 400 }).remoting;
    const ask = async (acceptStandardJsonOnly?: boolean): Promise<string> => {
      const header = { topic: 'T', acceptStandardJsonOnly };
      return String(
        (await old.request(world.cluster.nameServers, Commands.getRouteInfoByTopic, header, undefined)).body,
      );
    };
    expect(await ask()).to.include('{"brokerAddrs":{0:"127.0.0.1:');
    expect(await ask(true)).to.include('{"brokerAddrs":{"0":"127.0.0.1:');
  });

  it('leaves broker ids unquoted in the cluster information, whoever asks', async () => {
    await using world = await World.start({ brokers: 2 });
    const answer = await world
      .client()
      .remoting.request(world.cluster.nameServers, Commands.getBrokerClusterInfo, {}, undefined);
    expect(String(answer.body))
      .to.include('{0:"')
      .and.include('"clusterAddrTable":{"DefaultCluster":["broker-a","broker-b"]}');
  });

  it('does not know a topic that is nowhere', async () => {
    await using world = await World.start();
    const { code, remark } = await world
      .client()
      .remoting.request(world.cluster.nameServers, Commands.getRouteInfoByTopic, { topic: 'X' }, undefined);
    expect(code).to.equal(17);
    expect(remark).to.equal(
      'No topic route info in name server for the topic: X\nSee https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.',
    );
  });

  it('has a route of the template topic only while topics are created automatically', async () => {
    const header = { topic: 'TBW102' };
    await using on = await World.start();
    const { remoting } = on.client();
    const { body } = await remoting.invoke(
      on.cluster.nameServers,
      Commands.getRouteInfoByTopic,
      header,
      undefined,
    );
    expect(body.queueDatas[0]?.perm).to.equal(7);
    // As brokers of 4.9.7 and 5.5.0 with autoCreateTopicEnable=false.
    await using off = await World.start({ autoCreateTopics: false });
    const row = Commands.getRouteInfoByTopic;
    const answer = await off.client().remoting.request(off.cluster.nameServers, row, header, undefined);
    expect(answer.code).to.equal(17);
  });

  it('refuses a code nobody knows; that of 4.9 says nothing', async () => {
    await using five = await World.start();
    const answer = await five.client().remoting.request(five.cluster.nameServers, unknown, {}, undefined);
    expect(answer).to.include({ code: 3, remark: ' request type 9999 not supported' });
    await using four = await World.start({ generation: '4.9' });
    const silent = four.client().remoting.request(four.cluster.nameServers, unknown, {}, undefined);
    expect(await isPending(silent)).to.equal(true);
    silent.catch(() => undefined);
  });

  it('leaves out a stopped broker, unless nobody has noticed', async () => {
    await using world = await World.start({ brokers: 2, topics: { T: 1 } });
    const brokers = async (): Promise<string[]> => {
      const header = { topic: 'T' };
      const { body } = await world
        .client()
        .remoting.invoke(world.cluster.nameServers, Commands.getRouteInfoByTopic, header, undefined);
      return body.queueDatas.map((queue) => queue.brokerName);
    };
    await world.cluster.stopBroker('broker-a');
    expect(await brokers()).to.deep.equal(['broker-b']);
    await world.cluster.startBroker('broker-a');
    await world.cluster.stopBroker('broker-b', { leaveRoute: true });
    expect(await brokers()).to.deep.equal(['broker-a', 'broker-b']);
  });

  it('echoes the header type as 4.9, and always writes JSON as 5', async () => {
    for (const [generation, type] of [
      ['4.9', 1],
      ['5', 0],
    ] as const) {
      await using world = await World.start({ generation, topics: { T: 1 } });
      const client = world.client({ serializeType: 'ROCKETMQ' }).remoting;
      const answer = await client.request(
        world.cluster.nameServers,
        Commands.getRouteInfoByTopic,
        { topic: 'T' },
        undefined,
      );
      expect(answer.serializeType).to.equal(type);
    }
  });
});
