import { setTimeout as delay } from 'node:timers/promises';

import { expect } from 'chai';
import { it } from 'mocha';

import type { ConsumeContext, ListenerResult } from '../../../lib/consumer/listener.ts';
import type { PushConsumer, PushConsumerOptions } from '../../../lib/consumer/push-consumer.ts';
import { queueKey } from '../../../protocol/model/message-queue.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { Clients } from '../../support/clients.ts';
import { deadLetters } from '../../support/dead-letters.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';

type Judge = (message: ReceivedMessage, context: ConsumeContext) => ListenerResult;

/** One topic, its group, and what listeners of all members saw. */
class OrderlyGroup {
  readonly topic = uniqueName('Orderly');
  readonly consumerGroup = uniqueName('OrderlyGroup');
  readonly seen: { readonly queue: string; readonly offset: number; readonly text: string }[] = [];
  /** Queues with two listeners at work at a time. */
  readonly overlaps: string[] = [];
  readonly #running = new Set<string>();
  readonly #clients: Clients;

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  member(judge: Judge = () => undefined, options: Partial<PushConsumerOptions> = {}): PushConsumer {
    const eachMessage = async (message: ReceivedMessage, context: ConsumeContext) => {
      const queue = queueKey(context.queue);
      if (this.#running.has(queue)) this.overlaps.push(queue);
      this.#running.add(queue);
      await delay(5);
      this.#running.delete(queue);
      this.seen.push({ queue, offset: message.queueOffset, text: message.text() });
      return judge(message, context);
    };
    const all: Partial<PushConsumerOptions> = {
      consumerGroup: this.consumerGroup,
      consumeMode: 'orderly',
      ...options,
    };
    return this.#clients.consumer(this.topic, { eachMessage }, all);
  }

  get texts(): readonly string[] {
    return this.seen.map(({ text }) => text);
  }

  async count(messages: number, within = 20_000): Promise<void> {
    await eventually(() => (this.seen.length >= messages ? true : undefined), {
      what: `${messages} messages`,
      within,
      otherwise: () => `${this.seen.length} came`,
    });
  }
}

await describeEverywhere('Orderly consumption', (target) => {
  const withGroup = async (
    queues: number,
    run: (group: OrderlyGroup, clients: Clients, nameServers: string) => Promise<void>,
  ) => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const group = new OrderlyGroup(clients);
    await cluster.createTopic(group.topic, { queues });
    await run(group, clients, cluster.nameServers);
  };
  const numbers = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, index) => String(from + index));

  it('keeps the order of each queue, one listener at a time, while members join and leave; nothing is repeated', async () => {
    await withGroup(4, async (group, clients) => {
      const first = group.member();
      await first.start();
      const sending = clients.send(group.topic, numbers(0, 400));
      await group.count(40);
      const second = group.member();
      await second.start();
      await group.count(200);
      await first.shutdown();
      await sending;
      await group.count(400);
      expect(group.overlaps).to.deep.equal([]);
      expect(group.texts.toSorted()).to.deep.equal(numbers(0, 400).toSorted());
      for (const queue of new Set(group.seen.map((each) => each.queue))) {
        const offsets = group.seen.filter((each) => each.queue === queue).map(({ offset }) => offset);
        expect(offsets).to.deep.equal(offsets.toSorted((a, b) => a - b));
      }
    });
  });

  it('delivers the first message within 2 s of the start', async () => {
    await withGroup(4, async (group, clients) => {
      await clients.send(group.topic, numbers(0, 4));
      const began = performance.now();
      await group.member().start();
      await group.count(1, 2_000 + 5_000);
      expect(performance.now() - began).to.be.below(2_000);
    });
  });

  it('lets a queue rest after a failed message, and takes it to the dead-letter queue in the end', async () => {
    await withGroup(1, async (group, clients, nameServers) => {
      const options = { maxReconsumeTimes: 2, suspendCurrentQueueTimeMillis: 50 };
      const tries: number[] = [];
      const judge: Judge = (message) => {
        if (message.text() === '1') return 'deadLetter';
        if (message.text() !== '0') return undefined;
        tries.push(message.reconsumeTimes);
        return 'later';
      };
      await group.member(judge, options).start();
      await clients.send(group.topic, numbers(0, 3));
      await group.count(5);
      expect(group.texts).to.deep.equal(['0', '0', '0', '1', '2']);
      expect(tries).to.deep.equal([0, 1, 2]);
      const dead = await eventually(
        async () => {
          const letters = await deadLetters(nameServers, group.consumerGroup);
          return letters.length === 2 ? letters : undefined;
        },
        { what: 'both dead letters', within: 20_000 },
      );
      expect(dead.toSorted()).to.deep.equal(['0', '1']);
    });
  });

  it('delivers again what was rolled back, and to the next member what was not committed', async () => {
    await withGroup(1, async (group, clients) => {
      const results: ListenerResult[] = ['success', 'rollback', 'success', 'commit'];
      const options = { autoCommit: false, suspendCurrentQueueTimeMillis: 50 };
      const first = group.member(() => results.shift(), options);
      await first.start();
      await clients.send(group.topic, numbers(0, 4));
      await group.count(6);
      expect(group.texts).to.deep.equal(['0', '1', '0', '1', '2', '3']);
      await first.shutdown();
      await group.member().start();
      await group.count(8);
      expect(group.texts.slice(6)).to.deep.equal(['2', '3']);
    });
  });
});
