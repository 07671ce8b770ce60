import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Commands } from '../../../../protocol/commands/index.ts';
import type { RemotingCommand } from '../../../../protocol/remoting-command.ts';
import { isPending, messagesOf, plainPull, plainSend, type RawClient, World } from './world.ts';

const slaveAddress = (world: World): string => world.cluster.brokerAddress('broker-a', 1);

async function pull(world: World, client: RawClient, change: object = {}): Promise<RemotingCommand> {
  const header = { ...plainPull, ...change };
  const options = { timeout: 60_000 };
  return client.remoting.request(slaveAddress(world), Commands.pullMessage, header, undefined, options);
}

async function addresses(world: World, client: RawClient): Promise<[number, string][]> {
  const row = Commands.getRouteInfoByTopic;
  const { body } = await client.remoting.invoke(world.cluster.nameServers, row, { topic: 'T' }, undefined);
  return [...(body.brokerDatas[0]?.brokerAddrs ?? [])];
}

describe('Embedded broker, slaves', () => {
  it('is in the route under its id, also when the master is away', async () => {
    await using world = await World.start({ brokers: [{ slaves: 1 }], topics: { T: 1 } });
    const client = world.client();
    const [master, slave] = [world.broker, slaveAddress(world)];
    expect(await addresses(world, client)).to.deep.equal([
      [0, master],
      [1, slave],
    ]);
    await client.send('T', {}, 'a');
    await world.cluster.stopBroker('broker-a');
    expect(await addresses(world, client)).to.deep.equal([[1, slave]]);
    expect(messagesOf(await pull(world, client)).map((message) => message.text())).to.deep.equal(['a']);
    await world.cluster.startBroker('broker-a');
    await world.cluster.stopBroker('broker-a', { brokerId: 1 });
    expect(await addresses(world, client)).to.deep.equal([[0, master]]);
  });

  it('reads what the master stores, and holds pulls for it', async () => {
    await using world = await World.start({ brokers: [{ slaves: 1 }], topics: { T: 1 } });
    const client = world.client();
    const held = pull(world, client, { sysFlag: 6, suspendTimeoutMillis: 15_000 });
    expect(await isPending(held)).to.equal(true);
    await client.send('T', {}, 'a');
    expect(messagesOf(await held).map((message) => message.text())).to.deep.equal(['a']);
    // A slave does not put offsets right.
    const beyond = await pull(world, client, { queueOffset: 9 });
    expect([beyond.code, beyond.extFields?.['nextBeginOffset']]).to.deep.equal([20, '9']);
  });

  for (const [generation, send, back] of [
    ['5', [2, '[REJECTREQUEST]system busy, start flow control for a while'], 2],
    ['4.9', [14, 'service not available now. It may be caused by one of the fol'], 1],
  ] as const) {
    it(`refuses to write, ${generation}`, async () => {
      await using world = await World.start({ generation, brokers: [{ slaves: 1 }], topics: { T: 1 } });
      const { remoting } = world.client();
      const address = slaveAddress(world);
      const header = { ...plainSend, topic: 'T' };
      const refused = await remoting.request(address, Commands.sendMessageV2, header, Buffer.from('x'));
      expect([refused.code, refused.remark?.slice(0, 61)]).to.deep.equal([send[0], send[1].slice(0, 61)]);
      const sentBack = { offset: 0, group: 'G', delayLevel: 0, unitMode: false };
      const answer = await remoting.request(address, Commands.consumerSendMsgBack, sentBack, undefined);
      expect(answer.code).to.equal(back);
      expect(world.cluster.messages('T')).to.deep.equal([]);
    });
  }

  it('is suggested to readers that are far behind', async () => {
    await using world = await World.start({
      brokers: [{ slaves: 1 }],
      topics: { T: 1 },
      slaveReadLag: 1_000,
    });
    const client = world.client();
    for (let count = 0; count < 20; count++) await client.send('T');
    const suggested = async (queueOffset: number): Promise<string | undefined> =>
      (await client.pull('T', { queueOffset, maxMsgNums: 1 })).extFields?.['suggestWhichBrokerId'];
    expect([await suggested(0), await suggested(19)]).to.deep.equal(['1', '0']);
  });
});

describe('Embedded broker, memory limit', () => {
  it('keeps the newest messages, and forgets the oldest as a real broker does', async () => {
    await using world = await World.start({ topics: { T: 2 }, memoryLimit: 20_000 });
    const client = world.client();
    for (let count = 0; count < 400; count++) await client.send('T', { queueId: count % 2 }, `${count}`);
    const stored = world.cluster.messages('T');
    const bytes = stored.reduce((sum, message) => sum + message.storeSize, 0);
    expect(bytes).to.be.within(15_000, 20_500);
    expect(stored.at(-1)?.text()).to.equal('399');
    const first = stored[0]?.queueOffset ?? 0;
    expect(first).to.be.above(100);
    const moved = await client.pull('T');
    expect([moved.code, moved.extFields?.['nextBeginOffset']]).to.deep.equal([21, String(first)]);
  });
});
