import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { ConsumeTimeoutEvent } from '../../lib/consumer/events.ts';
import { deferred } from '../../lib/runtime/deferred.ts';
import { Commands } from '../../protocol/commands/index.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import { VirtualGroup } from '../support/virtual-group.ts';

const topic = 'FlowTopic';
const retry = '%RETRY%Group';
const levels = '1s 1s 1s 1s';

describe('Listeners that take long, in virtual time', () => {
  it('gives a message back after consumeTimeout, at delay level 3, and goes on with the next', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 }, messageDelayLevels: levels });
    const hung = deferred();
    const tries: [string, number][] = [];
    const timeouts: ConsumeTimeoutEvent[] = [];
    const eachMessage = async (message: ReceivedMessage): Promise<void> => {
      tries.push([message.text(), message.reconsumeTimes]);
      if (message.text() === '0' && message.reconsumeTimes === 0) await hung.promise;
    };
    const options = { consumeTimeout: 20_000, consumeConcurrency: 1 };
    const member = await group.join(topic, options, { eachMessage });
    member.consumer.on('consumeTimeout', (event) => timeouts.push(event));
    await group.send(topic, 3);
    await group.clock.advance(19_000);
    expect(tries).to.deep.equal([['0', 0]]);
    await group.until(() => tries.length === 4, 5_000);
    expect(tries.map(String).toSorted()).to.deep.equal(['0,0', '0,1', '1,0', '2,0']);
    const [sentBack] = group.cluster.requests({ command: Commands.consumerSendMsgBack });
    expect(sentBack?.ext['delayLevel']).to.equal('3');
    expect(timeouts).to.have.length(1);
    expect(timeouts[0]).to.include({ returned: true });
    expect(timeouts[0]?.running).to.be.within(20_000, 23_000);
    await group.clock.advance(6_000);
    expect(group.cluster.group('Group').offsets(topic)).to.deep.equal([3]);
    hung.resolve();
    await group.clock.advance(1_000);
    expect(tries).to.have.length(4);
    expect(group.cluster.requests({ command: Commands.consumerSendMsgBack })).to.have.length(1);
    const status = member.consumer.queues().find(({ queue }) => queue.topic === topic);
    expect(status).to.include({ cached: 0, consumed: 3 });
  });

  it('does not count what a listener brings after its time, be it a failure', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 }, messageDelayLevels: levels });
    const hung = deferred();
    let tries = 0;
    const failed: string[] = [];
    const eachMessage = async (): Promise<void> => {
      if (++tries === 1) await hung.promise;
    };
    const member = await group.join(topic, { consumeTimeout: 10_000 }, { eachMessage });
    member.consumer.on('consumeFailed', ({ messageId }) => failed.push(messageId));
    await group.send(topic, 1);
    await group.until(() => tries === 2, 20_000);
    hung.reject(new Error('Too late'));
    await group.clock.advance(10_000);
    expect([tries, failed.length]).to.deep.equal([2, 0]);
    expect(group.cluster.requests({ command: Commands.consumerSendMsgBack })).to.have.length(1);
  });

  it('tries to give a message back until a broker takes it, and commits nothing beyond it before', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 }, messageDelayLevels: levels });
    let tries = 0;
    const events: boolean[] = [];
    const eachMessage = async (): Promise<void> => {
      if (++tries === 1) await new Promise(() => {});
    };
    const member = await group.join(topic, { consumeTimeout: 10_000 }, { eachMessage });
    member.consumer.on('consumeTimeout', ({ returned }) => events.push(returned));
    const back = group.cluster.control(Commands.consumerSendMsgBack, { answer: 1, remark: 'not now' });
    const copies = group.cluster.control(Commands.sendMessageV2, {
      answer: 1,
      remark: 'not now',
      when: ({ command }) => command.extFields?.['b'] === retry,
    });
    await group.send(topic, 1);
    await group.clock.advance(20_000);
    expect(events.length).to.be.above(1);
    expect(events).to.not.include(true);
    expect(group.cluster.group('Group').offsets(topic)[0]).to.not.equal(1);
    expect(tries).to.equal(1);
    back.remove();
    copies.remove();
    await group.until(() => tries === 2, 5_000);
    expect(events.at(-1)).to.equal(true);
  });

  it('gives all messages of a batch back', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 }, messageDelayLevels: levels });
    const seen: number[] = [];
    const eachBatch = async (messages: readonly ReceivedMessage[]): Promise<void> => {
      seen.push(...messages.map(({ reconsumeTimes }) => reconsumeTimes));
      if (messages[0]?.reconsumeTimes === 0) await new Promise(() => {});
    };
    const options = { consumeTimeout: 10_000, consumeMessageBatchMaxSize: 4 };
    const member = group.member(topic, options, { eachBatch });
    await group.send(topic, 8);
    await group.run(member.consumer.start());
    await group.until(() => seen.length === 16, 20_000);
    expect(seen.filter((times) => times === 1)).to.have.length(8);
  });

  it('warns once of each listener that is at work for longer than listenerStalledAfter', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const hung = deferred();
    const options = { listenerStalledAfter: 5_000 };
    const member = await group.join(topic, options, { eachMessage: async () => hung.promise });
    await group.send(topic, 2);
    await group.clock.advance(4_900);
    expect(member.warnings).to.deep.equal([]);
    await group.clock.advance(30_000);
    expect(member.warnings.map(({ kind }) => kind)).to.deep.equal(['listenerStalled', 'listenerStalled']);
    expect(member.consumer.health()).to.deep.include({ state: 'degraded' });
    expect(member.consumer.health().reasons.map(({ kind }) => kind)).to.deep.equal(['listenerStalled']);
    hung.resolve();
    await group.clock.advance(10);
    expect(member.consumer.health()).to.deep.equal({ state: 'ok', reasons: [], isSuspended: false });
  });
});

