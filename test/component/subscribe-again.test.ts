import { expect } from 'chai';
import { describe, it } from 'mocha';

import { Commands } from '../../protocol/commands/index.ts';
import { VirtualGroup } from '../support/virtual-group.ts';

const topic = 'Again';

/** Until it is released, the brokers hear of no change of subscriptions, and no round comes. */
function holdHeartbeats(group: VirtualGroup) {
  let release = (): void => {};
  const hold = new Promise<void>((resolve) => (release = resolve));
  const control = group.cluster.control(Commands.heartBeat, { hold });
  return { control, release };
}

describe('PushConsumer that gives a topic up and wants it again before a round takes its queues', () => {
  for (const messageRequestMode of ['pull', 'pop'] as const)
    it(`goes on reading, ${messageRequestMode}`, async () => {
      await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
      const { consumer } = await group.join(topic, { messageRequestMode });
      // The producer of the test starts before anything is held.
      await group.send(topic, 1);
      await group.clock.advance(1_000);
      const { control, release } = holdHeartbeats(group);
      consumer.unsubscribe(topic);
      // The requests under way are answered, and whoever asks next finds no subscription.
      const meanwhile = await group.send(topic, 4, 'meanwhile ');
      await group.clock.advance(100);
      const texts: string[] = [];
      consumer.subscribe(topic, { eachMessage: (message) => void texts.push(message.text()) });
      await group.clock.advance(100);
      expect(control.hits).to.be.above(0);
      release();
      const later = await group.send(topic, 20);
      await group.until(() => later.every((text) => texts.includes(text)), 2_000);
      // What was popped meanwhile is visible again after a while.
      await group.until(() => meanwhile.every((text) => texts.includes(text)), 100_000);
    });

  for (const consumeMode of ['concurrently', 'orderly'] as const)
    it(`keeps what waits for a listener, ${consumeMode}`, async () => {
      await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
      const texts: string[] = [];
      let finish = (): void => {};
      const first = new Promise<void>((resolve) => (finish = resolve));
      const eachMessage = async (message: { text(): string }): Promise<void> => {
        texts.push(message.text());
        await first;
      };
      const options = { consumeMode, consumeConcurrency: 1 };
      const { consumer } = await group.join(topic, options, { eachMessage });
      const sent = await group.send(topic, 10);
      await group.clock.advance(1_000);
      expect(texts).to.deep.equal(sent.slice(0, 1));
      const { control, release } = holdHeartbeats(group);
      consumer.unsubscribe(topic);
      finish();
      await group.clock.advance(500);
      expect(texts).to.deep.equal(sent.slice(0, 1));
      consumer.subscribe(topic, { eachMessage });
      release();
      await group.until(() => texts.length >= 10, 1_000);
      expect(texts).to.deep.equal(sent);
      expect(control.hits).to.be.above(0);
      expect(group.cluster.requests({ command: Commands.consumerSendMsgBack })).to.deep.equal([]);
      await group.run(consumer.shutdown());
      expect(group.cluster.group('Group').offsets(topic)).to.deep.equal([10]);
    });
});
