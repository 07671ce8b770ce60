import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { PushConsumerOptions } from '../../lib/consumer/push-consumer.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { MessageProperty } from '../../protocol/message/properties.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import { VirtualGroup } from '../support/virtual-group.ts';

const topic = 'TimedTopic';
const startOf = ({ properties }: ReceivedMessage): number =>
  Number(properties.get(MessageProperty.CONSUME_START_TIME));

/** The time in the property, beside that at which the listener was given the message. */
interface Given {
  readonly start: number;
  readonly at: number;
}

const modes: readonly (readonly [string, Partial<PushConsumerOptions>])[] = [
  ['pulled', {}],
  ['popped', { messageRequestMode: 'pop' }],
];

for (const [mode, options] of modes)
  describe(`Property CONSUME_START_TIME of what is ${mode}, in virtual time`, () => {
    it('is the time at which a listener is given the message, one or a batch', async () => {
      await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
      const given: Given[] = [];
      const note = (message: ReceivedMessage): void =>
        void given.push({ start: startOf(message), at: group.clock.now() });
      const eachMessage = async (message: ReceivedMessage): Promise<void> => {
        note(message);
        await group.clock.sleep(1_000);
      };
      await group.join(topic, { ...options, consumeConcurrency: 1 }, { eachMessage });
      const eachBatch = (messages: readonly ReceivedMessage[]): void => messages.forEach(note);
      await group.join(topic, { ...options, consumerGroup: 'Batches' }, { eachBatch });
      await group.send(topic, 3);
      await group.until(() => given.length === 6);
      await group.clock.advance(1_000);
      for (const { start, at } of given) expect(start).to.equal(at);
      expect(new Set(given.map(({ start }) => start)).size).to.be.above(2);
    });

    it('is there too when the properties were looked at before, and new when the message comes again', async () => {
      await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
      const given: Given[] = [];
      const before: number[] = [];
      const filterMessage = (message: ReceivedMessage): boolean => before.push(startOf(message)) > 0;
      const eachMessage = (message: ReceivedMessage): 'later' | 'success' => {
        given.push({ start: startOf(message), at: group.clock.now() });
        return given.length < 3 ? 'later' : 'success';
      };
      await group.join(topic, { ...options, filterMessage }, { filter: 'TagA', eachMessage });
      const producer = await group.producer();
      await group.run(producer.send({ topic, body: '0', tags: 'TagA' }));
      await group.until(() => given.length === 3, 200_000);
      for (const { start, at } of given) expect(start).to.equal(at);
      expect(new Set(given.map(({ start }) => start)).size).to.equal(3);
      expect(before).to.have.length(3);
      expect(before.every(Number.isNaN), 'before a listener is given it').to.equal(true);
    });
  });

describe('Property CONSUME_START_TIME, in virtual time', () => {
  it('is new when a message is tried again here, and does not travel with a copy of it', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const given: Given[] = [];
    const eachMessage = (message: ReceivedMessage): 'later' => {
      given.push({ start: startOf(message), at: group.clock.now() });
      return 'later';
    };
    await group.join(topic, { maxReconsumeTimes: 2 }, { eachMessage });
    group.cluster.control(Commands.consumerSendMsgBack, { answer: 1 });
    const copies = group.cluster.control(Commands.sendMessageV2, {
      answer: 1,
      when: ({ command }) => command.extFields?.['b'] === '%RETRY%Group',
    });
    await group.send(topic, 1);
    await group.until(() => given.length === 2, 20_000);
    for (const { start, at } of given) expect(start).to.equal(at);
    expect((given[1]?.at ?? 0) - (given[0]?.at ?? 0)).to.be.within(5_000, 5_100);
    copies.remove();
    await group.until(() => group.cluster.messages('%DLQ%Group').length === 1, 60_000);
    const dead = await group.join('%DLQ%Group', { consumerGroup: 'Undertaker', consumeMode: 'orderly' });
    await group.until(() => dead.messages.length === 1);
    expect(dead.messages.map(startOf)).to.deep.equal([NaN]);
  });

  it('is not set in order, as in Java', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic, { consumeMode: 'orderly' });
    await group.send(topic, 2);
    await group.until(() => member.messages.length === 2);
    expect(member.messages.map(startOf)).to.deep.equal([NaN, NaN]);
  });
});
