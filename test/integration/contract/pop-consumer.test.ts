import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';
import { it } from 'mocha';

import { PopUnsupportedError } from '../../../lib/consumer/pop/pop-unsupported-error.ts';
import { setMessageRequestMode } from '../../../lib/consumer/pop/set-message-request-mode.ts';
import type { PushConsumer, PushConsumerOptions } from '../../../lib/consumer/push-consumer.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { Clients } from '../../support/clients.ts';
import { deadLetters } from '../../support/dead-letters.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { isLongRun } from '../../support/long.ts';
import { RemoteMember } from '../../support/group/remote-member.ts';
import { RawCluster } from './raw-cluster.ts';

/** What a listener was given, and when. */
interface Delivery {
  readonly text: string;
  readonly times: number;
  readonly topic: string;
  readonly id: string;
  readonly at: number;
}

/** A topic, a group, and clients of one test. */
class Scene implements AsyncDisposable {
  readonly clients: Clients;
  readonly raw: RawCluster;
  readonly nameServers: string;
  readonly deliveries: Delivery[] = [];

  constructor(raw: RawCluster, nameServers: string) {
    this.raw = raw;
    this.nameServers = nameServers;
    this.clients = new Clients(nameServers);
  }

  /** A member that pops; `listener` is told what it gets. */
  async join(
    options: Partial<PushConsumerOptions> = {},
    listener: (message: ReceivedMessage) => unknown = () => undefined,
  ): Promise<PushConsumer> {
    const consumer = this.clients.consumer(
      this.raw.topic,
      {
        eachMessage: async (message) => {
          const { reconsumeTimes: times, topic, messageId: id } = message;
          this.deliveries.push({ text: message.text(), times, topic, id, at: performance.now() });
          return (await listener(message)) as 'success';
        },
      },
      { consumerGroup: this.raw.group, messageRequestMode: 'pop', ...options },
    );
    await consumer.start();
    return consumer;
  }

  async send(count: number): Promise<string[]> {
    const bodies = Array.from({ length: count }, (_, index) => String(index));
    await this.clients.send(this.raw.topic, bodies);
    return bodies;
  }

  texts(): string[] {
    return this.deliveries.map(({ text }) => text).sort();
  }

