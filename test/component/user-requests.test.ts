import { expect } from 'chai';
import { describe, it } from 'mocha';

import { Commands } from '../../protocol/commands/index.ts';
import { IllegalStateError, InvalidOptionError, isResponse, RouteNotFoundError } from '../../lib/errors.ts';
import { VirtualGroup } from '../support/virtual-group.ts';

const topic = 'Asked';
const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('sendMessageBack', () => {
  it('has a message come again that its listener was through with, after the level asked for', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const { consumer, messages } = await group.join(topic);
    await group.send(topic, 1);
    await group.until(() => messages.length === 1);
    const [message] = messages;
    if (message === undefined) throw new Error('No message came');
    await group.run(consumer.sendMessageBack(message, { delayLevel: 1 }));
    const took = await group.until(() => messages.length === 2, 5_000);
    expect(took).to.be.above(500);
    expect(messages[1]).to.include({ topic, reconsumeTimes: 1, messageId: message.messageId });
  });

  it('takes it to the dead-letter queue, and refuses what it cannot do', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const { consumer, messages } = await group.join(topic);
    const all = await group.join(topic, { consumerGroup: 'All', messageModel: 'broadcasting' });
    await group.send(topic, 1);
    await group.until(() => messages.length === 1 && all.messages.length === 1);
    const [message] = messages;
    if (message === undefined) throw new Error('No message came');
    const back = group.cluster.control(Commands.consumerSendMsgBack, { delay: 1 });
    await group.run(consumer.sendMessageBack(message, { delayLevel: -1, brokerName: 'broker-a' }));
    expect(back.hits).to.equal(1);
    await group.until(() => group.cluster.messages('%DLQ%Group').length === 1, 5_000);
    expect(await caught(consumer.sendMessageBack(message, { delayLevel: 0.5 }))).to.be.instanceOf(
      InvalidOptionError,
    );
    expect(await caught(consumer.sendMessageBack(message, { brokerName: '' }))).to.be.instanceOf(
      InvalidOptionError,
    );
    expect(await caught(all.consumer.sendMessageBack(message))).to.be.instanceOf(IllegalStateError);
  });

  it('rejects when nobody takes the message', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const { consumer, messages, warnings } = await group.join(topic);
    await group.send(topic, 1);
    await group.until(() => messages.length === 1);
    const [message] = messages;
    if (message === undefined) throw new Error('No message came');
    for (const row of [Commands.consumerSendMsgBack, Commands.sendMessageV2])
      group.cluster.control(row, { answer: 1, remark: 'no' });
    const error = await caught(group.run(consumer.sendMessageBack(message)));
    expect(isResponse(error, 'SYSTEM_ERROR')).to.equal(true);
    expect(warnings).to.deep.equal([]);
  });
});

describe('resetOffsets', () => {
  it('goes on at a time in the queues of this member alone', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const first = await group.join(topic);
    const second = await group.join(topic);
    await group.until(() => first.owned(topic).length === 1 && second.owned(topic).length === 1);
    await group.send(topic, 10, 'a');
    await group.clock.advance(10_000);
    const now = group.clock.now();
    await group.send(topic, 10, 'b');
    await group.until(() => first.messages.length === 10 && second.messages.length === 10);
    const resets = await group.run(first.consumer.resetOffsets(now));
    const mine = resets.filter(({ queue }) => queue.topic === topic);
    expect(mine).to.deep.equal([
      { queue: { topic, brokerName: 'broker-a', queueId: first.owned(topic)[0] }, offset: 5 },
    ]);
    await group.until(() => first.messages.length === 15);
    await group.clock.advance(10_000);
    expect(first.messages.slice(10).every((message) => message.text().startsWith('b'))).to.equal(true);
    expect([first.messages.length, second.messages.length]).to.deep.equal([15, 10]);
    expect(group.cluster.group('Group').offsets(topic)).to.deep.equal([10, 10]);
  });

  it('moves nothing when a broker does not answer, nor before the start', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const { consumer, messages } = group.member(topic);
    expect(await caught(consumer.resetOffsets(0))).to.be.instanceOf(IllegalStateError);
    await group.run(consumer.start());
    await group.send(topic, 4);
    await group.until(() => messages.length === 4);
    group.cluster.control(Commands.searchOffsetByTimestamp, { answer: 1, times: 1 });
    expect(isResponse(await caught(group.run(consumer.resetOffsets(0))), 'SYSTEM_ERROR')).to.equal(true);
    await group.clock.advance(5_000);
    expect(messages).to.have.length(4);
    expect(await caught(consumer.resetOffsets(-1))).to.be.instanceOf(InvalidOptionError);
  });
});

