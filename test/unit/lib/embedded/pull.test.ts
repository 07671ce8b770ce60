import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Commands } from '../../../../protocol/commands/index.ts';
import { tagSubscription } from '../../../../protocol/model/subscription-data.ts';
import { isPending, messagesOf, World } from './world.ts';

const held = { sysFlag: 6, suspendTimeoutMillis: 15_000 };

describe('Embedded broker, pulls', () => {
  it('answers what is stored, with offsets and flags', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    for (const body of ['a', 'b', 'c']) await client.send('T', {}, body);
    const answer = await client.pull('T', { queueOffset: 1 });
    expect(answer).to.include({ code: 0, remark: 'FOUND' });
    expect({ ...answer.extFields }).to.deep.equal({
      suggestWhichBrokerId: '0',
      nextBeginOffset: '3',
      minOffset: '0',
      maxOffset: '3',
      groupSysFlag: '0',
      topicSysFlag: '0',
    });
    expect(messagesOf(answer).map((message) => message.text())).to.deep.equal(['b', 'c']);
  });

  it('puts offsets right as Java does', async () => {
    await using world = await World.start({ topics: { T: 2 } });
    const client = world.client();
    for (const body of ['a', 'b', 'c']) await client.send('T', {}, body);
    const at = async (queueOffset: number, queueId = 0): Promise<unknown[]> => {
      const { code, remark, extFields } = await client.pull('T', { queueOffset, queueId });
      return [code, remark, extFields?.['nextBeginOffset']];
    };
    expect(await at(3)).to.deep.equal([19, 'OFFSET_OVERFLOW_ONE', '3']);
    expect(await at(1000)).to.deep.equal([21, 'OFFSET_OVERFLOW_BADLY', '3']);
    expect(await at(-1)).to.deep.equal([21, 'OFFSET_TOO_SMALL', '0']);
    expect(await at(0, 1)).to.deep.equal([19, 'NO_MESSAGE_IN_QUEUE', '0']);
    expect(await at(5, 1)).to.deep.equal([21, 'NO_MESSAGE_IN_QUEUE', '0']);
    world.cluster.expireMessages('T', 2);
    expect(await at(0)).to.deep.equal([21, 'OFFSET_TOO_SMALL', '2']);
  });

  it('compares tags by their hash, and moves on over what does not match', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    // Two tags with one hash code.
    for (const tag of ['Aa', 'BB', 'C'])
      await client.send('T', { properties: `TAGS\u0001${tag}\u0002` }, tag);
    await client.send('T', {}, 'none');
    const found = await client.pull('T', { subscription: 'Aa || X' });
    expect(messagesOf(found).map((message) => message.text())).to.deep.equal(['Aa', 'BB']);
    expect(found.extFields).to.include({ nextBeginOffset: '4' });
    const nothing = await client.pull('T', { subscription: 'X' });
    expect(nothing).to.include({ code: 20, remark: 'NO_MATCHED_MESSAGE' });
    expect(nothing.extFields).to.include({ nextBeginOffset: '4', maxOffset: '4' });
  });

  it('answers at most 32 messages or 256 KiB, but always one', async () => {
    await using world = await World.start({ topics: { T: 2 } });
    const client = world.client();
    for (let count = 0; count < 40; count++) await client.send('T');
    expect(messagesOf(await client.pull('T', { maxMsgNums: 100 }))).to.have.lengthOf(32);
    expect(messagesOf(await client.pull('T', { maxMsgNums: 5 }))).to.have.lengthOf(5);
    for (let count = 0; count < 3; count++) await client.send('T', { queueId: 1 }, 'x'.repeat(120_000));
    expect(messagesOf(await client.pull('T', { queueId: 1 }))).to.have.lengthOf(2);
    await client.send('T', { queueId: 1 }, 'x'.repeat(400_000));
    expect(messagesOf(await client.pull('T', { queueId: 1, queueOffset: 3 }))).to.have.lengthOf(1);
  });

  it('refuses what it must', async () => {
    for (const [generation, invalid] of [
      ['5', 29],
      ['4.9', 1],
    ] as const) {
      await using world = await World.start({
        generation,
        propertyFilter: false,
        topics: { T: 2, Closed: { perm: 2 } },
      });
      const client = world.client();
      const refusal = async (...args: Parameters<typeof client.pull>): Promise<unknown[]> => {
        const { code, remark } = await client.pull(...args);
        return [code, remark?.split('\n')[0]];
      };
      expect(await refusal('X')).to.deep.equal([17, 'topic[X] not exist, apply first please! ']);
      expect(await refusal('Closed')).to.deep.equal([16, 'the topic[Closed] pulling message is forbidden']);
      expect((await refusal('T', { queueId: 2 }))[0]).to.equal(invalid);
      expect(await refusal('T', { sysFlag: 0 })).to.deep.equal([24, "the consumer's group info not exist"]);
      await client.heartbeat('c@1', {
        groupName: 'G',
        subscriptionDataSet: [tagSubscription('Other', '*', 5)],
      });
      expect(await refusal('T', { sysFlag: 0 })).to.deep.equal([24, "the consumer's subscription not exist"]);
      await client.heartbeat('c@1', { groupName: 'G', subscriptionDataSet: [tagSubscription('T', '*', 5)] });
      expect((await refusal('T', { sysFlag: 0, subVersion: 5 }))[0]).to.equal(19);
      expect(await refusal('T', { sysFlag: 0, subVersion: 6 })).to.deep.equal([
        25,
        "the consumer's subscription not latest",
      ]);
      expect((await refusal('T', { subscription: '||' }))[0]).to.equal(23);
      expect(await refusal('T', { subscription: 'a > 1', expressionType: 'SQL92' })).to.deep.equal([
        1,
        'The broker does not support consumer to filter message by SQL92',
      ]);
    }
  });

  it('holds a pull until a message comes', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    const pull = client.pull('T', held);
    expect(await isPending(pull)).to.equal(true);
    await world.clock.advance(3_000);
    expect(await isPending(pull)).to.equal(true);
    await Promise.all([client.send('T', {}, 'a'), client.send('T', {}, 'b')]);
    expect(messagesOf(await pull).map((message) => message.text())).to.deep.equal(['a', 'b']);
  });

  it('does not wake a held pull for tags it does not want', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    const pull = client.pull('T', { ...held, subscription: 'Yes' });
    await client.send('T', { properties: 'TAGS\u0001No\u0002' }, 'no');
    expect(await isPending(pull)).to.equal(true);
    await client.send('T', { properties: 'TAGS\u0001Yes\u0002' }, 'yes');
    expect(messagesOf(await pull).map((message) => message.text())).to.deep.equal(['yes']);
  });

  it('lets go of a held pull at the first look after its time, and only then', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    await world.clock.advance(1_000);
    const pull = client.pull('T', held);
    await world.clock.advance(18_900);
    expect(await isPending(pull)).to.equal(true);
    await world.clock.advance(200);
    expect(await pull).to.include({ code: 19, remark: 'NO_MESSAGE_IN_QUEUE' });
  });

  it('moves a pull that was held over foreign tags on with code 20', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    const pull = client.pull('T', { ...held, subscription: 'Yes' });
    await client.send('T', { properties: 'TAGS\u0001No\u0002' });
    await world.clock.advance(20_000);
    const answer = await pull;
    expect(answer.code).to.equal(20);
    expect(answer.extFields).to.include({ nextBeginOffset: '1' });
  });

  it('holds nothing but code 19', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    await client.send('T');
    expect((await client.pull('T', { ...held, queueOffset: 9 })).code).to.equal(21);
    expect((await client.pull('T', { ...held, subscription: 'Yes' })).code).to.equal(20);
  });

  it('takes the offset that a pull brings along, but not again when the pull wakes up', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    for (let count = 0; count < 3; count++) await client.send('T');
    const pull = client.pull('T', { ...held, sysFlag: 7, queueOffset: 3, commitOffset: 2 });
    expect(await isPending(pull)).to.equal(true);
    expect(await client.committed('G', 'T', 0)).to.equal(2);
    await client.commit('G', 'T', 0, 3);
    await client.send('T');
    await pull;
    expect(await client.committed('G', 'T', 0)).to.equal(3);
  });

  it('has no timer when it is idle', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    expect(world.clock.pendingTimers).to.equal(0);
    const pull = client.pull('T', held);
    await isPending(pull);
    await client.send('T');
    await pull;
    await client.remoting.close();
    await world.clock.advance(5_000);
    expect(world.clock.pendingTimers).to.equal(0);
  });

  it('shows a message by its place in the log', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    await client.send('T', {}, 'a');
    await client.send('T', {}, 'b');
    const offset = world.cluster.messages('T')[1]?.commitLogOffset ?? -1;
    const view = async (at: number): ReturnType<typeof client.pull> =>
      client.remoting.request(world.broker, Commands.viewMessageById, { offset: at }, undefined);
    expect(messagesOf(await view(offset)).map((message) => message.text())).to.deep.equal(['b']);
    expect((await view(offset + 1)).code).to.equal(1);
  });
});