  async until(count: number, within = 20_000): Promise<void> {
    await eventually(() => (this.deliveries.length >= count ? true : undefined), {
      what: `${count} deliveries`,
      within,
      otherwise: () => JSON.stringify(this.texts()),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clients[Symbol.asyncDispose]();
    await this.raw[Symbol.asyncDispose]();
  }
}

const sleep = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const never = async (): Promise<void> => new Promise(() => {});

await describeEverywhere('Pop consumer', (target) => {
  const isEmbedded = target.label.startsWith('embedded');
  /** A message whose time is up comes so much later, in ms. */
  const lateness = isEmbedded ? 300 : 5_000;

  /** `title` on brokers of 5. */
  const onFive = (title: string, run: (scene: Scene) => Promise<void>, queues = 1): void => {
    it(title, async function () {
      const { nameServers } = await target.cluster();
      const raw = await RawCluster.open(target, queues);
      await using scene = new Scene(raw, nameServers);
      if (!raw.isFive) this.skip();
      await run(scene);
    });
  };

  /** What waits for 5 s of invisible time; on the embedded cluster the component tests show it in virtual time. */
  const patiently: typeof onFive = (...test) => {
    if (!isEmbedded || isLongRun) onFive(...test);
  };

  it('fails to start on a broker of 4.9 when it must pop, and pulls when the choice is the brokers', async function () {
    const { nameServers } = await target.cluster();
    const raw = await RawCluster.open(target);
    await using scene = new Scene(raw, nameServers);
    if (raw.isFive) this.skip();
    const failure = await scene.join().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(PopUnsupportedError);
    const { topic, group: consumerGroup } = raw;
    const refusal = await setMessageRequestMode({ topic, consumerGroup, mode: 'pop' }, { nameServers }).catch(
      (error: unknown) => error,
    );
    expect(refusal).to.be.instanceOf(PopUnsupportedError);
    const consumer = await scene.join({ clientRebalance: false, messageRequestMode: undefined });
    expect(consumer.popQueues()).to.deep.equal([]);
    const sent = await scene.send(5);
    await scene.until(5);
    expect(scene.texts()).to.deep.equal(sent);
  });

  patiently(
    'shares messages among members, each consumed once, and none again when its time is over',
    async (scene) => {
      const members = await Promise.all([
        scene.join({ popInvisibleTime: 5_000 }, async () => sleep(5)),
        scene.join({ popInvisibleTime: 5_000 }, async () => sleep(5)),
      ]);
      const sent = await scene.send(60);
      await scene.until(60);
      await sleep(5_000 + lateness);
      expect(scene.texts()).to.deep.equal(sent.toSorted());
      expect(members.flatMap((each) => each.popQueues().map(({ held }) => held))).to.deep.equal([0, 0]);
    },
    4,
  );

  onFive(
    'brings failed messages again after a while, under their topic and id, and counts',
    async (scene) => {
      await scene.join({ popDelayLevels: [500, 3_000] }, ({ reconsumeTimes }) =>
        reconsumeTimes < 2 ? 'later' : 'success',
      );
      await scene.send(1);
      await scene.until(3, 30_000);
      const { deliveries, raw } = scene;
      expect(deliveries.map(({ times }) => times)).to.deep.equal([0, 1, 2]);
      expect(new Set(deliveries.map(({ topic }) => topic))).to.deep.equal(new Set([raw.topic]));
      expect(new Set(deliveries.map(({ id }) => id)).size).to.equal(1);
      const [first = 0, second = 0, third = 0] = deliveries.map(({ at }) => at);
      expect(second - first).to.be.above(450);
      expect(third - second).to.be.above(2_900);
      await sleep(lateness);
      expect(deliveries).to.have.length(3);
    },
  );

  onFive('puts messages into the dead-letter queue after the last try, or when told to', async (scene) => {
    const options = { maxReconsumeTimes: 1, popDelayLevels: [500] };
    await scene.join(options, (message) => (message.text() === '0' ? 'deadLetter' : 'later'));
    await scene.send(2);
    await scene.until(3);
    const dead = new Set<string>();
    await eventually(
      async () => {
        for (const text of await deadLetters(scene.nameServers, scene.raw.group)) dead.add(text);
        return dead.size === 2 ? true : undefined;
      },
      { what: 'two dead letters', within: 40_000 },
    );
    await sleep(lateness);
    expect(scene.texts()).to.deep.equal(['0', '1', '1']);
  });

  patiently("brings a killed member's messages to the others when their time is over", async (scene) => {
    await using doomed = await RemoteMember.spawn();
    const log = join(await mkdtemp(join(tmpdir(), 'pop-')), 'doomed.log');
    const { nameServers, raw } = scene;
    await doomed.join({
      nameServers,
      group: raw.group,
      topic: raw.topic,
      log,
      work: 600_000,
      popFor: 5_000,
    });
    const sent = await scene.send(10);
    await sleep(1_000);
    await doomed.kill();
    await scene.join({ popInvisibleTime: 5_000 });
    await scene.until(10);
    expect(scene.texts()).to.deep.equal(sent);
  });

  onFive('gives back at shutdown what it has not begun with, long before its time is over', async (scene) => {
    const leaver = await scene.join({ consumeConcurrency: 1 }, never);
    const sent = await scene.send(10);
    await eventually(() => (leaver.popQueues()[0]?.held === 10 ? true : undefined), {
      what: 'all messages with one member',
    });
    scene.deliveries.length = 0;
    await leaver.shutdown({ timeout: 100 });
    await scene.join();
    await scene.until(10);
    expect(scene.texts()).to.deep.equal(sent);
  });

  onFive(
    'reads what brokers assign: one topic by pull, another by pop, and changes when told to',
    async (scene) => {
      const { nameServers, raw } = scene;
      const { topic, group: consumerGroup } = raw;
      const other = uniqueName('Pulled');
      await (await target.cluster()).createTopic(other, { queues: 1 });
      const consumer = scene.clients.consumer(
        topic,
        { eachMessage: (message) => void seen.push(message.text()) },
        { consumerGroup, clientRebalance: false, rebalanceInterval: 1_000 },
      );
      const seen: string[] = [];
      consumer.subscribe(other, { eachMessage: (message) => void seen.push(message.text()) });
      await consumer.start();
      const reads = async (popped: number): Promise<void> => {
        await eventually(
          () =>
            consumer.popQueues().filter(({ state }) => state === 'active').length === popped
              ? true
              : undefined,
          {
            what: `${popped} pop queues`,
            within: 20_000,
          },
        );
      };
      await setMessageRequestMode({ topic, consumerGroup, mode: 'pop' }, { nameServers });
      await reads(1);
      await scene.clients.send(topic, ['a', 'b']);
      await scene.clients.send(other, ['c', 'd']);
      await eventually(() => (seen.length === 4 ? true : undefined), { what: 'four messages' });
      const pulled = (): string[] => consumer.queues().map(({ queue }) => queue.topic);
      expect(pulled()).to.include(other).and.not.include(topic);
      await setMessageRequestMode({ topic, consumerGroup, mode: 'pull' }, { nameServers });
      await reads(0);
      await eventually(() => (pulled().includes(topic) ? true : undefined), { what: 'the topic pulled' });
      await scene.clients.send(topic, ['e']);
      await eventually(() => (seen.includes('e') ? true : undefined), { what: 'a pulled message' });
      expect(seen.toSorted()).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
    },
  );

  onFive('sets the mode itself at the start, for all members that follow the brokers', async (scene) => {
    await scene.join({ clientRebalance: false, rebalanceInterval: 1_000 });
    const follower = await scene.join({
      clientRebalance: false,
      messageRequestMode: undefined,
      rebalanceInterval: 1_000,
    });
    await eventually(() => (follower.popQueues().length === 1 ? true : undefined), { what: 'popping' });
    expect(follower.popQueues()[0]?.queue).to.include({ topic: scene.raw.topic, queueId: -1 });
    const sent = await scene.send(10);
    await scene.until(10);
    expect(scene.texts()).to.deep.equal(sent);
  });

  const orderly = { consumeMode: 'orderly' } as const;

  onFive(
    'orderly: consumes each queue in order, one message at a time, whoever pops',
    async (scene) => {
      const busy = new Set<number>();
      const next = new Map<number, number>();
      const faults: string[] = [];
      const listener = async ({ queueId, queueOffset }: ReceivedMessage): Promise<void> => {
        if (busy.has(queueId)) faults.push(`overlap in queue ${queueId}`);
        if (queueOffset !== (next.get(queueId) ?? 0))
          faults.push(`${queueOffset} of queue ${queueId} out of order`);
        next.set(queueId, queueOffset + 1);
        busy.add(queueId);
        await sleep(3);
        busy.delete(queueId);
      };
      // What a broker gives to a member at the moment it leaves stays hidden for this long.
      const options = { ...orderly, popInvisibleTime: 5_000 };
      await scene.join(options, listener);
      const leaver = await scene.join(options, listener);
      const sent = await scene.send(200);
      await leaver.shutdown();
      await scene.until(200);
      expect([scene.texts(), faults]).to.deep.equal([sent.toSorted(), []]);
    },
    4,
  );

  onFive('orderly: tries a failed message again before those behind it, then buries it', async (scene) => {
    const options = { ...orderly, maxReconsumeTimes: 2, suspendCurrentQueueTimeMillis: 100 };
    await scene.join(options, (message) => (message.text() === '1' ? 'later' : 'success'));
    await scene.send(4);
    await scene.until(6);
    const tries = scene.deliveries.map(({ text, times }) => `${text}/${times}`);
    expect(tries).to.deep.equal(['0/0', '1/0', '1/1', '1/2', '2/0', '3/0']);
    expect(await deadLetters(scene.nameServers, scene.raw.group)).to.deep.equal(['1']);
  });

  patiently('orderly: goes on in order with the queue of a member that holds it too long', async (scene) => {
    const options = { ...orderly, popInvisibleTime: 5_000 };
    const sent = await scene.send(5);
    // It pops no more, once it holds these.
    await scene.join({ ...options, popThresholdForQueue: 1 }, never);
    await scene.until(1);
    scene.deliveries.length = 0;
    await scene.join(options);
    await scene.until(5);
    expect(scene.deliveries.map(({ text }) => text)).to.deep.equal(sent);
  });
});
