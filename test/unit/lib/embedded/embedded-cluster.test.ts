import { expect } from 'chai';
import { describe, it } from 'mocha';
import { EmbeddedCluster, type LoggedRequest } from '../../../../lib/embedded/index.ts';
import { RemotingClient } from '../../../../lib/remoting/remoting-client.ts';
import { TcpTransport } from '../../../../lib/remoting/tcp-transport.ts';
import { systemClock } from '../../../../lib/runtime/clock.ts';
import { systemRandom } from '../../../../lib/runtime/random.ts';
import { Commands } from '../../../../protocol/commands/index.ts';
import { settle } from '../../../support/fake-clock.ts';
import { isPending, World } from './world.ts';

describe('EmbeddedCluster', () => {
  it('runs on TCP and stops leaving nothing behind', async () => {
    const cluster = await EmbeddedCluster.start({ brokers: 2, topics: { T: 1 } });
    const remoting = new RemotingClient({
      transport: new TcpTransport(),
      clock: systemClock,
      random: systemRandom,
    });
    const { body } = await remoting.invoke(
      cluster.nameServers,
      Commands.getRouteInfoByTopic,
      { topic: 'T' },
      undefined,
    );
    const addresses = body.brokerDatas.map((broker) => broker.brokerAddrs.get(0) ?? '');
    expect(addresses).to.deep.equal(cluster.brokerNames.map((name) => cluster.brokerAddress(name)));
    for (const address of addresses) {
      const answer = await remoting.invoke(
        address,
        Commands.getMaxOffset,
        { topic: 'T', queueId: 0 },
        undefined,
      );
      expect(answer.header.offset).to.equal(0);
    }
    await remoting.close();
    await cluster.shutdown();
    await cluster.shutdown();
  });

  it('starts a stopped broker where it was, with what it had', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    const address = world.broker;
    await client.heartbeat('c@1', { groupName: 'G' });
    await client.send('T', {}, 'kept');
    await client.commit('G', 'T', 0, 1);
    await world.cluster.stopBroker('broker-a');
    await settle();
    expect(client.remoting.isConnected(address)).to.equal(false);
    expect(world.cluster.group('G').members).to.deep.equal([]);
    await world.cluster.startBroker('broker-a');
    expect(world.broker).to.equal(address);
    expect(await client.committed('G', 'T', 0)).to.equal(1);
    expect((await client.send('T', {}, 'more')).code).to.equal(0);
    expect(world.cluster.messages('T').map((message) => message.text())).to.deep.equal(['kept', 'more']);
  });

  it('can lose its name server and get it back', async () => {
    await using world = await World.start({ nameServers: 2, topics: { T: 1 } });
    const client = world.client().remoting;
    const [first = '', second = ''] = world.cluster.nameServers.split(';');
    const ask = async (address: string): Promise<number> =>
      (await client.request(address, Commands.getRouteInfoByTopic, { topic: 'T' }, undefined)).code;
    await world.cluster.stopNameServer();
    expect(await ask(first).catch((error: Error) => error.name)).to.equal('ConnectError');
    expect(await ask(second)).to.equal(0);
    await world.cluster.startNameServer();
    expect(await ask(first)).to.equal(0);
  });

  it('changes and deletes topics', async () => {
    await using world = await World.start({ brokers: 2, topics: { T: 2 } });
    const client = world.client().remoting;
    const route = async (): Promise<unknown> => {
      const answer = await client.request(
        world.cluster.nameServers,
        Commands.getRouteInfoByTopic,
        { topic: 'T' },
        undefined,
      );
      if (answer.body === undefined) return answer.code;
      const { queueDatas } = Commands.getRouteInfoByTopic.responseBody.decode(answer.body);
      return queueDatas.map((queue) => [
        queue.brokerName,
        queue.readQueueNums,
        queue.writeQueueNums,
        queue.perm,
      ]);
    };
    world.cluster.updateTopic('T', { readQueues: 8, brokers: ['broker-b'] });
    world.cluster.updateTopic('T', { perm: 4 });
    expect(await route()).to.deep.equal([
      ['broker-a', 2, 2, 4],
      ['broker-b', 8, 2, 4],
    ]);
    world.cluster.deleteTopic('T');
    expect(await route()).to.equal(17);
    const header = {
      topic: 'T',
      defaultTopic: 'TBW102',
      readQueueNums: 1,
      writeQueueNums: 1,
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
      order: false,
    };
    const made = await client.request(world.broker, Commands.updateAndCreateTopic, header, undefined);
    expect(made).to.include({ code: 0, remark: 'not set any response code' });
    expect(await route()).to.deep.equal([['broker-a', 1, 1, 6]]);
    await client.request(world.broker, Commands.deleteTopicInBroker, { topic: 'T' }, undefined);
    expect(await route()).to.equal(17);
    expect(() => world.cluster.updateTopic('T', { queues: 1 })).to.throw(
      'Option topic names T, which no broker has',
    );
    expect(() => world.cluster.createTopic('a b')).to.throw('contains illegal characters');
  });

  it('takes brokers in later', async () => {
    await using world = await World.start();
    expect(await world.cluster.addBroker()).to.equal('broker-b');
    expect(await world.cluster.addBroker({ name: 'other' })).to.equal('other');
    expect(world.cluster.brokerNames).to.deep.equal(['broker-a', 'broker-b', 'other']);
  });

  it('keeps a log of requests and their answers', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const seen: LoggedRequest[] = [];
    world.cluster.on('request', (request) => seen.push(request));
    const client = world.client();
    await client.heartbeat('c@1', { groupName: 'G' });
    await client.pull('X');
    expect(seen.map(({ name, direction, server }) => [name, direction, server])).to.deep.equal([
      ['HEART_BEAT', 'in', 'broker-a'],
      ['NOTIFY_CONSUMER_IDS_CHANGED', 'out', 'broker-a'],
      ['PULL_MESSAGE', 'in', 'broker-a'],
    ]);
    const [pull] = world.cluster.requests({ command: 11, direction: 'in', since: world.clock.now() });
    expect(pull?.ext).to.include({ topic: 'X' });
    expect(pull?.answer).to.include({ code: 17 });
    world.cluster.forgetRequests();
    expect(world.cluster.requests()).to.deep.equal([]);
  });
});

