import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Commands } from '../../../../protocol/commands/index.ts';
import { popReceiptHandles, writeReceiptHandle } from '../../../../protocol/message/pop.ts';
import type { RemotingCommand } from '../../../../protocol/remoting-command.ts';
import type { RequestHeaderOf } from '../../../../protocol/schema/command.ts';
import { isPending, messagesOf, type RawClient, World } from './world.ts';

type PopHeader = RequestHeaderOf<typeof Commands.popMessage>;

const plainPop: PopHeader = {
  consumerGroup: 'G',
  topic: 'T',
  queueId: -1,
  maxMsgNums: 32,
  invisibleTime: 60_000,
  pollTime: 0,
  bornTime: 0,
  initMode: 0,
};

class Popper {
  readonly #world: World;
  readonly client: RawClient;

  constructor(world: World) {
    this.#world = world;
    this.client = world.client();
  }

  async pop(header: Partial<PopHeader> = {}): Promise<RemotingCommand> {
    const full = { ...plainPop, bornTime: this.#world.clock.now(), ...header };
    return this.client.remoting.request(this.#world.broker, Commands.popMessage, full, undefined, {
      timeout: 60_000,
    });
  }

  /** The receipt handles of an answer's messages. */
  handles(answer: RemotingCommand): string[] {
    const header = Commands.popMessage.response.decode(answer.extFields);
    const messages = messagesOf(answer).map(({ topic, queueId, queueOffset }) => ({
      storedTopic: topic,
      queueId,
      queueOffset,
    }));
    return popReceiptHandles(header, messages, 'broker-a').map(writeReceiptHandle);
  }

  async ack(extraInfo: string, offset: number, topic = 'T', consumerGroup = 'G'): Promise<RemotingCommand> {
    const header = { consumerGroup, topic, queueId: 0, extraInfo, offset };
    return this.client.remoting.request(this.#world.broker, Commands.ackMessage, header, undefined);
  }

  async hide(extraInfo: string, offset: number, invisibleTime: number): Promise<RemotingCommand> {
    const header = { consumerGroup: 'G', topic: 'T', queueId: 0, extraInfo, offset, invisibleTime };
    const row = Commands.changeMessageInvisibleTime;
    return this.client.remoting.request(this.#world.broker, row, header, undefined);
  }
}

const texts = (answer: RemotingCommand): string[] => messagesOf(answer).map((message) => message.text());

describe('Embedded broker, pop', () => {
  it('pops each message once, and tells where they are from', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const popper = new Popper(world);
    for (const body of ['a', 'b', 'c']) await popper.client.send('T', {}, body);
    const first = await popper.pop({ maxMsgNums: 2 });
    expect(first).to.include({ code: 0, remark: 'FOUND' });
    expect({ ...first.extFields }).to.deep.include({
      invisibleTime: '60000',
      startOffsetInfo: '0 0 0',
      msgOffsetInfo: '0 0 0,1',
      restNum: '1',
      popTime: String(world.clock.now()),
    });
    expect(texts(first)).to.deep.equal(['a', 'b']);
    expect(texts(await popper.pop())).to.deep.equal(['c']);
    expect(await popper.pop()).to.include({ code: 210, remark: 'NO_MESSAGE_IN_QUEUE' });
    expect(await popper.client.committed('G', 'T', 0)).to.equal(3);
  });

  it('brings back what is not acknowledged in time, through the retry topic', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const popper = new Popper(world);
    for (const body of ['a', 'b', 'c']) await popper.client.send('T', {}, body);
    const first = await popper.pop();
    const popTime = world.clock.now();
    const [a = '', b = ''] = popper.handles(first);
    expect((await popper.ack(a, 0)).code).to.equal(0);
    const hidden = await popper.hide(b, 1, 1_000);
    expect({ ...hidden.extFields }).to.deep.include({ invisibleTime: '1000', popTime: String(popTime) });
    await world.clock.advance(999);
    expect((await popper.pop()).code).to.equal(210);
    await world.clock.advance(1);
    const again = await popper.pop();
    const [message] = messagesOf(again);
    expect(again.extFields?.['startOffsetInfo']).to.equal('1 0 0');
    expect(message).to.include({ topic: 'T', reconsumeTimes: 1 });
    expect(message?.text()).to.equal('b');
    expect(message?.properties.get('POP_CK')).to.match(/^0 \d+ 60000 \d 1 broker-a 0 0$/);
    expect(message?.properties.get('1ST_POP_TIME')).to.equal(String(popTime));
    await popper.ack(message?.properties.get('POP_CK') ?? '', 0, '%RETRY%G_T');
    await world.clock.advance(60_000);
    expect(texts(await popper.pop())).to.deep.equal(['c']);
  });

  it('acknowledges in batches', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const popper = new Popper(world);
    for (const body of ['a', 'b', 'c']) await popper.client.send('T', {}, body);
    const header = Commands.popMessage.response.decode((await popper.pop()).extFields);
    const ack = {
      consumerGroup: 'G',
      topic: 'T',
      retry: '0',
      startOffset: 0,
      queueId: 0,
      reviveQueueId: header.reviveQid,
      popTime: header.popTime,
      invisibleTime: header.invisibleTime,
      bitSet: [0, 2],
    };
    const row = Commands.batchAckMessage;
    const send = async (acks: (typeof ack)[]): Promise<RemotingCommand> =>
      popper.client.remoting.request(world.broker, row, {}, { brokerName: 'broker-a', acks });
    expect((await send([])).code).to.equal(208);
    expect((await send([ack])).code).to.equal(0);
    await world.clock.advance(60_000);
    expect(texts(await popper.pop())).to.deep.equal(['b']);
  });

