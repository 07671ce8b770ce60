import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Commands } from '../../../../protocol/commands/index.ts';
import { encodeBatch } from '../../../../protocol/message/batch.ts';
import { plainSend, World } from './world.ts';

const text = (properties: Record<string, string>): string =>
  Object.entries(properties)
    .map(([name, value]) => `${name}\u0001${value}\u0002`)
    .join('');

describe('Embedded broker, sends', () => {
  it('stores a message and tells where', async () => {
    await using world = await World.start({ topics: { T: 4 } });
    const client = world.client();
    const properties = text({ UNIQ_KEY: 'U1', KEYS: 'k1', TAGS: 'TagA', WAIT: 'true' });
    await client.send('T', { queueId: 2 });
    const answer = await client.send('T', { queueId: 2, properties, flag: 7 }, 'second');
    const [first, second] = world.cluster.messages('T');
    expect(answer).to.include({ code: 0, version: 513, flag: 1 });
    expect({ ...answer.extFields }).to.deep.equal({
      msgId: second?.offsetMessageId,
      queueId: '2',
      queueOffset: '1',
      transactionId: 'U1',
      MSG_REGION: 'DefaultRegion',
      TRACE_ON: 'true',
    });
    expect(first?.messageId).to.match(/^[0-9A-F]{32}$/);
    expect(second).to.include({
      queueId: 2,
      queueOffset: 1,
      flag: 7,
      tags: 'TagA',
      messageId: 'U1',
      brokerName: 'broker-a',
    });
    expect(Object.fromEntries(second?.properties ?? [])).to.deep.equal({
      UNIQ_KEY: 'U1',
      KEYS: 'k1',
      TAGS: 'TagA',
      WAIT: 'true',
      CLUSTER: 'DefaultCluster',
      MSG_REGION: 'DefaultRegion',
      TRACE_ON: 'true',
    });
    expect(second?.commitLogOffset).to.equal(first?.storeSize);
  });

  it('leaves out what 4.9 does not know', async () => {
    await using world = await World.start({ generation: '4.9', topics: { T: 1 } });
    const answer = await world.client().send('T', { properties: text({ UNIQ_KEY: 'U1', WAIT: 'true' }) });
    expect(answer.version).to.equal(407);
    expect(answer.extFields).to.have.all.keys('msgId', 'queueId', 'queueOffset', 'MSG_REGION', 'TRACE_ON');
    expect(Object.fromEntries(world.cluster.messages('T')[0]?.properties ?? [])).to.deep.equal({
      UNIQ_KEY: 'U1',
      CLUSTER: 'DefaultCluster',
    });
  });

  it('refuses in the order and with the codes of each generation', async () => {
    for (const [generation, invalid] of [
      ['5', 29],
      ['4.9', 1],
    ] as const) {
      await using world = await World.start({
        generation,
        topics: { T: 2 },
        autoCreateTopics: false,
        maxMessageSize: 10,
      });
      const client = world.client();
      const tooFar = await client.send('T', { queueId: 99 });
      expect(tooFar.code).to.equal(invalid);
      expect(tooFar.remark).to.match(
        /^request queueId\[99\] is illegal, TopicConfig \[topicName=T, readQueueNums=2, writeQueueNums=2, perm=RW-, /,
      );
      expect(tooFar.extFields).to.have.all.keys('MSG_REGION', 'TRACE_ON');
      expect((await client.send('x'.repeat(128))).code).to.equal(invalid);
      expect((await client.send('a.b')).code).to.equal(invalid);
      expect(await client.send('SCHEDULE_TOPIC_XXXX')).to.include({
        code: 16,
        remark: 'Sending message to topic[SCHEDULE_TOPIC_XXXX] is forbidden.',
      });
      expect((await client.send('New')).code).to.equal(17);
      expect((await client.send('T', {}, 'eleven byte')).code).to.equal(13);
      expect((await client.send('T', {}, '')).code).to.equal(generation === '5' ? 1 : 0);
    }
  });

  it('makes unknown topics from the template, with the fewer queues of both', async () => {
    await using world = await World.start({ defaultTopicQueueNums: 3 });
    const client = world.client();
    expect((await client.send('A', { defaultTopicQueueNums: 8, queueId: -1 })).code).to.equal(0);
    expect((await client.send('B', { defaultTopicQueueNums: 2, queueId: 1 })).code).to.equal(0);
    const queues = async (topic: string): Promise<unknown> => {
      const { body } = await client.remoting.invoke(
        world.cluster.nameServers,
        Commands.getRouteInfoByTopic,
        { topic },
        undefined,
      );
      return body.queueDatas[0];
    };
    expect(await queues('A')).to.include({ readQueueNums: 3, writeQueueNums: 3, perm: 6 });
    expect(await queues('B')).to.include({ readQueueNums: 2, writeQueueNums: 2, perm: 6 });
  });

  it('takes the long header and one-way sends', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const { remoting } = world.client();
    await remoting.request(world.broker, Commands.sendMessage, plainSend, Buffer.from('long'));
    await remoting.oneway(world.broker, Commands.sendMessageV2, plainSend, Buffer.from('one-way'));
    await remoting.request(world.broker, Commands.sendMessage, plainSend, Buffer.from('last'));
    expect(world.cluster.messages('T').map((message) => message.text())).to.deep.equal([
      'long',
      'one-way',
      'last',
    ]);
    expect(world.cluster.requests({ command: Commands.sendMessageV2 })).to.have.lengthOf(1);
    expect(world.cluster.requests({ command: Commands.sendMessageV2 })[0]).to.include({
      oneway: true,
      answer: undefined,
    });
  });

  it('takes a batch apart', async () => {
    for (const [generation, tags] of [
      ['5', 'member'],
      ['4.9', 'batch'],
    ] as const) {
      await using world = await World.start({ generation, topics: { T: 1 } });
      const { remoting } = world.client();
      const batch = encodeBatch(
        [1, 2].map((flag) => ({ flag, body: Buffer.from(`m${flag}`), properties: text({ TAGS: 'member' }) })),
      );
      const header = { ...plainSend, batch: true, properties: text({ TAGS: 'batch' }) };
      const answer = await remoting.request(world.broker, Commands.sendBatchMessage, header, batch);
      const messages = world.cluster.messages('T');
      expect(answer.extFields).to.include({
        queueOffset: '0',
        msgId: messages.map((message) => message.offsetMessageId).join(','),
      });
      expect(messages.map((message) => message.text())).to.deep.equal(['m1', 'm2']);
      expect(messages.map((message) => [message.flag, message.queueOffset, message.tags])).to.deep.equal([
        [1, 0, tags],
        [2, 1, tags],
      ]);
    }
  });

  it('refuses a code nobody knows', async () => {
    await using world = await World.start();
    const answer = await world
      .client()
      .remoting.request(
        world.broker,
        { ...Commands.getMaxOffset, code: 9999 },
        { topic: 'T', queueId: 0 },
        undefined,
      );
    expect(answer).to.include({ code: 3, remark: ' request type 9999 not supported' });
  });
});
