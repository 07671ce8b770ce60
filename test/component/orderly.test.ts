import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { PushConsumerOptions } from '../../lib/consumer/push-consumer.ts';
import type { ConsumeContext, ListenerResult } from '../../lib/consumer/listener.ts';
import type { LockLostEvent, QueueLockedEvent } from '../../lib/consumer/events.ts';
import { RemotingClient } from '../../lib/remoting/remoting-client.ts';
import { Commands } from '../../protocol/commands/index.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { ConsumerRunningInfo } from '../../protocol/model/consumer-running-info.ts';
import { VirtualGroup, type TestMember } from '../support/virtual-group.ts';

const topic = 'OrderTopic';
const orderly: Partial<PushConsumerOptions> = { consumeMode: 'orderly' };

/** A listener that takes its time, and remembers what it saw and how many ran at once in one queue. */
class Watch {
  readonly seen: string[] = [];
  readonly times: number[] = [];
  most = 0;
  readonly #running = new Map<number, number>();
  readonly #group: VirtualGroup;
  readonly #result: (message: ReceivedMessage, context: ConsumeContext) => ListenerResult;
  takes = 20;

  constructor(
    group: VirtualGroup,
    result: (message: ReceivedMessage, context: ConsumeContext) => ListenerResult = () => undefined,
  ) {
    this.#group = group;
    this.#result = result;
  }