describe('Pausing and limits, in virtual time', () => {
  it('delivers nothing while suspended, keeps its queues, and goes on afterwards', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
    const member = await group.join(topic);
    await group.send(topic, 4);
    await group.until(() => member.messages.length === 4);
    member.consumer.suspend();
    await group.send(topic, 40);
    // Longer than the watchdog waits.
    await group.clock.advance(200_000);
    expect(member.messages).to.have.length(4);
    expect(member.owned(topic)).to.deep.equal([0, 1, 2, 3]);
    expect(member.consumer.health()).to.deep.equal({ state: 'ok', reasons: [], isSuspended: true });
    const pulls = group.cluster.requests({ command: Commands.pullMessage }).length;
    await group.clock.advance(20_000);
    expect(group.cluster.requests({ command: Commands.pullMessage })).to.have.length(pulls);
    member.consumer.resume();
    await group.until(() => member.messages.length === 44, 100);
    expect(member.warnings).to.deep.equal([]);
  });

  it('stops with the very message whose listener suspends', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    let seen = 0;
    const eachMessage = (): void => {
      if (++seen === 3) member.consumer.suspend();
    };
    const member = group.member(topic, {}, { eachMessage });
    await group.send(topic, 20);
    await group.run(member.consumer.start());
    await group.clock.advance(1_000);
    expect(seen).to.equal(3);
    member.consumer.resume();
    await group.until(() => seen === 20, 100);
  });

  it('pauses a queue, or a topic, and nothing else; also from before the start', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2, Other: 2 } });
    const member = group.member(topic);
    const queue = { topic, brokerName: 'broker-a', queueId: 1 };
    member.consumer.pause(['Other', queue]);
    const other: string[] = [];
    member.consumer.subscribe('Other', { eachMessage: (message) => void other.push(message.text()) });
    await group.run(member.consumer.start());
    await group.send(topic, 10);
    await group.send('Other', 10);
    await group.clock.advance(1_000);
    expect(member.messages.map(({ queueId }) => queueId)).to.deep.equal([0, 0, 0, 0, 0]);
    expect(other).to.deep.equal([]);
    const holds = member.consumer.queues().map((each) => [each.queue.topic, each.queue.queueId, each.hold]);
    expect(holds).to.deep.include([topic, 1, 'paused']);
    expect(holds).to.deep.include([topic, 0, undefined]);
    member.consumer.resume(['Other']);
    await group.until(() => other.length === 10, 100);
    expect(member.messages).to.have.length(5);
    member.consumer.resume([queue]);
    await group.until(() => member.messages.length === 10, 100);
  });

  it('hands out no more messages per second than consumeRateLimit, and as many as a change of it allows', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
    const member = group.member(topic, { consumeRateLimit: 100 });
    await group.send(topic, 1_000);
    await group.run(member.consumer.start());
    await group.clock.advance(1_000);
    expect(member.messages.length).to.be.within(95, 115);
    await group.clock.advance(1_000);
    expect(member.messages.length).to.be.within(195, 215);
    const before = member.messages.length;
    member.consumer.setConsumeRateLimit(10);
    await group.clock.advance(2_000);
    expect(member.messages.length - before).to.be.within(18, 22);
    member.consumer.setConsumeRateLimit(0);
    await group.until(() => member.messages.length === 1_000, 500);
    expect(() => member.consumer.setConsumeRateLimit(-1)).to.throw(/consumeRateLimit.*must be/);
  });

  it('runs as many listeners at a time as setConsumeConcurrency says', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    let running = 0;
    let most = 0;
    const eachMessage = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await group.clock.sleep(100);
      running--;
    };
    const member = await group.join(topic, { consumeConcurrency: 2 }, { eachMessage });
    await group.send(topic, 200);
    await group.clock.advance(500);
    expect(most).to.equal(2);
    member.consumer.setConsumeConcurrency(8);
    await group.clock.advance(500);
    expect([most, running]).to.deep.equal([8, 8]);
    member.consumer.setConsumeConcurrency(1);
    await group.clock.advance(150);
    most = 0;
    await group.clock.advance(500);
    expect(most).to.equal(1);
    expect(() => member.consumer.setConsumeConcurrency(0)).to.throw(/consumeConcurrency.*must be/);
    member.consumer.suspend();
    await group.until(() => running === 0);
  });

  it('shares the limit of a topic out among its owned queues, anew when their number changes', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
    const options = { pullThresholdForTopic: 256, pullBatchSize: 8, consumeConcurrency: 1 };
    const eachMessage = async (): Promise<void> => new Promise(() => {});
    const first = group.member(topic, options, { eachMessage });
    await group.send(topic, 2_000);
    await group.run(first.consumer.start());
    await group.clock.advance(2_000);
    const cached = (): number[] =>
      first.consumer
        .queues()
        .filter(({ queue }) => queue.topic === topic)
        .map((each) => each.cached);
    // At most one pull beyond the share of 64.
    for (const each of cached()) expect(each).to.be.within(65, 72);
    expect(first.consumer.queues().map(({ hold }) => hold)).to.include('tooManyMessages');
    await group.join(topic, options, { eachMessage });
    await group.until(() => cached().length === 2);
    for (const each of cached()) expect(each).to.be.within(65, 72);
  });

  it('pulls ever more rarely while a broker refuses (FLOW_CONTROL), and at full speed when it does no more', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic);
    const busy = group.cluster.control(Commands.pullMessage, {
      answer: 215,
      remark: 'slow down',
      when: ({ command }) => command.extFields?.['topic'] === topic,
    });
    await group.send(topic, 1);
    await group.clock.advance(2_000);
    const early = busy.hits;
    await group.clock.advance(10_000);
    expect(busy.hits - early).to.be.within(9, 11);
    expect(early).to.be.within(5, 8);
    expect(member.consumer.health().reasons.map(({ kind }) => kind)).to.deep.equal(['flowControlled']);
    busy.remove();
    await group.send(topic, 100);
    await group.until(() => member.messages.length === 101, 3_000);
    await group.clock.advance(20_000);
    expect(member.consumer.health().state).to.equal('ok');
  });
});