describe('EmbeddedCluster, controls', () => {
  it('answers with another code, so many times', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    const control = world.cluster.control(Commands.sendMessageV2, { answer: 2, remark: 'busy', times: 2 });
    expect(await client.send('T')).to.include({ code: 2, remark: 'busy' });
    expect((await client.send('T')).code).to.equal(2);
    expect((await client.send('T')).code).to.equal(0);
    expect(control.hits).to.equal(2);
    expect(world.cluster.messages('T')).to.have.lengthOf(1);
  });

  it('delays and holds requests', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    world.cluster.control(310, { delay: 500, times: 1 });
    const delayed = client.send('T');
    await world.clock.advance(499);
    expect(await isPending(delayed)).to.equal(true);
    await world.clock.advance(1);
    expect((await delayed).code).to.equal(0);
    let release = (): void => undefined;
    const hold = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.cluster.control(310, { hold });
    const held = client.send('T');
    expect(await isPending(held)).to.equal(true);
    release();
    expect((await held).code).to.equal(0);
  });

  it('drops, mutes and cuts', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    const outcome = async (): Promise<string> => {
      const sent = client.send('T').then(
        () => 'answered',
        (error: Error) => error.name,
      );
      await world.clock.advance(3_000);
      return sent;
    };
    const stored = (): number => world.cluster.messages('T').length;
    world.cluster.control(310, { drop: true, times: 1 });
    expect([await outcome(), stored()]).to.deep.equal(['RequestTimeoutError', 0]);
    world.cluster.control(310, { mute: true, times: 1 });
    expect([await outcome(), stored()]).to.deep.equal(['RequestTimeoutError', 1]);
    world.cluster.control(310, { close: 'before', times: 1 });
    expect([await outcome(), stored()]).to.deep.equal(['ConnectionClosedError', 1]);
    world.cluster.control(310, { close: 'after', times: 1 });
    expect([await outcome(), stored()]).to.deep.equal(['ConnectionClosedError', 2]);
    expect([await outcome(), stored()]).to.deep.equal(['answered', 3]);
  });

  it('asks a function, and stops when it is removed', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    const control = world.cluster.control(Commands.sendMessageV2, ({ command }) =>
      command.extFields?.['a'] === 'Bad' ? { answer: 16 } : undefined,
    );
    expect((await client.send('T', { producerGroup: 'Bad' })).code).to.equal(16);
    expect((await client.send('T')).code).to.equal(0);
    control.remove();
    expect((await client.send('T', { producerGroup: 'Bad' })).code).to.equal(0);
  });

  it('strikes one server only, and what brokers send too', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    world.cluster.control(310, { answer: 1, server: 'broker-z' });
    expect((await client.send('T')).code).to.equal(0);
    world.cluster.control(Commands.notifyConsumerIdsChanged, { drop: true });
    await client.heartbeat('c@1', { groupName: 'G' });
    expect(client.notices).to.deep.equal([]);
  });

  it('cuts connections', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    await client.send('T');
    world.cluster.disconnect({ server: 'broker-a' });
    await settle();
    expect(client.remoting.isConnected(world.broker)).to.equal(false);
  });
});
