import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { Clock, Timer } from '../../lib/runtime/clock.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { VirtualGroup } from '../support/virtual-group.ts';

const topic = 'WatchedTopic';

/** A clock that forgets the next timer of a second when it is told to: a pull loop that waits to try again never does. */
class ForgetfulClock implements Clock {
  readonly #clock: Clock;
  forgetsNext = false;
  forgotten = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  uptime(): number {
    return this.#clock.uptime();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await this.#clock.sleep(ms, signal);
  }

  timer(ms: number, run: () => void): Timer {
    if (!this.forgetsNext || ms !== 1_000) return this.#clock.timer(ms, run);
    this.forgetsNext = false;
    this.forgotten++;
    return { cancel: () => {} };
  }
}

describe('A queue whose pull loop has died, in virtual time', () => {
  it('begins anew after pullMaxIdleTime, with an event that says why, and loses and repeats nothing', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const clock = new ForgetfulClock(group.clock);
    const environment = { clock, random: group.random, transport: group.network };
    const member = await group.join(topic, { environment });
    await group.send(topic, 10);
    await group.until(() => member.messages.length === 10);
    group.cluster.control(Commands.pullMessage, {
      answer: 1,
      times: 1,
      when: ({ command }) => {
        const { topic: name, queueId } = command.extFields ?? {};
        const isMeant = name === topic && queueId === '1';
        if (isMeant) clock.forgetsNext = true;
        return isMeant;
      },
    });
    await group.until(() => clock.forgotten === 1, 30_000);
    await group.send(topic, 10);
    await group.clock.advance(90_000);
    expect(member.messages).to.have.length(15);
    const took = await group.until(() => member.messages.length === 20, 60_000);
    expect(took).to.be.below(45_000);
    const warning = member.warnings.find(({ kind }) => kind === 'queueRecreated');
    expect(warning?.message).to.match(
      /Nothing was pulled from .* for 1[23]\d{4} ms .* it was last held as pullFailing/,
    );
    const trigger = member.rebalances.at(-1);
    expect([trigger?.cause.kind, trigger?.gained.map(({ queueId }) => queueId)]).to.deep.equal([
      'queueRecreated',
      [1],
    ]);
    await group.clock.advance(30_000);
    expect(member.messages).to.have.length(20);
    expect(member.warnings.filter(({ kind }) => kind === 'queueRecreated')).to.have.length(1);
  });

  it('does not touch queues that are full or have nothing to give', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const options = { pullThresholdForQueue: 8, pullBatchSize: 4, listenerStalledAfter: 0 };
    const member = await group.join(topic, options, { eachMessage: async () => new Promise(() => {}) });
    const producer = await group.producer();
    const queue = { topic, brokerName: 'broker-a', queueId: 0 };
    const sends = Array.from({ length: 50 }, (_, body) =>
      producer.send({ topic, body: String(body) }, { queue }),
    );
    await group.run(Promise.all(sends));
    await group.clock.advance(500_000);
    expect(member.warnings).to.deep.equal([]);
    expect(member.consumer.queues().map(({ hold }) => hold)).to.include('tooManyMessages');
  });
});

describe('A queue whose pop loop has died, in virtual time', () => {
  const pop = { messageRequestMode: 'pop' } as const;

  it('begins anew after pullMaxIdleTime, with an event that says why, and popping goes on', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const clock = new ForgetfulClock(group.clock);
    const environment = { clock, random: group.random, transport: group.network };
    const member = await group.join(topic, { ...pop, environment });
    await group.send(topic, 10);
    await group.until(() => member.messages.length === 10);
    group.cluster.control(Commands.popMessage, {
      answer: 1,
      times: 1,
      when: ({ command }) => {
        const isMeant = command.extFields?.['topic'] === topic;
        if (isMeant) clock.forgetsNext = true;
        return isMeant;
      },
    });
    await group.until(() => clock.forgotten === 1, 30_000);
    await group.send(topic, 10);
    await group.clock.advance(90_000);
    expect(member.messages).to.have.length(10);
    const took = await group.until(() => member.messages.length === 20, 60_000);
    expect(took).to.be.below(45_000);
    const warning = member.warnings.find(({ kind }) => kind === 'queueRecreated');
    expect(warning).to.deep.include({ queue: { topic, brokerName: 'broker-a', queueId: -1 } });
    expect(warning?.message).to.match(/Nothing was popped from .* for 1[23]\d{4} ms .*, its last pop failed/);
    const trigger = member.rebalances.at(-1);
    expect([trigger?.cause.kind, trigger?.gained.map(({ queueId }) => queueId)]).to.deep.equal([
      'queueRecreated',
      [-1],
    ]);
    await group.clock.advance(300_000);
    expect(member.messages).to.have.length(20);
    expect(member.warnings.filter(({ kind }) => kind === 'queueRecreated')).to.have.length(1);
    expect(member.consumer.popQueues().map(({ state }) => state)).to.deep.equal(['active']);
  });

  it('does not touch queues that are full, have nothing to give, rest, or whose broker is away', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const options = { ...pop, popThresholdForQueue: 4, popBatchNums: 4, popInvisibleTime: 300_000 };
    const full = await group.join(topic, options, { eachMessage: async () => new Promise(() => {}) });
    const idle = await group.join(topic, { ...pop, consumerGroup: 'Idle' });
    const resting = await group.join(topic, { ...pop, consumerGroup: 'Resting' });
    resting.consumer.suspend();
    await group.send(topic, 10);
    await group.clock.advance(280_000);
    resting.consumer.resume();
    await group.until(() => resting.messages.length === 10);
    await group.cluster.stopBroker('broker-a');
    await group.clock.advance(200_000);
    await group.run(group.cluster.startBroker('broker-a'));
    await group.clock.advance(30_000);
    const kinds = [full, idle, resting].flatMap(({ warnings }) => warnings.map(({ kind }) => kind));
    expect(kinds).not.to.include('queueRecreated');
    expect(idle.messages).to.have.length(10);
  });
});