describe('The same in orderly mode', () => {
  const orderly = { consumeMode: 'orderly' } as const;

  it('stops with the very message whose listener suspends', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const seen: string[] = [];
    const eachMessage = (message: ReceivedMessage): void => {
      seen.push(message.text());
      if (seen.length === 3) member.consumer.suspend();
    };
    const member = group.member(topic, orderly, { eachMessage });
    const sent = await group.send(topic, 20);
    await group.run(member.consumer.start());
    await group.clock.advance(1_000);
    expect(seen).to.have.length(3);
    member.consumer.resume();
    await group.until(() => seen.length === 20, 100);
    expect(seen).to.deep.equal(sent);
  });

  it('keeps to consumeRateLimit and to setConsumeConcurrency', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 8 } });
    let running = 0;
    let most = 0;
    let seen = 0;
    const eachMessage = async (): Promise<void> => {
      seen++;
      most = Math.max(most, ++running);
      await group.clock.sleep(20);
      running--;
    };
    const member = group.member(topic, { ...orderly, consumeRateLimit: 100 }, { eachMessage });
    await group.send(topic, 800);
    await group.run(member.consumer.start());
    await group.clock.advance(2_000);
    expect(seen).to.be.within(190, 215);
    member.consumer.setConsumeRateLimit(0);
    member.consumer.setConsumeConcurrency(2);
    await group.clock.advance(40);
    most = 0;
    await group.clock.advance(200);
    expect(most).to.equal(2);
    member.consumer.setConsumeConcurrency(8);
    await group.clock.advance(200);
    expect(most).to.equal(8);
    member.consumer.suspend();
    await group.until(() => running === 0);
  });

  it('warns of a listener that stalls, and never gives its message back', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const hung = deferred();
    let timeouts = 0;
    const options = { ...orderly, listenerStalledAfter: 5_000, consumeTimeout: 10_000 };
    const member = await group.join(topic, options, { eachMessage: async () => hung.promise });
    member.consumer.on('consumeTimeout', () => timeouts++);
    await group.send(topic, 2);
    await group.clock.advance(60_000);
    expect(member.warnings.map(({ kind }) => kind)).to.deep.equal(['listenerStalled']);
    expect([
      timeouts,
      group.cluster.requests({ command: Commands.consumerSendMsgBack }).length,
    ]).to.deep.equal([0, 0]);
    hung.resolve();
    await group.clock.advance(6_000);
    expect(group.cluster.group('Group').offsets(topic)).to.deep.equal([2]);
  });
});