describe('statistics', () => {
  it('tell of each topic over a minute, an hour and a day', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const eachMessage = async (): Promise<'deadLetter' | void> => {
      await group.clock.sleep(50);
      return 'deadLetter';
    };
    const { consumer } = await group.join(topic, {}, { eachMessage });
    await group.send(topic, 30);
    await group.clock.advance(120_000);
    const told = consumer.statistics().get(topic);
    expect(told?.minute).to.include({ pullTPS: 0, consumeFailedMsgs: 0 });
    expect(told?.hour).to.include({ consumeRT: 50, consumeFailedMsgs: 30 });
    expect(told?.day.consumeFailedMsgs).to.equal(30);
    expect(consumer.describe()).to.match(/Consume Failed|%RETRY%/i);
  });
});

describe('queries', () => {
  for (const namespace of [undefined, 'ns'])
    it(`tell of queues and messages${namespace === undefined ? '' : ' under a namespace'}`, async () => {
      const stored = namespace === undefined ? topic : `${namespace}%${topic}`;
      await using group = await VirtualGroup.start({ topics: { [stored]: 2 } });
      const { consumer } = await group.join('Other', { namespace });
      const producer = await group.producer({ namespace });
      const began = group.clock.now();
      await group.clock.advance(1_000);
      const sent = await group.run(producer.send({ topic, body: 'one', keys: ['k1', 'k2'] }));
      await group.clock.advance(1_000);
      await group.run(producer.send({ topic, body: 'two', keys: ['k2'] }));
      const { queries } = consumer;
      const queues = await group.run(queries.fetchMessageQueues(topic));
      expect(queues).to.deep.equal([0, 1].map((queueId) => ({ topic, brokerName: 'broker-a', queueId })));
      const queue = { ...sent.queue, topic };
      expect(await group.run(queries.minOffset(queue))).to.equal(0);
      expect(await group.run(queries.maxOffset(queue))).to.equal(1);
      expect(await group.run(queries.offsetForTimestamp(queue, began))).to.equal(0);
      expect(await group.run(queries.offsetForTimestamp(queue, group.clock.now() + 1))).to.equal(1);
      expect(await group.run(queries.earliestStoreTime(queue))).to.be.within(
        began + 1_000,
        group.clock.now(),
      );
      const byId = await group.run(queries.viewMessage(topic, sent.messageId));
      expect([byId?.text(), byId?.topic, byId?.brokerName]).to.deep.equal(['one', topic, 'broker-a']);
      const byPlace = await group.run(queries.viewMessage(topic, byId?.offsetMessageId ?? ''));
      expect(byPlace?.messageId).to.equal(sent.messageId);
      const found = await group.run(queries.queryMessages(topic, 'k2'));
      expect(found.map((message) => message.text())).to.deep.equal(['one', 'two']);
      expect(await group.run(queries.queryMessages(topic, 'k2', { end: began + 1_500 }))).to.have.length(1);
      expect(await group.run(queries.queryMessages(topic, 'nothing'))).to.deep.equal([]);
      expect(await group.run(queries.viewMessage(topic, 'F'.repeat(32)))).to.equal(undefined);
    });

  it('reject for a topic that does not exist, after their time, and unless the consumer runs', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const { consumer } = group.member(topic);
    expect(await caught(consumer.queries.fetchMessageQueues(topic))).to.be.instanceOf(IllegalStateError);
    await group.run(consumer.start());
    expect(await caught(group.run(consumer.queries.fetchMessageQueues('Nowhere')))).to.be.instanceOf(
      RouteNotFoundError,
    );
    group.cluster.control(Commands.getMaxOffset, { drop: true });
    const queue = { topic, brokerName: 'broker-a', queueId: 0 };
    const asked = caught(group.run(consumer.queries.maxOffset(queue, { timeout: 200 })));
    expect(await asked).to.be.instanceOf(Error);
  });
});
