import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Commands } from '../../../../protocol/commands/index.ts';
import type { ReceivedMessage } from '../../../../protocol/message/stored-message.ts';
import { settle } from '../../../support/fake-clock.ts';
import { type RawClient, World } from './world.ts';

async function sendBack(
  world: World,
  client: RawClient,
  message: ReceivedMessage | undefined,
  delayLevel = 0,
  maxReconsumeTimes?: number,
) {
  const header = {
    offset: message?.commitLogOffset ?? -1,
    group: 'G',
    delayLevel,
    unitMode: false,
    maxReconsumeTimes,
  };
  return client.remoting.request(world.broker, Commands.consumerSendMsgBack, header, undefined);
}

const properties = (message: ReceivedMessage | undefined): Record<string, string> =>
  Object.fromEntries(message?.properties ?? []);

describe('Embedded broker, delays and retries', () => {
  it('shows a delayed message when its level has passed', async () => {
    await using world = await World.start({ topics: { T: 2 } });
    const client = world.client();
    const answer = await client.send('T', {
      queueId: 1,
      properties: 'DELAY\u00013\u0002UNIQ_KEY\u0001U\u0002',
    });
    expect(answer.extFields).to.include({ queueId: '1', queueOffset: '0', transactionId: 'U' });
    expect(world.cluster.messages('SCHEDULE_TOPIC_XXXX')[0]).to.include({ queueId: 2, messageId: 'U' });
    await world.clock.advance(9_999);
    expect(world.cluster.messages('T')).to.have.lengthOf(0);
    await world.clock.advance(1);
    const [message] = world.cluster.messages('T');
    expect(message).to.include({ queueId: 1, messageId: 'U' });
    expect(properties(message)).to.include({ REAL_TOPIC: 'T', REAL_QID: '1', DELAY: '3' });
    expect(message?.text()).to.equal('hello');
  });

  it('knows levels of its own, takes the last for higher ones, and wakes who waits', async () => {
    await using world = await World.start({ topics: { T: 1 }, messageDelayLevels: [10, 20] });
    const client = world.client();
    const pull = client.pull('T', { sysFlag: 6, suspendTimeoutMillis: 15_000 });
    await client.send('T', { properties: 'DELAY\u00019\u0002' }, 'late');
    await client.send('T', { properties: 'DELAY\u00011\u0002' }, 'soon');
    await world.clock.advance(20);
    expect((await pull).code).to.equal(0);
    expect(world.cluster.messages('T').map((message) => message.text())).to.deep.equal(['soon', 'late']);
  });

  it('reads levels as Java writes them, and refuses others', async () => {
    await using world = await World.start({ topics: { T: 1 }, messageDelayLevels: '2s 1m' });
    await world.client().send('T', { properties: 'DELAY\u00012\u0002' });
    await world.clock.advance(59_999);
    expect(world.cluster.messages('T')).to.have.lengthOf(0);
    await world.clock.advance(1);
    expect(world.cluster.messages('T')).to.have.lengthOf(1);
    const refused = await World.start({ messageDelayLevels: '2s soon' }).catch(
      (error: Error) => error.message,
    );
    expect(refused).to.match(/^Option messageDelayLevels holds something that is no time/);
  });

  it('shows a timed message at its time as 5', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    await client.send('T', { properties: `TIMER_DELIVER_MS\u0001${world.clock.now() + 700}\u0002` }, 'at');
    await client.send('T', { properties: 'TIMER_DELAY_SEC\u00011\u0002' }, 'in');
    await client.send('T', { properties: `TIMER_DELIVER_MS\u0001${world.clock.now() - 1}\u0002` }, 'past');
    const texts = (): string[] => world.cluster.messages('T').map((message) => message.text());
    expect(texts()).to.deep.equal(['past']);
    await world.clock.advance(999);
    expect(texts()).to.deep.equal(['past', 'at']);
    await world.clock.advance(1);
    expect(texts()).to.deep.equal(['past', 'at', 'in']);
  });

  it('brings a message that was sent back again, later each time', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    await client.send('T', { properties: 'UNIQ_KEY\u0001U\u0002TAGS\u0001A\u0002', flag: 5 });
    const [original] = world.cluster.messages('T');
    expect(await sendBack(world, client, original)).to.include({ code: 0, extFields: undefined });
    await world.clock.advance(9_999);
    expect(world.cluster.messages('%RETRY%G')).to.have.lengthOf(0);
    await world.clock.advance(1);
    const [first] = world.cluster.messages('%RETRY%G');
    expect(first).to.include({
      reconsumeTimes: 1,
      queueId: 0,
      messageId: 'U',
      tags: 'A',
      flag: 5,
      bornTimestamp: original?.bornTimestamp,
    });
    expect(properties(first)).to.include({
      RETRY_TOPIC: 'T',
      ORIGIN_MESSAGE_ID: original?.offsetMessageId ?? '',
      REAL_TOPIC: '%RETRY%G',
    });
    await sendBack(world, client, first);
    await world.clock.advance(30_000);
    const second = world.cluster.messages('%RETRY%G')[1];
    expect(second?.reconsumeTimes).to.equal(2);
    expect(properties(second)).to.include({
      RETRY_TOPIC: 'T',
      ORIGIN_MESSAGE_ID: original?.offsetMessageId ?? '',
    });
    await sendBack(world, client, second, 1);
    await world.clock.advance(1_000);
    expect(world.cluster.messages('%RETRY%G')).to.have.lengthOf(3);
  });

  it('buries a message after the last attempt, or at once when asked to', async () => {
    await using world = await World.start({ topics: { T: 1 }, messageDelayLevels: [1] });
    const client = world.client();
    await client.send('T', {}, 'a');
    await client.send('T', {}, 'b');
    const [a, b] = world.cluster.messages('T');
    await sendBack(world, client, a, -1);
    expect(
      world.cluster.messages('%DLQ%G').map((message) => [message.text(), message.reconsumeTimes]),
    ).to.deep.equal([['a', 1]]);
    await sendBack(world, client, b, 0, 1);
    await world.clock.advance(1);
    await sendBack(world, client, world.cluster.messages('%RETRY%G')[0], 0, 1);
    expect(world.cluster.messages('%DLQ%G').map((message) => message.text())).to.deep.equal(['a', 'b']);
    expect(properties(world.cluster.messages('%DLQ%G')[1])).to.include({ RETRY_TOPIC: 'T' });
  });

  it('does not find a message that is not there', async () => {
    await using world = await World.start();
    const answer = await sendBack(world, world.client(), undefined);
    expect(answer).to.include({ code: 1, remark: 'look message by offset failed, -1' });
  });

  it('sends retries to the dead while the group holds locks, as 5', async () => {
    await using world = await World.start({ lockExpiry: 1_000 });
    const client = world.client();
    const body = {
      consumerGroup: 'G',
      clientId: 'c@1',
      mqSet: [{ topic: 'T', brokerName: 'broker-a', queueId: 0 }],
    };
    await client.remoting.request(world.broker, Commands.lockBatchMq, {}, body);
    await client.send('%RETRY%G', {}, 'dead');
    await world.clock.advance(1_001);
    await client.send('%RETRY%G', {}, 'alive');
    await client.send('%RETRY%G', { reconsumeTimes: 3, maxReconsumeTimes: 2 }, 'too often');
    expect(world.cluster.messages('%DLQ%G').map((message) => message.text())).to.deep.equal([
      'dead',
      'too often',
    ]);
    expect(world.cluster.messages('%RETRY%G').map((message) => message.text())).to.deep.equal(['alive']);
  });

  for (const [generation, alive] of [
    ['5', ['2']],
    ['4.9', []],
  ] as const) {
    it(`sends a copy with as many tries as allowed to the ${alive.length > 0 ? 'living' : 'dead'}, as ${generation}`, async () => {
      await using world = await World.start({ generation });
      const client = world.client();
      for (const reconsumeTimes of [2, 3])
        await client.send('%RETRY%G', { reconsumeTimes, maxReconsumeTimes: 2 }, String(reconsumeTimes));
      const texts = (topic: string): string[] =>
        world.cluster.messages(topic).map((message) => message.text());
      expect(texts('%RETRY%G')).to.deep.equal(alive);
      expect(texts('%DLQ%G')).to.deep.equal(alive.length > 0 ? ['3'] : ['2', '3']);
    });
  }

  it('delivers what came due while the broker was down', async () => {
    await using world = await World.start({ topics: { T: 1 }, messageDelayLevels: [50] });
    await world.client().send('T', { properties: 'DELAY\u00011\u0002' });
    await world.cluster.stopBroker('broker-a');
    await world.clock.advance(100);
    expect(world.cluster.messages('T')).to.have.lengthOf(0);
    await world.cluster.startBroker('broker-a');
    await world.clock.advance(0);
    await settle();
    expect(world.cluster.messages('T')).to.have.lengthOf(1);
  });
});