  it('waits for messages, and lets go 50 ms before its time', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const popper = new Popper(world);
    const waiting = popper.pop({ pollTime: 10_000 });
    expect(await isPending(waiting)).to.equal(true);
    await popper.client.send('T', {}, 'a');
    expect(texts(await waiting)).to.deep.equal(['a']);
    const idle = popper.pop({ pollTime: 10_000 });
    await world.clock.advance(9_949);
    expect(await isPending(idle)).to.equal(true);
    await world.clock.advance(1);
    expect((await idle).code).to.equal(210);
  });

  it('wakes the next when one of two that wait has taken all', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const popper = new Popper(world);
    const [first, second] = [popper.pop({ pollTime: 10_000 }), popper.pop({ pollTime: 10_000 })];
    await isPending(first);
    await popper.client.send('T', {}, 'a');
    expect(texts(await first)).to.deep.equal(['a']);
    expect(await isPending(second)).to.equal(true);
    await popper.client.send('T', {}, 'b');
    expect(texts(await second)).to.deep.equal(['b']);
  });

  it('filters by tag and SQL92, and passes over what does not match', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const popper = new Popper(world);
    for (const tag of ['B', 'A', 'B', 'A'])
      await popper.client.send('T', { properties: `TAGS\u0001${tag}\u0002n\u0001${tag}\u0002` }, tag);
    const tagged = await popper.pop({ exp: 'A', expType: 'TAG' });
    expect({ ...tagged.extFields }).to.deep.include({ startOffsetInfo: '0 0 0', msgOffsetInfo: '0 0 1,3' });
    const sql = await popper.pop({ consumerGroup: 'S', exp: "n = 'B'", expType: 'SQL92' });
    expect(texts(sql)).to.deep.equal(['B', 'B']);
    expect((await popper.pop({ exp: 'a >', expType: 'SQL92' })).code).to.equal(23);
  });

  it('blocks a queue while an orderly pop is under way', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const popper = new Popper(world);
    for (const body of ['a', 'b']) await popper.client.send('T', {}, body);
    const order = { order: true, queueId: 0, maxMsgNums: 1, invisibleTime: 30_000 };
    const first = await popper.pop({ ...order, attemptId: 'one' });
    expect({ ...first.extFields }).to.deep.include({ reviveQid: '999', orderCountInfo: '0 0 0' });
    expect((await popper.pop({ ...order, attemptId: 'two' })).code).to.equal(210);
    expect(texts(await popper.pop({ ...order, attemptId: 'one' }))).to.deep.equal(['a']);
    const [handle = ''] = popper.handles(first);
    const changed = await popper.hide(handle, 0, 200);
    expect(changed.extFields?.['invisibleTime']).to.equal('200');
    const waiting = popper.pop({ ...order, maxMsgNums: 2, attemptId: 'three', pollTime: 5_000 });
    expect(await isPending(waiting)).to.equal(true);
    await world.clock.advance(200);
    const again = await waiting;
    expect(texts(again)).to.deep.equal(['a', 'b']);
    expect(again.extFields?.['orderCountInfo']).to.equal('0 qo0%0 1;0 0 0');
    const [one = '', two = ''] = popper.handles(again);
    await popper.ack(one, 0);
    expect(await popper.client.committed('G', 'T', 0)).to.equal(1);
    await popper.ack(two, 1);
    expect(await popper.client.committed('G', 'T', 0)).to.equal(2);
  });

  it('notifies of messages without taking them', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const popper = new Popper(world);
    const row = Commands.notification;
    const notify = async (pollTime: number): Promise<string | undefined> => {
      const header = { consumerGroup: 'G', topic: 'T', queueId: -1, pollTime, bornTime: world.clock.now() };
      const answer = await popper.client.remoting.request(world.broker, row, header, undefined, {
        timeout: 60_000,
      });
      return answer.extFields?.['hasMsg'];
    };
    expect(await notify(0)).to.equal('false');
    const waiting = notify(5_000);
    expect(await isPending(waiting)).to.equal(true);
    await popper.client.send('T', {}, 'a');
    expect(await waiting).to.equal('true');
    expect(texts(await popper.pop())).to.deep.equal(['a']);
  });

  it('refuses what it must', async () => {
    await using world = await World.start({ topics: { T: 1, Closed: { perm: 2 } } });
    const popper = new Popper(world);
    const codes = async (...headers: Partial<PopHeader>[]): Promise<number[]> =>
      Promise.all(headers.map(async (header) => (await popper.pop(header)).code));
    const late = world.clock.now() - 501;
    expect(
      await codes(
        { topic: 'X' },
        { topic: 'Closed' },
        { queueId: 1 },
        { maxMsgNums: 33 },
        { bornTime: late },
      ),
    ).to.deep.equal([17, 16, 29, 29, 210]);
    await popper.client.send('T');
    const [handle = ''] = popper.handles(await popper.pop());
    expect((await popper.ack(handle, 9)).code).to.equal(208);
    expect((await popper.ack('x y', 0)).code).to.equal(1);
    expect((await popper.ack(handle, 0, 'X')).code).to.equal(17);
    expect((await popper.hide(handle, 1, 100)).code).to.equal(208);
  });

  it('is unknown to 4.9', async () => {
    await using world = await World.start({ generation: '4.9', topics: { T: 1 } });
    expect((await new Popper(world).pop()).code).to.equal(3);
  });
});