  readonly eachMessage = async (
    message: ReceivedMessage,
    context: ConsumeContext,
  ): Promise<ListenerResult> => {
    const { queueId } = message;
    const running = (this.#running.get(queueId) ?? 0) + 1;
    this.#running.set(queueId, running);
    this.most = Math.max(this.most, running);
    this.times.push(this.#group.clock.uptime());
    await this.#group.clock.sleep(this.takes);
    this.seen.push(message.text());
    this.#running.set(queueId, running - 1);
    return this.#result(message, context);
  };
}

const requests = (group: VirtualGroup, row: { readonly code: number }): number =>
  group.cluster.requests({ command: row }).length;

describe('Orderly consumption on the embedded cluster, in virtual time', () => {
  it('runs one listener per queue at a time, in the order of the queue', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const watch = new Watch(group);
    await group.join(topic, orderly, { eachMessage: watch.eachMessage });
    const sent = await group.send(topic, 40);
    const took = await group.until(() => watch.seen.length === 40);
    expect(watch.most).to.equal(1);
    for (const rest of [0, 1])
      expect(watch.seen.filter((text) => Number(text) % 2 === rest)).to.deep.equal(
        sent.filter((text) => Number(text) % 2 === rest),
      );
    // Two queues side by side.
    expect(took).to.be.within(350, 600);
  });

  it('delivers the first message of a group at once, with all queues of a broker in one request', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 8 } });
    await group.send(topic, 8);
    const member = await group.join(topic, orderly);
    const took = await group.until(() => member.messages.length === 8);
    expect(took).to.be.below(100);
    // One for the topic, at most one for the retry topic that is found a moment later.
    expect(requests(group, Commands.lockBatchMq)).to.be.at.most(2);
  });

  it('pulls nothing without the lock, and asks for it quickly until it has it', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const refused = group.cluster.control(Commands.lockBatchMq, {
      change: (answer) => ({ ...answer, body: Buffer.from('{"lockOKMQSet":[]}') }),
    });
    await group.send(topic, 1);
    const member = await group.join(topic, orderly);
    await group.clock.advance(500);
    expect(requests(group, Commands.pullMessage)).to.equal(0);
    refused.remove();
    expect(await group.until(() => member.messages.length === 1)).to.be.below(50);
  });

  it("renews every 20 s, and frees its queues with the broker when it leaves, after its listener's end", async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const watch = new Watch(group);
    watch.takes = 3_000;
    const first = await group.join(topic, orderly, { eachMessage: watch.eachMessage });
    const before = requests(group, Commands.lockBatchMq);
    await group.clock.advance(60_500);
    expect(requests(group, Commands.lockBatchMq) - before).to.be.within(3, 6);
    await group.send(topic, 2);
    await group.until(() => watch.times.length === 1);
    const second = await group.join(topic, orderly);
    void first.consumer.shutdown();
    await group.until(() => second.messages.length === 1);
    expect(watch.seen).to.deep.equal(['0']);
    expect(second.messages.map((message) => message.text())).to.deep.equal(['1']);
    const unlocked = group.cluster.requests().findLast(({ code }) => code === Commands.unlockBatchMq.code);
    const committed = group.cluster
      .requests()
      .findLast(({ code, ext }) => code === Commands.updateConsumerOffset.code && ext['topic'] === topic);
    expect(unlocked?.at).to.be.at.least(committed?.at ?? Infinity);
  });

  it('lets the queue rest after a failed message, and counts its tries', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const tries: number[] = [];
    const watch = new Watch(group, (message) => {
      if (message.text() !== '1' || message.reconsumeTimes >= 2) return undefined;
      tries.push(message.reconsumeTimes);
      if (message.reconsumeTimes === 0) throw new Error('not now');
      return { suspend: 250 };
    });
    watch.takes = 0;
    const member = await group.join(topic, orderly, { eachMessage: watch.eachMessage });
    const failed: number[] = [];
    member.consumer.on('consumeFailed', ({ reconsumeTimes }) => failed.push(reconsumeTimes));
    await group.send(topic, 3);
    await group.until(() => watch.seen.length === 5);
    expect(watch.seen).to.deep.equal(['0', '1', '1', '1', '2']);
    expect(failed).to.deep.equal([0, 1]);
    const [, first = 0, second = 0, third = 0] = watch.times;
    expect(second - first).to.be.within(1_000, 1_020);
    expect(third - second).to.be.within(250, 270);
  });

  it('sends a message to the dead-letter queue after maxReconsumeTimes, or when the listener says so, and goes on', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const options = { ...orderly, maxReconsumeTimes: 2, suspendCurrentQueueTimeMillis: 10 };
    const watch = new Watch(group, (message) =>
      message.text() === '0' ? 'later' : message.text() === '1' ? 'deadLetter' : undefined,
    );
    await group.join(topic, options, { eachMessage: watch.eachMessage });
    await group.send(topic, 3);
    await group.until(() => watch.seen.includes('2'));
    expect(watch.seen).to.deep.equal(['0', '0', '0', '1', '2']);
    await group.clock.advance(1_000);
    const dead = group.cluster.messages('%DLQ%Group').map((message) => message.text());
    expect(dead.toSorted()).to.deep.equal(['0', '1']);
  });

  it('delivers again and again without an end by default', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const watch = new Watch(group, () => 'later');
    const options = { ...orderly, suspendCurrentQueueTimeMillis: 10 };
    await group.join(topic, options, { eachMessage: watch.eachMessage });
    await group.send(topic, 2);
    await group.until(() => watch.seen.length === 40);
    expect(new Set(watch.seen)).to.deep.equal(new Set(['0']));
    expect(group.cluster.messages('%DLQ%Group')).to.deep.equal([]);
  });

  it('hands batches to eachBatch, one at a time', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const batches: string[][] = [];
    let isFirst = true;
    const options = { ...orderly, consumeMessageBatchMaxSize: 4, suspendCurrentQueueTimeMillis: 10 };
    await group.send(topic, 6);
    await group.join(topic, options, {
      eachBatch: (messages) => {
        batches.push(messages.map((message) => message.text()));
        const result = isFirst ? 'later' : undefined;
        isFirst = false;
        return result;
      },
    });
    await group.until(() => batches.flat().length === 10);
    expect(batches).to.deep.equal([
      ['0', '1', '2', '3'],
      ['0', '1', '2', '3'],
      ['4', '5'],
    ]);
  });

  it('delivers again what is behind the ackIndex of a batch, by result or by context', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const batches: string[][] = [];
    const options = { ...orderly, consumeMessageBatchMaxSize: 4, suspendCurrentQueueTimeMillis: 10 };
    await group.send(topic, 4);
    await group.join(topic, options, {
      eachBatch: (messages, context) => {
        batches.push(messages.map((message) => message.text()));
        if (batches.length === 1) return { ackIndex: 0 };
        if (batches.length === 2) context.ackIndex = 1;
        return undefined;
      },
    });
    await group.until(() => batches.length === 3);
    expect(batches).to.deep.equal([['0', '1', '2', '3'], ['1', '2', '3'], ['3']]);
  });

  it('commits and rolls back as the listener says when autoCommit is off', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const results: ListenerResult[] = ['success', 'success', 'rollback', undefined, 'commit'];
    const seen: string[] = [];
    const options = { ...orderly, autoCommit: false, suspendCurrentQueueTimeMillis: 50 };
    const member = await group.join(topic, options, {
      eachMessage: (message) => {
        seen.push(message.text());
        return results.shift();
      },
    });
    await group.send(topic, 5);
    await group.until(() => seen.length === 8);
    expect(seen).to.deep.equal(['0', '1', '2', '0', '1', '2', '3', '4']);
    const status = member.consumer.queues().find(({ queue }) => queue.topic === topic);
    expect(status?.consumed).to.equal(2);
    expect(group.cluster.group('Group').offsets(topic)).to.deep.equal([-1]);
    await group.clock.advance(5_100);
    expect(group.cluster.group('Group').offsets(topic)).to.deep.equal([2]);
  });

  it('offers context.commit and context.rollback, and refuses them where they mean nothing', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const seen: string[] = [];
    let context: ConsumeContext | undefined;
    const options = { ...orderly, autoCommit: false, suspendCurrentQueueTimeMillis: 10 };
    const member = await group.join(topic, options, {
      eachMessage: (message, given) => {
        context = given;
        seen.push(message.text());
        if (message.text() === '1' && seen.length === 2) given.commit();
        return undefined;
      },
    });
    const consumed = (): number | undefined =>
      member.consumer.queues().find(({ queue }) => queue.topic === topic)?.consumed;
    await group.send(topic, 4);
    await group.until(() => seen.length === 4);
    expect(consumed()).to.equal(2);
    context?.rollback();
    await group.until(() => seen.length === 6);
    expect(seen).to.deep.equal(['0', '1', '2', '3', '2', '3']);
    context?.commit();
    expect(consumed()).to.equal(4);
    let refused: unknown;
    const other = await group.join(
      topic,
      { consumerGroup: 'Concurrent' },
      {
        eachMessage: (_message, given) => {
          try {
            given.commit();
          } catch (error) {
            refused = error;
          }
        },
      },
    );
    await group.until(() => refused !== undefined && other.consumer.queues().length > 0);
    expect(refused).to.have.property('code', 'ERR_RMQ_ILLEGAL_STATE');
  });

  it("waits for a dead member's lock to end, and says until when", async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const first = await group.join(topic, orderly);
    const second = await group.join(topic, orderly);
    await group.until(() => second.owned(topic).length === 1 && first.owned(topic).length === 1);
    await group.clock.advance(5_000);
    const waiting: QueueLockedEvent[] = [];
    first.consumer.on('queueLocked', (event) => waiting.push(event));
    kill(group, second);
    const at = group.clock.now();
    await group.send(topic, 2);
    await group.until(() => waiting.length > 0, 5_000);
    const until = waiting[0]?.until ?? 0;
    expect(until - at).to.be.within(60_000, 63_000);
    await group.until(() => first.messages.length === 2, 70_000);
    expect(group.clock.now()).to.be.at.most(until + 600);
    expect(waiting).to.have.length(1);
  });

  it('delivers nothing while the lock is in doubt, and goes on where it was when the broker confirms it', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const watch = new Watch(group);
    watch.takes = 300;
    const member = await group.join(topic, orderly, { eachMessage: watch.eachMessage });
    const lost: LockLostEvent[] = [];
    member.consumer.on('lockLost', (event) => lost.push(event));
    await group.send(topic, 20);
    await group.until(() => watch.seen.length === 2);
    const failing = group.cluster.control(Commands.lockBatchMq, { answer: 1 });
    group.cluster.disconnect({});
    await group.clock.advance(5_000);
    // The one that was at work has ended, and is done.
    const before = watch.seen.length;
    expect(before).to.be.within(2, 3);
    failing.remove();
    await group.until(() => watch.seen.length === 20);
    expect(watch.seen).to.deep.equal(Array.from({ length: 20 }, (_, index) => String(index)));
    expect(lost).to.deep.equal([]);
  });

  it('tells that a lock ran out when the broker does not renew it for 30 s', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic, orderly);
    const lost: LockLostEvent[] = [];
    member.consumer.on('lockLost', (event) => lost.push(event));
    const failing = group.cluster.control(Commands.lockBatchMq, { answer: 1 });
    await group.clock.advance(35_000);
    // The group's retry topic has its own queue.
    expect(lost.map(({ reason, queue }) => [queue.topic, reason])).to.have.deep.members([
      [topic, 'expired'],
      ['%RETRY%Group', 'expired'],
    ]);
    expect(member.warnings.filter(({ kind }) => kind === 'lockFailed')).to.have.length(1);
    await group.send(topic, 3);
    await group.clock.advance(2_000);
    expect(member.messages).to.deep.equal([]);
    failing.remove();
    await group.until(() => member.messages.length === 3);
  });

  it('begins anew at the stored offset when another member had the lock meanwhile', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const watch = new Watch(group);
    watch.takes = 300;
    const member = await group.join(topic, orderly, { eachMessage: watch.eachMessage });
    const lost: LockLostEvent[] = [];
    member.consumer.on('lockLost', (event) => lost.push(event));
    await group.send(topic, 10);
    await group.until(() => watch.seen.length === 2);
    // Somebody else got as far as 8 while this one could not reach the broker.
    const failing = group.cluster.control(Commands.lockBatchMq, { answer: 1 });
    group.cluster.disconnect({});
    await group.clock.advance(3_000);
    const seen = watch.seen.length;
    await setOffset(group, 8);
    failing.remove();
    await group.until(() => watch.seen.includes('9'));
    expect(watch.seen.slice(seen)).to.deep.equal(['8', '9']);
    expect(lost.map(({ reason }) => reason)).to.deep.equal(['taken']);
  });

  it('shows its locks in the runtime information', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic, orderly);
    await group.until(() => member.owned(topic).length === 1);
    await group.clock.advance(100);
    const info = await runningInfo(group, member);
    expect(info.properties.get('PROP_CONSUMEORDERLY')).to.equal('true');
    const [, queue] = info.mqTable.find(([{ topic: name }]) => name === topic) ?? [];
    expect(queue).to.include({ locked: true, tryUnlockTimes: 0 });
    expect(queue?.lastLockTimestamp).to.be.above(0);
  });
});