describe('Embedded broker, queue locks', () => {
  const queue = (queueId: number) => ({ topic: 'T', brokerName: 'broker-a', queueId });

  async function lock(
    world: World,
    client: RawClient,
    clientId: string,
    ...ids: number[]
  ): Promise<number[]> {
    const body = { consumerGroup: 'G', clientId, mqSet: ids.map(queue) };
    const answer = await client.remoting.invoke(world.broker, Commands.lockBatchMq, {}, body);
    return answer.body.lockOKMQSet.map((item) => item.queueId);
  }

  it('gives a queue to one client until it unlocks', async () => {
    await using world = await World.start();
    const client = world.client();
    expect(await lock(world, client, 'c@1', 0, 1)).to.deep.equal([0, 1]);
    expect(await lock(world, client, 'c@2', 0, 1, 2)).to.deep.equal([2]);
    const body = { consumerGroup: 'G', clientId: 'c@1', mqSet: [queue(0), queue(2)] };
    await client.remoting.request(world.broker, Commands.unlockBatchMq, {}, body);
    expect(await lock(world, client, 'c@2', 0, 1)).to.deep.equal([0]);
    expect(await lock(world, client, 'c@1', 2)).to.deep.equal([]);
  });

  it('lets a lock end 60 s after it was renewed, whatever becomes of its owner', async () => {
    await using world = await World.start();
    const [owner, other] = [world.client(), world.client()];
    await lock(world, owner, 'c@1', 0);
    await world.clock.advance(40_000);
    await lock(world, owner, 'c@1', 0);
    await owner.remoting.close();
    await world.clock.advance(60_000);
    expect(await lock(world, other, 'c@2', 0)).to.deep.equal([]);
    await world.clock.advance(1);
    expect(await lock(world, other, 'c@2', 0)).to.deep.equal([0]);
  });
});
