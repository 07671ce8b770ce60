import { expect } from 'chai';
import { describe, it } from 'mocha';

import { PopUnsupportedError } from '../../lib/consumer/pop/pop-unsupported-error.ts';
import { setMessageRequestMode } from '../../lib/consumer/pop/set-message-request-mode.ts';
import type { BatchResult, ConsumeContext, ListenerResult } from '../../lib/consumer/listener.ts';
import type { Control } from '../../lib/embedded/index.ts';
import { Commands } from '../../protocol/commands/index.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import { VirtualGroup, type TestMember } from '../support/virtual-group.ts';

const topic = 'PopTopic';
const pop = { messageRequestMode: 'pop' } as const;
const texts = (...members: readonly TestMember[]): string[] =>
  members.flatMap(({ messages }) => messages.map((message) => message.text())).sort();

/** A try of a listener. */
interface Try {
  readonly text: string;
  readonly times: number;
  readonly at: number;
}

describe('PushConsumer that pops, on the embedded cluster, in virtual time', () => {
  it('consumes each message once, acknowledges in batches, and leaves nothing invisible', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
    const first = await group.join(topic, pop);
    const second = await group.join(topic, pop);
    expect(first.rebalances[0]).to.deep.include({ strategy: 'POP' });
    expect(first.consumer.popQueues().map(({ queue }) => queue.queueId)).to.deep.equal([-1]);
    const sent = await group.send(topic, 200);
    await group.until(() => texts(first, second).length >= 200);
    await group.clock.advance(120_000);
    expect(texts(first, second)).to.deep.equal(sent.toSorted());
    expect(first.messages.length, 'of the first member').to.be.above(0);
    expect(second.messages.length, 'of the second member').to.be.above(0);
    const acks = group.cluster.requests({ command: Commands.ackMessage }).length;
    const batches = group.cluster.requests({ command: Commands.batchAckMessage }).length;
    expect(acks + batches).to.be.below(100);
  });

  it('hides failed messages by the number of tries or by the level asked for', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const tries: Try[] = [];
    const eachMessage = (message: ReceivedMessage): ListenerResult => {
      const text = message.text();
      tries.push({ text, times: message.reconsumeTimes, at: group.clock.uptime() });
      expect(message.topic).to.equal(topic);
      if (text === '0') return message.reconsumeTimes < 3 ? 'later' : 'success';
      return message.reconsumeTimes === 0 ? { delayLevel: 4 } : 'success';
    };
    await group.join(topic, pop, { eachMessage });
    await group.send(topic, 2);
    await group.until(() => tries.length === 6, 400_000);
    const waits = (text: string): number[] => {
      const at = tries.filter((each) => each.text === text).map((each) => each.at);
      return at.slice(1).map((time, index) => Math.round((time - (at[index] ?? 0)) / 1_000));
    };
    expect(waits('0')).to.deep.equal([10, 30, 60]);
    expect(waits('1')).to.deep.equal([180]);
    await group.clock.advance(400_000);
    expect(tries).to.have.length(6);
  });

  it('puts messages into the dead-letter queue after the last try, or when told to', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const tries: string[] = [];
    const eachMessage = (message: ReceivedMessage): ListenerResult => {
      tries.push(message.text());
      if (message.text() === '1') return 'deadLetter';
      throw new Error('Cannot');
    };
    const options = { ...pop, maxReconsumeTimes: 2, popDelayLevels: [1_000] };
    await group.join(topic, options, { eachMessage });
    await group.send(topic, 2);
    const dead = await group.join('%DLQ%Group', { consumerGroup: 'Undertaker' });
    await group.until(() => dead.messages.length === 2);
    await group.clock.advance(120_000);
    expect(tries.toSorted()).to.deep.equal(['0', '0', '0', '1']);
    expect(texts(dead)).to.deep.equal(['0', '1']);
    expect(dead.messages.map(({ originTopic }) => originTopic)).to.deep.equal([topic, topic]);
  });

  it('drops what waited too long for a listener, and voids what a listener finishes too late', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    let tries = 0;
    const eachMessage = async (): Promise<void> => {
      tries++;
      if (tries === 1) await group.clock.sleep(6_000);
    };
    const options = { ...pop, popInvisibleTime: 5_000, consumeConcurrency: 1 };
    const member = await group.join(topic, options, { eachMessage });
    const expired: string[] = [];
    member.consumer.on('popExpired', ({ phase }) => expired.push(phase));
    await group.send(topic, 3);
    await group.until(() => tries === 4);
    await group.clock.advance(20_000);
    expect(tries).to.equal(4);
    expect(expired).to.deep.equal(['listener', 'waiting', 'waiting']);
    expect(member.consumer.popQueues()[0]).to.include({ held: 0, expired: 3 });
  });

  it('brings what a member holds too long to the others', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const options = { ...pop, popInvisibleTime: 10_000 };
    const stuck = { ...options, popThresholdForQueue: 1 };
    await group.join(topic, stuck, { eachMessage: async () => new Promise(() => {}) });
    await group.send(topic, 10);
    await group.clock.advance(1_000);
    const other = await group.join(topic, options);
    const took = await group.until(() => other.messages.length === 10);
    expect(took).to.be.within(7_000, 10_000);
    expect(new Set(texts(other)).size).to.equal(10);
  });

  it('gives back at shutdown what it has not begun with, and waits for listeners at work', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    let finished = 0;
    const eachMessage = async (): Promise<void> => {
      await group.clock.sleep(2_000);
      finished++;
    };
    const first = await group.join(topic, { ...pop, consumeConcurrency: 2 }, { eachMessage });
    await group.send(topic, 10);
    await group.clock.advance(100);
    const second = await group.join(topic, pop);
    await group.run(first.consumer.shutdown());
    expect(finished).to.equal(2);
    await group.until(() => second.messages.length === 8, 1_000);
    await group.clock.advance(120_000);
    expect(second.messages).to.have.length(8);
  });

  it('stops popping at the threshold, and goes on when there is room', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const member = await group.join(
      topic,
      { ...pop, popThresholdForQueue: 40, consumeConcurrency: 100 },
      { eachMessage: async () => gate },
    );
    await group.send(topic, 200);
    await group.clock.advance(1_000);
    expect(member.consumer.popQueues()[0]?.held).to.be.within(40, 72);
    release();
    await group.until(() => group.cluster.group('Group').offsets(topic)[0] === 200, 1_000);
  });

  it('sends acknowledgements again that failed', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic, pop);
    const lost = [Commands.ackMessage, Commands.batchAckMessage].map((command) =>
      group.cluster.control(command, { drop: true, times: 1 }),
    );
    await group.send(topic, 10);
    await group.clock.advance(200_000);
    expect(lost.some(({ hits }) => hits > 0)).to.equal(true);
    expect(texts(member)).to.have.length(10);
    expect(member.warnings.map(({ kind }) => kind)).to.include('ackFailed');
  });

  it('acknowledges one by one where the broker does not know batches', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    group.cluster.control(Commands.batchAckMessage, { answer: 3 });
    const member = await group.join(topic, pop);
    await group.send(topic, 50);
    await group.clock.advance(120_000);
    expect(texts(member)).to.have.length(50);
    expect(group.cluster.requests({ command: Commands.batchAckMessage })).to.have.length(1);
  });

  it('goes on after the broker was away', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const member = await group.join(topic, pop);
    const [name] = group.cluster.brokerNames;
    await group.run(group.cluster.stopBroker(name ?? ''));
    await group.clock.advance(5_000);
    await group.run(group.cluster.startBroker(name ?? ''));
    await group.send(topic, 20);
    await group.until(() => texts(member).length === 20);
  });

  it('changes from pop to pull and back when brokers say so, and loses nothing on the way', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const setMode = async (mode: 'pull' | 'pop'): Promise<void> => {
      const { clock, random, network: transport } = group;
      const options = { nameServers: group.cluster.nameServers, environment: { clock, random, transport } };
      await group.run(setMessageRequestMode({ topic, consumerGroup: 'Group', mode }, options));
    };
    const seen: string[] = [];
    const eachMessage = async (message: ReceivedMessage): Promise<void> => {
      seen.push(`${message.topic} ${message.text()}/${message.reconsumeTimes}`);
      if (message.reconsumeTimes === 0 && message.text() === 'stuck0') await group.clock.sleep(20_000);
    };
    const options = { clientRebalance: false, popInvisibleTime: 5_000 };
    const member = await group.join(topic, options, { eachMessage });
    const popped = (): number => member.consumer.popQueues().filter(({ state }) => state === 'active').length;
    const sent = async (prefix: string): Promise<void> => {
      await group.send(topic, 1, prefix);
      await group.until(() => seen.some((line) => line.includes(`${prefix}0`)));
    };
    await sent('pulled');
    await setMode('pop');
    await group.until(() => popped() === 1 && member.owned(topic).length === 0);
    await sent('popped');
    await sent('stuck');
    await setMode('pull');
    await group.until(() => popped() === 0 && member.owned(topic).length === 2);
    await sent('again');
    // The group reads its own pop retry topic now.
    await group.until(() => seen.includes(`${topic} stuck0/1`));
    await setMode('pop');
    await group.until(() => popped() === 1 && member.owned(topic).length === 0);
    await sent('last');
    await group.clock.advance(60_000);
    // A pop that was under way at the change may bring what is pulled too.
    const first = seen.filter((line) => line.endsWith('/0'));
    expect(first.toSorted()).to.deep.equal(
      ['again', 'last', 'popped', 'pulled', 'stuck'].map((text) => `${topic} ${text}0/0`),
    );
    expect(member.warnings).to.deep.equal([]);
  });

  for (const mode of ['pull', 'pop'] as const)
    it(`keeps what it has when brokers do not say, and drops it when they give it nothing, ${mode}`, async () => {
      await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
      const member = await group.join(topic, { clientRebalance: false, messageRequestMode: mode });
      const count = (): number => member.owned(topic).length + member.consumer.popQueues().length;
      const before = count();
      expect(before).to.equal(mode === 'pull' ? 2 : 1);
      const say = (text: string): Control =>
        group.cluster.control(Commands.queryAssignment, { answer: { body: Buffer.from(text) } });
      const silence = say('{}');
      member.consumer.rebalance();
      await group.clock.advance(5_000);
      expect(silence.hits).to.be.above(1);
      await group.send(topic, 2, 'kept');
      await group.until(() => member.messages.length === 2);
      expect(count()).to.equal(before);
      silence.remove();
      say('{"messageQueueAssignments":[]}');
      member.consumer.rebalance();
      await group.until(() => count() === 0, 2_000);
      await group.send(topic, 2, 'dropped');
      await group.clock.advance(5_000);
      expect(member.messages).to.have.length(2);
    });

  it('rests and goes on by order, keeps to a rate, and tells how it stands', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic, pop);
    const { consumer, messages } = member;
    expect(consumer.health().state).to.equal('ok');
    consumer.suspend();
    await group.send(topic, 100);
    // The pop that was under way brings some; they wait.
    await group.clock.advance(1_000);
    expect(messages).to.have.length(0);
    consumer.setConsumeRateLimit(20);
    consumer.resume();
    await group.clock.advance(2_000);
    expect(messages.length).to.be.within(30, 50);
    consumer.pause([topic]);
    const before = messages.length;
    await group.clock.advance(2_000);
    expect(messages).to.have.length(before);
    consumer.resume([topic]);
    consumer.setConsumeRateLimit(0);
    await group.until(() => messages.length === 100, 2_000);
    expect((await consumer.lag()).total).to.equal(0);
    const [name = ''] = group.cluster.brokerNames;
    await group.run(group.cluster.stopBroker(name, { leaveRoute: true }));
    await group.clock.advance(3_000);
    expect(consumer.health().reasons.map(({ kind }) => kind)).to.include('pullFailing');
    await group.run(group.cluster.startBroker(name));
  });

  it('acknowledges the part of a batch that its listener names', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const batches: string[] = [];
    const eachBatch = (batch: readonly ReceivedMessage[]): BatchResult => {
      batches.push(batch.map((message) => `${message.text()}/${message.reconsumeTimes}`).join());
      return batch.length === 4 ? { ackIndex: 1 } : 'success';
    };
    const options = { ...pop, consumeMessageBatchMaxSize: 4, popDelayLevels: [1_000] };
    await group.send(topic, 4);
    await group.join(topic, options, { eachBatch });
    await group.clock.advance(120_000);
    expect(batches.toSorted()).to.deep.equal(['0/0,1/0,2/0,3/0', '2/1,3/1']);
  });

  it('knows topics and groups of a namespace by their short names', async () => {
    await using group = await VirtualGroup.start({ topics: { [`Ns%${topic}`]: 1 } });
    const { clock, random, network: transport } = group;
    const client = {
      nameServers: group.cluster.nameServers,
      namespace: 'Ns',
      environment: { clock, random, transport },
    };
    const seen: string[] = [];
    const eachMessage = (message: ReceivedMessage, { queue }: ConsumeContext): ListenerResult => {
      seen.push(`${message.topic} ${queue.topic} ${message.reconsumeTimes}`);
      return message.reconsumeTimes === 0 ? 'later' : 'deadLetter';
    };
    const options = { namespace: 'Ns', clientRebalance: false, popDelayLevels: [1_000] };
    const member = await group.join(topic, options, { eachMessage });
    await group.run(setMessageRequestMode({ topic, consumerGroup: 'Group', mode: 'pop' }, client));
    await group.until(() => member.consumer.popQueues().length === 1);
    expect(member.consumer.popQueues()[0]?.queue.topic).to.equal(topic);
    await group.send(`Ns%${topic}`, 1);
    const dead = await group.join('%DLQ%Group', { consumerGroup: 'Undertaker', namespace: 'Ns' });
    await group.until(() => dead.messages.length === 1);
    expect(seen).to.deep.equal([0, 1].map((times) => `${topic} ${topic} ${times}`));
  });

  it('filters by tags again, and acknowledges what does not match', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    // "Aa" and "BB" have the same hash in Java.
    const seen: string[] = [];
    await group.join(topic, pop, { filter: 'Aa', eachMessage: (message) => void seen.push(message.text()) });
    const producer = await group.producer();
    for (const tags of ['Aa', 'BB', 'C']) await group.run(producer.send({ topic, tags, body: tags }));
    await group.clock.advance(120_000);
    expect(seen).to.deep.equal(['Aa']);
  });

  it('fails to start on brokers of 4.9, and pulls there when the choice was theirs', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 }, generation: '4.9' });
    const error: unknown = await group.join(topic, pop).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(PopUnsupportedError);
    expect(String(error)).to.contain('needs brokers of 5.0 or later');
    const member = await group.join(topic, { clientRebalance: false });
    const sent = await group.send(topic, 10);
    await group.until(() => texts(member).length === 10);
    expect(texts(member)).to.deep.equal(sent.toSorted());
    expect(member.warnings.map(({ kind }) => kind)).to.deep.equal(['popUnsupported']);
  });

  describe('orderly', () => {
    const orderly = { ...pop, consumeMode: 'orderly' } as const;

    /** Takes a while over each message, and notes what overlaps or is out of order. */
    class Watch {
      readonly seen = new Map<number, number[]>();
      readonly faults: string[] = [];
      readonly #busy = new Set<number>();

      async listen(group: VirtualGroup, message: ReceivedMessage, work: number): Promise<void> {
        const { queueId, queueOffset } = message;
        if (this.#busy.has(queueId)) this.faults.push(`overlap in queue ${queueId}`);
        this.#busy.add(queueId);
        await group.clock.sleep(work);
        this.#busy.delete(queueId);
        const seen = this.seen.get(queueId) ?? [];
        if (queueOffset !== seen.length)
          this.faults.push(`${queueOffset} after ${seen.length} of queue ${queueId}`);
        this.seen.set(queueId, [...seen, queueOffset]);
      }

      get count(): number {
        return [...this.seen.values()].reduce((sum, { length }) => sum + length, 0);
      }
    }

    it('consumes each queue in order, one message at a time, whoever pops', async () => {
      await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
      const watch = new Watch();
      const eachMessage = async (message: ReceivedMessage): Promise<void> => watch.listen(group, message, 7);
      await group.join(topic, orderly, { eachMessage });
      await group.send(topic, 200);
      const second = await group.join(topic, orderly, { eachMessage });
      await group.send(topic, 200);
      await group.until(() => watch.count >= 300);
      await group.run(second.consumer.shutdown());
      await group.until(() => watch.count >= 400);
      await group.clock.advance(120_000);
      expect([watch.count, watch.faults]).to.deep.equal([400, []]);
      expect(group.cluster.group('Group').offsets(topic)).to.deep.equal([100, 100, 100, 100]);
    });

    it('tries a failed message again before those behind it, and keeps them hidden meanwhile', async () => {
      await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
      const tries: string[] = [];
      const eachMessage = (message: ReceivedMessage): ListenerResult => {
        tries.push(`${message.text()}/${message.reconsumeTimes}`);
        return message.text() === '1' && message.reconsumeTimes < 4 ? 'later' : 'success';
      };
      const options = { ...orderly, popInvisibleTime: 5_000, suspendCurrentQueueTimeMillis: 2_000 };
      await group.join(topic, options, { eachMessage });
      await group.join(topic, options, { eachMessage });
      await group.send(topic, 4);
      await group.until(() => tries.length === 8);
      expect(tries).to.deep.equal(['0/0', '1/0', '1/1', '1/2', '1/3', '1/4', '2/0', '3/0']);
      await group.clock.advance(60_000);
      expect(tries).to.have.length(8);
    });

    it('puts a message into the dead-letter queue after its last try, and goes on', async () => {
      await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
      const tries: string[] = [];
      const eachMessage = (message: ReceivedMessage): ListenerResult => {
        tries.push(message.text());
        return message.text() === '0' ? 'later' : message.text() === '1' ? 'deadLetter' : 'success';
      };
      await group.join(topic, { ...orderly, maxReconsumeTimes: 1 }, { eachMessage });
      await group.send(topic, 3);
      const dead = await group.join('%DLQ%Group', { consumerGroup: 'Undertaker' });
      await group.until(() => dead.messages.length === 2);
      expect(tries).to.deep.equal(['0', '0', '1', '2']);
    });

    it('gets the same messages again at once when the answer to a pop was lost', async () => {
      await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
      await group.send(topic, 5);
      group.cluster.control(Commands.popMessage, { mute: true, times: 1 });
      const member = await group.join(topic, orderly);
      const took = await group.until(() => member.messages.length === 5);
      // The request times out after 25 s; the queue would be blocked for 60 s.
      expect(took).to.be.below(30_000);
      expect(member.messages.map((message) => message.text())).to.deep.equal(['0', '1', '2', '3', '4']);
    });

    it('gives the rest of a queue back at shutdown, in order', async () => {
      await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
      const watch = new Watch();
      const eachMessage = async (message: ReceivedMessage): Promise<void> =>
        watch.listen(group, message, 1_000);
      const first = await group.join(topic, orderly, { eachMessage });
      await group.send(topic, 20);
      await group.clock.advance(2_500);
      await group.join(topic, orderly, { eachMessage });
      await group.run(first.consumer.shutdown());
      await group.until(() => watch.count === 20, 30_000);
      expect(watch.faults).to.deep.equal([]);
    });
  });
});
