import { expect } from 'chai';
import { describe, it } from 'mocha';
import { channel, tracingChannel } from 'node:diagnostics_channel';

import { VirtualGroup } from '../support/virtual-group.ts';

const topic = 'TracedTopic';

/** Listens to a channel as long as it lives. */
function listen(name: string): { readonly seen: Record<string, unknown>[] } & Disposable {
  const seen: Record<string, unknown>[] = [];
  const onMessage = (message: unknown): void => void seen.push(message as Record<string, unknown>);
  const source = channel(name);
  source.subscribe(onMessage);
  return { seen, [Symbol.dispose]: () => source.unsubscribe(onMessage) };
}

describe('Diagnostics channels of a consumer, in virtual time', () => {
  it('tell of pulls, commits and rebalances', async () => {
    using pulls = listen('rocketmq:pull');
    using commits = listen('rocketmq:commit');
    using rebalances = listen('rocketmq:rebalance');
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic);
    await group.send(topic, 3);
    await group.until(() => member.messages.length === 3);
    await group.clock.advance(6_000);
    const where = { consumerGroup: 'Group', topic, brokerName: 'broker-a', queueId: 0 };
    const found = pulls.seen.filter(({ status }) => status === 'FOUND');
    expect(found.reduce((sum, { messages }) => sum + Number(messages), 0)).to.equal(3);
    expect(found[0]).to.include({ ...where, offset: 0 });
    expect(commits.seen.findLast((event) => event['topic'] === topic)).to.deep.equal({
      ...where,
      offset: 3,
    });
    expect(rebalances.seen.find((event) => event['topic'] === topic)).to.deep.equal({
      consumerGroup: 'Group',
      topic,
      gained: [`${topic}@broker-a@0`],
      lost: [],
    });
  });

  it('trace listeners, those that fail too, in concurrent and in orderly mode', async () => {
    for (const consumeMode of ['concurrently', 'orderly'] as const) {
      const told: string[] = [];
      const outcomes: unknown[] = [];
      const note = (what: string) => (context: unknown) => {
        const { topic: name, consumerGroup, messageId, returnType } = context as Record<string, string>;
        told.push(`${what} ${name} ${consumerGroup} ${messageId?.length}`);
        if (what === 'done') outcomes.push(returnType);
      };
      const trace = tracingChannel('rocketmq:consume');
      const handlers = {
        start: note('start'),
        end: () => {},
        asyncStart: () => {},
        asyncEnd: note('done'),
        error: note('error'),
      };
      trace.subscribe(handlers);
      try {
        await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
        let seen = 0;
        const eachMessage = (message: { text(): string }): 'deadLetter' | void => {
          seen++;
          if (message.text() === '1') throw new Error('It does not work');
        };
        await group.join(topic, { consumeMode }, { eachMessage });
        await group.send(topic, 2);
        await group.until(() => seen >= 2);
        await group.clock.advance(10);
      } finally {
        trace.unsubscribe(handlers);
      }
      const facts = `${topic} Group 32`;
      expect(told.filter((line) => line.startsWith('start'))).to.have.length(2);
      expect(outcomes, consumeMode).to.have.members(['SUCCESS', 'EXCEPTION']);
      expect(told, consumeMode).to.include.members([`start ${facts}`, `done ${facts}`, `error ${facts}`]);
    }
  });

  it('tell of a listener that gave its message back, and of one that took longer than consumeTimeout', async () => {
    using calls = listen('tracing:rocketmq:consume:asyncEnd');
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const eachMessage = async (message: { text(): string }): Promise<'deadLetter' | void> => {
      if (message.text() === '0') return 'deadLetter';
      await group.clock.sleep(1_500);
    };
    await group.join(topic, { consumeTimeout: 1_000 }, { eachMessage });
    await group.send(topic, 2);
    await group.until(() => calls.seen.length === 2);
    expect(calls.seen.map(({ returnType }) => returnType)).to.deep.equal(['FAILED', 'TIME_OUT']);
  });
});
