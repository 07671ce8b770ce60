import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Commands } from '../../../../protocol/commands/index.ts';
import { messagesOf, type RawClient, World } from './world.ts';

async function reset(
  world: World,
  client: RawClient,
  header: { timestamp?: number; queueId?: number; offset?: number; isForce?: boolean } = {},
) {
  const full = { topic: 'T', group: 'G', timestamp: -1, isForce: true, ...header };
  return client.remoting.request(world.broker, Commands.invokeBrokerToResetOffset, full, undefined);
}

describe('Embedded broker, offsets', () => {
  it('answers 0 instead of nothing while the first message is there, unless told not to', async () => {
    await using world = await World.start({ topics: { T: 2 } });
    const client = world.client();
    await client.send('T');
    expect(await client.committed('G', 'T', 0)).to.equal(0);
    expect(await client.committed('G', 'T', 0, false)).to.equal('code 22');
    expect(await client.committed('G', 'T', 1)).to.equal('code 22');
    await client.send('T');
    world.cluster.expireMessages('T', 1);
    expect(await client.committed('G', 'T', 0)).to.equal('code 22');
    await using four = await World.start({ generation: '4.9', topics: { T: 1 } });
    expect(await four.client().committed('G', 'T', 0, false)).to.equal(0);
  });

  it('stores what is committed, backwards too', async () => {
    await using world = await World.start({ topics: { T: 2 } });
    const client = world.client();
    await client.heartbeat('c@1', { groupName: 'G' });
    expect(await client.commit('G', 'T', 1, 7)).to.include({ code: 0 });
    expect(await client.commit('G', 'T', 1, 3)).to.include({ code: 0 });
    expect(await client.committed('G', 'T', 1)).to.equal(3);
    expect(world.cluster.group('G').offsets('T')).to.deep.equal([-1, 3]);
    expect((await client.commit('Nobody', 'T', 1, 3)).code).to.equal(26);
    expect((await client.commit('G', 'X', 1, 3)).code).to.equal(17);
  });

  it('tells the ends of a queue and the place of a time', async () => {
    await using world = await World.start({ topics: { T: 2 } });
    const client = world.client();
    const start = world.clock.now();
    for (let count = 0; count < 3; count++) {
      await client.send('T');
      await world.clock.advance(100);
    }
    const queue = { topic: 'T', queueId: 0 };
    const search = async (timestamp: number, boundaryType?: 'LOWER' | 'UPPER'): Promise<number> => {
      const header = { ...queue, timestamp, boundaryType };
      return (await client.remoting.invoke(world.broker, Commands.searchOffsetByTimestamp, header, undefined))
        .header.offset;
    };
    expect(await Promise.all([-50, 0, 99, 100, 201].map(async (ms) => search(start + ms)))).to.deep.equal([
      0, 0, 1, 1, 3,
    ]);
    expect(
      await Promise.all([-50, 0, 99, 100, 201].map(async (ms) => search(start + ms, 'UPPER'))),
    ).to.deep.equal([0, 0, 0, 1, 2]);
    const { remoting } = client;
    expect(
      (await remoting.invoke(world.broker, Commands.getMaxOffset, queue, undefined)).header.offset,
    ).to.equal(3);
    expect(
      (await remoting.invoke(world.broker, Commands.getMinOffset, queue, undefined)).header.offset,
    ).to.equal(0);
    expect(
      (await remoting.invoke(world.broker, Commands.getEarliestMsgStoretime, queue, undefined)).header
        .timestamp,
    ).to.equal(start);
    const empty = { topic: 'T', queueId: 1 };
    expect(
      (await remoting.invoke(world.broker, Commands.getEarliestMsgStoretime, empty, undefined)).header
        .timestamp,
    ).to.equal(-1);
  });

  it('finds the nearest message as 4.9', async () => {
    await using world = await World.start({ generation: '4.9', topics: { T: 1 } });
    const client = world.client();
    const start = world.clock.now();
    for (let count = 0; count < 2; count++) {
      await client.send('T');
      await world.clock.advance(100);
    }
    const search = async (ms: number): Promise<number> => {
      const header = { topic: 'T', queueId: 0, timestamp: start + ms };
      return (await client.remoting.invoke(world.broker, Commands.searchOffsetByTimestamp, header, undefined))
        .header.offset;
    };
    expect(await Promise.all([-9, 0, 50, 51, 900].map(search))).to.deep.equal([0, 0, 0, 1, 1]);
  });

  it('keeps a reset as 5 and tells the next pull of it, once', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    for (let count = 0; count < 3; count++) await client.send('T');
    expect((await reset(world, client)).code).to.equal(26);
    await client.heartbeat('c@1', { groupName: 'G' });
    await client.commit('G', 'T', 0, 1);
    const answer = await reset(world, client, { timestamp: 0 });
    expect(Commands.invokeBrokerToResetOffset.responseBody.decode(answer.body).offsetTable).to.deep.equal([
      [{ topic: 'T', brokerName: 'broker-a', queueId: 0 }, 0],
    ]);
    expect((await client.commit('G', 'T', 0, 2)).remark).to.equal('Offset has been previously reset');
    expect(await client.committed('G', 'T', 0)).to.equal(0);
    const pull = await client.pull('T', { queueOffset: 2 });
    expect(pull).to.include({ code: 21, remark: 'OFFSET_RESET' });
    expect(pull.extFields).to.include({ nextBeginOffset: '0' });
    expect(messagesOf(await client.pull('T', { queueOffset: 0 }))).to.have.lengthOf(3);
    await client.commit('G', 'T', 0, 2);
    expect(await client.committed('G', 'T', 0)).to.equal(2);
    await reset(world, client, { queueId: 0, offset: 1 });
    expect(await client.committed('G', 'T', 0)).to.equal(1);
    expect((await reset(world, client, { queueId: 0, offset: 9 })).code).to.equal(1);
  });

  it('pushes a reset to the members as 4.9', async () => {
    await using world = await World.start({ generation: '4.9', topics: { T: 1 } });
    const client = world.client();
    await client.send('T');
    expect((await reset(world, client)).code).to.equal(1);
    await client.commit('G', 'T', 0, 0);
    expect((await reset(world, client)).code).to.equal(206);
    const pushed: unknown[] = [];
    client.remoting.handle(Commands.resetConsumerClientOffset, ({ header, body }) => {
      pushed.push({ topic: header.topic, group: header.group, offsets: body.offsetTable });
      return undefined;
    });
    await client.heartbeat('c@1', { groupName: 'G' });
    expect((await reset(world, client)).code).to.equal(0);
    expect(pushed).to.deep.equal([
      { topic: 'T', group: 'G', offsets: [[{ topic: 'T', brokerName: 'broker-a', queueId: 0 }, 1]] },
    ]);
  });

  it('tells the progress of a group', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    for (let count = 0; count < 3; count++) await client.send('T');
    await client.pull('T', { sysFlag: 5, commitOffset: 2 });
    const { body } = await client.remoting.invoke(
      world.broker,
      Commands.getConsumeStats,
      { consumerGroup: 'G' },
      undefined,
    );
    expect(body.offsetTable).to.deep.equal([
      [
        { topic: 'T', brokerName: 'broker-a', queueId: 0 },
        { brokerOffset: 3, consumerOffset: 2, pullOffset: 3, lastTimestamp: world.clock.now() },
      ],
    ]);
  });
});
