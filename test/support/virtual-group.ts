import { EmbeddedCluster, type EmbeddedClusterOptions } from '../../lib/embedded/index.ts';
import type { ConsumerWarning, RebalanceEvent } from '../../lib/consumer/events.ts';
import { LitePullConsumer } from '../../lib/consumer/lite-pull-consumer.ts';
import type { LitePullConsumerOptions } from '../../lib/options/lite-pull-consumer.ts';
import { PushConsumer, type PushConsumerOptions } from '../../lib/consumer/push-consumer.ts';
import type { SubscribeOptions } from '../../lib/consumer/subscription.ts';
import { Producer, type ProducerOptions } from '../../lib/producer/producer.ts';
import { MemoryNetwork } from '../../lib/remoting/memory-transport.ts';
import { seededRandom } from '../../lib/runtime/random.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryFiles } from './memory-files.ts';

/** One consumer under test and all that it told. */
export interface TestMember {
  readonly consumer: PushConsumer;
  readonly messages: ReceivedMessage[];
  readonly rebalances: RebalanceEvent[];
  readonly warnings: ConsumerWarning[];
  /** Queue ids of a topic that it owns. */
  owned(topic: string): number[];
}

/** An embedded cluster, and members and producers on it, all in memory and under a clock that moves only when told. */
export class VirtualGroup implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly random = seededRandom(7);
  readonly network = new MemoryNetwork({ clock: this.clock });
  /** Where broadcasting members keep their positions. */
  readonly files = new MemoryFiles();
  readonly members: TestMember[] = [];
  readonly #producers: Producer[] = [];
  readonly #lites: LitePullConsumer[] = [];
  #cluster: EmbeddedCluster | undefined;

  static async start(options: EmbeddedClusterOptions = {}): Promise<VirtualGroup> {
    const group = new VirtualGroup();
    const { clock, random, network: transport } = group;
    group.#cluster = await group.run(EmbeddedCluster.start({ clock, random, transport, ...options }));
    return group;
  }

  get cluster(): EmbeddedCluster {
    if (this.#cluster === undefined) throw new Error('The cluster has not started');
    return this.#cluster;
  }

  /** Moves the clock until the work is done, in steps of 10 ms; fails after `limit` ms of virtual time. */
  async run<T>(work: Promise<T>, limit = 60_000): Promise<T> {
    const state = { over: false };
    const finished = work.finally(() => (state.over = true));
    finished.catch(() => {});
    const end = this.clock.uptime() + limit;
    while (!state.over && this.clock.uptime() < end) await this.clock.advance(10);
    if (!state.over) throw new Error(`Nothing came of it within ${limit} ms of virtual time`);
    return finished;
  }

  /** Moves the clock until the condition holds; returns the virtual ms that took. */
  async until(condition: () => boolean, limit = 60_000): Promise<number> {
    const began = this.clock.uptime();
    await this.clock.advance(0);
    while (!condition()) {
      if (this.clock.uptime() - began > limit)
        throw new Error(`The condition did not hold within ${limit} ms of virtual time`);
      await this.clock.advance(5);
    }
    return this.clock.uptime() - began;
  }

  /** A consumer that is not started yet. */
  member(
    topic: string,
    options: Partial<PushConsumerOptions> = {},
    subscribe?: SubscribeOptions,
  ): TestMember {
    const consumer = new PushConsumer({
      nameServers: this.cluster.nameServers,
      consumerGroup: 'Group',
      consumeFromWhere: 'first',
      environment: {
        clock: this.clock,
        random: this.random,
        transport: this.network,
        files: this.files,
      },
      ...options,
    });
    const messages: ReceivedMessage[] = [];
    const rebalances: RebalanceEvent[] = [];
    const warnings: ConsumerWarning[] = [];
    consumer.subscribe(topic, subscribe ?? { eachMessage: (message) => void messages.push(message) });
    consumer.on('rebalance', (event) => rebalances.push(event));
    consumer.on('warning', (warning) => warnings.push(warning));
    const owned = (name: string): number[] =>
      consumer
        .queues()
        .filter(({ queue }) => queue.topic === name)
        .map(({ queue }) => queue.queueId)
        .sort((a, b) => a - b);
    const member = { consumer, messages, rebalances, warnings, owned };
    this.members.push(member);
    return member;
  }

  /** A consumer that has started. */
  async join(
    topic: string,
    options?: Partial<PushConsumerOptions>,
    subscribe?: SubscribeOptions,
  ): Promise<TestMember> {
    const member = this.member(topic, options, subscribe);
    await this.run(member.consumer.start());
    return member;
  }

  /** A lite pull consumer that is not started yet. */
  lite(options: Partial<LitePullConsumerOptions> = {}): LitePullConsumer {
    const consumer = new LitePullConsumer({
      nameServers: this.cluster.nameServers,
      consumerGroup: 'Group',
      consumeFromWhere: 'first',
      environment: { clock: this.clock, random: this.random, transport: this.network, files: this.files },
      ...options,
    });
    this.#lites.push(consumer);
    return consumer;
  }

  /** A started producer. */
  async producer(options: Partial<ProducerOptions> = {}): Promise<Producer> {
    const producer = new Producer({
      nameServers: this.cluster.nameServers,
      producerGroup: 'Producers',
      environment: { clock: this.clock, random: this.random, transport: this.network },
      ...options,
    });
    this.#producers.push(producer);
    await this.run(producer.start());
    return producer;
  }

  /** Sends texts `0` … `count - 1`, prefixed, round robin over the queues. */
  async send(topic: string, count: number, prefix = ''): Promise<string[]> {
    const producer = this.#producers[0] ?? (await this.producer());
    const bodies = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
    await this.run(Promise.all(bodies.map(async (body) => producer.send({ topic, body }))));
    return bodies;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const consumers = [...this.members.map(({ consumer }) => consumer), ...this.#lites];
    await this.run(Promise.all(consumers.map(async (consumer) => consumer.shutdown({ timeout: 0 }))));
    await this.run(Promise.all(this.#producers.map(async (producer) => producer.shutdown())));
    await this.run(this.cluster.shutdown());
    if (this.clock.pendingTimers > 0) throw new Error(`${this.clock.pendingTimers} timers are left`);
  }
}