describe('Sending back, in virtual time', () => {
  it('leaves a copy with another broker when the one that has the message is gone, with its topic, id and count of tries', async () => {
    await using group = await VirtualGroup.start({
      brokers: 2,
      topics: { [topic]: 1 },
      messageDelayLevels: levels,
    });
    const gone = deferred();
    const tries: string[] = [];
    const eachMessage = async (message: ReceivedMessage): Promise<void> => {
      tries.push([message.topic, message.messageId, message.reconsumeTimes].join(' '));
      if (message.reconsumeTimes > 0) return;
      await gone.promise;
      throw new Error('It does not work');
    };
    const member = await group.join(topic, {}, { eachMessage });
    const producer = await group.producer();
    const queue = { topic, brokerName: 'broker-a', queueId: 0 };
    const { messageId } = await group.run(producer.send({ topic, body: 'fails' }, { queue }));
    await group.until(() => tries.length === 1);
    await group.cluster.stopBroker('broker-a');
    gone.resolve();
    await group.until(() => tries.length === 2);
    expect(tries).to.deep.equal([`${topic} ${messageId} 0`, `${topic} ${messageId} 1`]);
    expect(member.warnings.map(({ kind }) => kind)).to.not.include('sendBackFailed');
  });

  it('tries a message again here while no broker takes it, and counts that in the copy that one takes at last', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 }, messageDelayLevels: levels });
    const tries: [number, number][] = [];
    const eachMessage = (message: ReceivedMessage): 'later' => {
      tries.push([message.reconsumeTimes, group.clock.uptime()]);
      return 'later';
    };
    const member = await group.join(topic, { maxReconsumeTimes: 3 }, { eachMessage });
    group.cluster.control(Commands.consumerSendMsgBack, { answer: 1, remark: 'not now' });
    const copies = group.cluster.control(Commands.sendMessageV2, {
      answer: 1,
      remark: 'not now',
      when: ({ command }) => command.extFields?.['b'] === retry,
    });
    await group.send(topic, 1);
    await group.until(() => tries.length === 3, 20_000);
    expect(tries.map(([times]) => times)).to.deep.equal([0, 1, 2]);
    const gaps = tries.map(([, at], index) => at - (tries[index - 1]?.[1] ?? at)).slice(1);
    for (const gap of gaps) expect(gap).to.be.within(5_000, 5_100);
    copies.remove();
    await group.until(() => group.cluster.messages('%DLQ%Group').length === 1, 30_000);
    expect(tries.map(([times]) => times)).to.deep.equal([0, 1, 2, 3]);
    expect(member.warnings.map(({ kind }) => kind)).to.include('sendBackFailed');
  });
});