const administrator = ({ clock, random, network: transport }: VirtualGroup): RemotingClient =>
  new RemotingClient({ clock, random, transport });

async function setOffset(group: VirtualGroup, commitOffset: number): Promise<void> {
  const admin = administrator(group);
  const broker = group.cluster.brokerAddress('broker-a');
  const header = { consumerGroup: 'Group', topic, queueId: 0, commitOffset };
  await group.run(admin.invoke(broker, Commands.updateConsumerOffset, header, undefined));
  await group.run(admin.close());
}

async function runningInfo(group: VirtualGroup, { consumer }: TestMember): Promise<ConsumerRunningInfo> {
  const admin = administrator(group);
  const broker = group.cluster.brokerAddress('broker-a');
  const header = { consumerGroup: 'Group', clientId: consumer.clientId ?? '' };
  const { body } = await group.run(admin.invoke(broker, Commands.getConsumerRunningInfo, header, undefined));
  await group.run(admin.close());
  return body;
}

/** The broker sees its connection end, and never hears of it again. */
function kill(group: VirtualGroup, { consumer: { clientId = '?' } }: TestMember): void {
  const { address } = group.cluster.group('Group').members.find((each) => each.clientId === clientId) ?? {};
  if (address === undefined) throw new Error('The member is not listed');
  const isItsOwn = ({ command }: { readonly command: { readonly body?: Buffer | undefined } }): boolean =>
    command.body?.includes(clientId) === true;
  for (const row of [Commands.heartBeat, Commands.lockBatchMq, Commands.unlockBatchMq])
    group.cluster.control(row, { drop: true, when: isItsOwn });
  group.cluster.disconnect({ client: address });
}
