import { deflateSync } from 'node:zlib';
import { expect } from 'chai';
import { it } from 'mocha';

import { Commands } from '../../../protocol/commands/index.ts';
import { encodeBatch } from '../../../protocol/message/batch.ts';
import { parseOffsetMessageId } from '../../../protocol/message/message-id.ts';
import { SysFlag } from '../../../protocol/message/sys-flag.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { fieldsOf, messagesOf, RawCluster, remarkOf } from './raw-cluster.ts';

await describeEverywhere('Send', (target) => {
  it('answers queue, offset and the place in the log', async () => {
    await using raw = await RawCluster.open(target, 2);
    for (const offset of ['0', '1']) {
      const answer = await raw.send('text', {}, { queueId: 1 });
      expect(answer.code).to.equal(0);
      expect(fieldsOf(answer, 'queueId', 'queueOffset', 'MSG_REGION', 'TRACE_ON')).to.deep.equal([
        '1',
        offset,
        'DefaultRegion',
        'true',
      ]);
      const { commitLogOffset } = parseOffsetMessageId(answer.extFields?.['msgId'] ?? '');
      const view = await raw.ask(Commands.viewMessageById, { offset: commitLogOffset }, undefined);
      expect(messagesOf(view).map((message) => message.queueOffset)).to.deep.equal([Number(offset)]);
    }
  });

  it('stores body, flag, tags, keys and properties as they are', async () => {
    await using raw = await RawCluster.open(target);
    const properties = { TAGS: 'A', KEYS: 'k1 k2', UNIQ_KEY: 'U1', own: 'größer ✓' };
    const answer = await raw.send('größer ✓', properties, { flag: 7 });
    expect(answer.extFields?.['transactionId']).to.equal(raw.isFive ? 'U1' : undefined);
    const [message] = await raw.read();
    expect(message?.text()).to.equal('größer ✓');
    expect(message).to.include({ flag: 7, tags: 'A', reconsumeTimes: 0, queueId: 0 });
    expect(Object.fromEntries(message?.properties ?? [])).to.deep.include({
      ...properties,
      CLUSTER: 'DefaultCluster',
    });
    expect(message?.properties.get('MSG_REGION')).to.equal(raw.isFive ? 'DefaultRegion' : undefined);
  });

  it('keeps a compressed body compressed', async () => {
    await using raw = await RawCluster.open(target);
    const body = deflateSync(Buffer.from('x'.repeat(10_000)));
    await raw.send(body, {}, { sysFlag: SysFlag.compressed });
    const [message] = await raw.read();
    expect(message?.body).to.have.lengthOf(10_000);
    expect(message?.storeSize).to.be.below(1_000);
  });

  it('takes the three forms of a send, and one-way sends', async () => {
    await using raw = await RawCluster.open(target);
    const { topic } = raw;
    const short = raw.sendHeader();
    const { brokerName: _, ...long } = short;
    expect((await raw.ask(Commands.sendMessage, long, Buffer.from('long'))).code).to.equal(0);
    const members = ['one', 'two'].map((text) => ({ body: Buffer.from(text), flag: 0, properties: '' }));
    const row = Commands.sendBatchMessage;
    const batch = await raw.ask(row, { ...short, batch: true }, encodeBatch(members));
    expect(batch.extFields?.['msgId']?.split(',')).to.have.lengthOf(2);
    expect(batch.extFields?.['queueOffset']).to.equal('1');
    await raw.remoting.oneway(raw.broker, Commands.sendMessageV2, short, Buffer.from('one-way'));
    expect((await raw.read(topic, 4)).map((message) => message.text())).to.deep.equal([
      'long',
      'one',
      'two',
      'one-way',
    ]);
  });

  it('lets the broker choose a queue, and makes topics by the template', async () => {
    await using raw = await RawCluster.open(target, 4);
    const any = await raw.send('any', {}, { queueId: -1 });
    expect(Number(any.extFields?.['queueId'])).to.be.within(0, 3);
    const topic = uniqueName('Auto');
    const made = await raw.send('made', {}, { topic, defaultTopicQueueNums: 2, queueId: 1 });
    expect([made.code, made.extFields?.['queueId']]).to.deep.equal([0, '1']);
    const refused = await raw.send('no', {}, { topic, queueId: 2 });
    expect(refused.code).to.equal(raw.isFive ? 29 : 1);
  });

  it('refuses names, topics, queues and sizes that cannot be', async () => {
    await using raw = await RawCluster.open(target);
    const invalid = raw.isFive ? 29 : 1;
    const refusal = async (header: Parameters<typeof raw.send>[2], body = 'x', properties = {}) => {
      const answer = await raw.send(body, properties, header);
      return [
        answer.code,
        remarkOf(answer)
          .split(/[\s:,]/)
          .slice(0, 3)
          .join(' '),
      ];
    };
    expect(await refusal({ topic: 'a b' })).to.deep.equal([invalid, 'The specified topic']);
    expect(await refusal({ topic: 't'.repeat(200) })).to.deep.equal([invalid, 'The specified topic']);
    expect(await refusal({ topic: 'SCHEDULE_TOPIC_XXXX' })).to.deep.equal([16, 'Sending message to']);
    expect((await refusal({ queueId: 1 }))[0]).to.equal(invalid);
    expect((await refusal({ topic: uniqueName('No'), defaultTopic: uniqueName('No') }))[0]).to.equal(17);
    expect(await refusal({}, 'x'.repeat(5 << 20))).to.deep.equal([13, 'the message is']);
    expect(await refusal({}, 'x', { p: 'x'.repeat(33_000) })).to.deep.equal([13, 'the message is']);
  });
});