describe('Batches with partial success, in virtual time', () => {
  const start = async (
    eachBatch: (
      messages: readonly ReceivedMessage[],
      context: { ackIndex: number; delayLevelWhenNextConsume: number },
    ) => unknown,
  ) => {
    const group = await VirtualGroup.start({ topics: { [topic]: 1 }, messageDelayLevels: levels });
    const tries: string[] = [];
    const member = group.member(
      topic,
      { consumeMessageBatchMaxSize: 4 },
      {
        eachBatch: (messages, context) => {
          tries.push(...messages.map((message) => `${message.text()}/${message.reconsumeTimes}`));
          return messages[0]?.reconsumeTimes === 0 ? (eachBatch(messages, context) as void) : undefined;
        },
      },
    );
    await group.send(topic, 4);
    await group.run(member.consumer.start());
    await group.clock.advance(10_000);
    const levelsAsked = group.cluster
      .requests({ command: Commands.consumerSendMsgBack })
      .map(({ ext }) => ext['delayLevel']);
    return { group, tries: tries.toSorted(), levelsAsked };
  };

  it('sends back what is behind ackIndex', async () => {
    const { group, tries, levelsAsked } = await start(() => ({ ackIndex: 1, delayLevel: 2 }));
    await using _ = group;
    expect(tries).to.deep.equal(['0/0', '1/0', '2/0', '2/1', '3/0', '3/1']);
    expect(levelsAsked).to.deep.equal(['2', '2']);
    expect(group.cluster.group('Group').offsets(topic)).to.deep.equal([4]);
  });

  it('sends everything back for -1, and nothing for the last index or more', async () => {
    const none = await start(async () => ({ ackIndex: -1 }));
    await using _none = none.group;
    expect(none.tries).to.have.length(8);
    const all = await start(() => ({ ackIndex: 9 }));
    await using _all = all.group;
    expect(all.tries).to.have.length(4);
  });

  it('takes ackIndex and delay level from the context, the latter also when the listener throws', async () => {
    const set = await start((_messages, context) => {
      context.ackIndex = 2;
    });
    await using _set = set.group;
    expect(set.tries).to.deep.equal(['0/0', '1/0', '2/0', '3/0', '3/1']);
    const thrown = await start(async (_messages, context) => {
      context.ackIndex = 2;
      context.delayLevelWhenNextConsume = 4;
      throw new Error('It does not work');
    });
    await using _thrown = thrown.group;
    expect(thrown.tries).to.have.length(8);
    expect(thrown.levelsAsked).to.deep.equal(['4', '4', '4', '4']);
  });
});

describe('Lag and health, in virtual time', () => {
  it('tells the lag by queue and topic, by the last pulls or by the brokers', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const member = await group.join(topic);
    await group.send(topic, 10);
    await group.until(() => member.messages.length === 10);
    await group.clock.advance(100);
    expect(await member.consumer.lag()).to.deep.include({ total: 0 });
    member.consumer.suspend();
    await group.clock.advance(20_000);
    await group.send(topic, 6);
    const known = await member.consumer.lag();
    const fresh = await group.run(member.consumer.lag({ fresh: true }));
    expect([known.total, fresh.total, fresh.topics.get(topic), fresh.topics.get(retry)]).to.deep.equal([
      0, 6, 6, 0,
    ]);
    const queues = fresh.queues.filter(({ queue }) => queue.topic === topic);
    expect(
      queues.map(({ consumed, brokerMaxOffset, lag }) => [consumed, brokerMaxOffset, lag]),
    ).to.deep.equal([
      [5, 8, 3],
      [5, 8, 3],
    ]);
  });

  it('rejects a fresh lag that a broker does not answer', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic);
    group.cluster.control(Commands.getMaxOffset, { drop: true });
    const lag = group.run(member.consumer.lag({ fresh: true, timeout: 500 }));
    const error: unknown = await lag.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.have.property('code', 'ERR_RMQ_TIMEOUT');
  });

  it('is starting, ok, degraded with reasons, and stopped', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = group.member(topic);
    const { consumer } = member;
    expect(consumer.health()).to.deep.equal({ state: 'starting', reasons: [], isSuspended: false });
    await group.run(consumer.start());
    expect(consumer.health().state).to.equal('ok');
    consumer.subscribe('Missing', { eachMessage: () => {} });
    await group.clock.advance(1_000);
    expect(consumer.health().reasons.map(({ kind, topic: name }) => [kind, name])).to.deep.equal([
      ['noRoute', 'Missing'],
    ]);
    consumer.unsubscribe('Missing');
    await group.cluster.stopBroker('broker-a', { leaveRoute: true });
    await group.clock.advance(5_000);
    expect(consumer.health().state).to.equal('degraded');
    expect(consumer.health().reasons.map(({ kind }) => kind)).to.include.members([
      'noConnection',
      'pullFailing',
    ]);
    await group.run(group.cluster.startBroker('broker-a'));
    await group.until(() => consumer.health().state === 'ok', 10_000);
    await group.run(consumer.shutdown());
    expect(consumer.health().state).to.equal('stopped');
  });

  it('says so when the brokers do not list it', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic);
    const control = group.cluster.control(Commands.getConsumerListByGroup, {
      answer: { code: 0, body: Buffer.from('{"consumerIdList":["somebody@else"]}') },
    });
    member.consumer.rebalance();
    await group.until(
      () => member.consumer.health().reasons.some(({ kind }) => kind === 'notInMemberList'),
      5_000,
    );
    control.remove();
    await group.until(() => member.consumer.health().state === 'ok', 5_000);
  });
});
