import type { ConsumerWarning, RebalanceEvent } from '../../../lib/consumer/events.ts';
import { PushConsumer, type PushConsumerOptions } from '../../../lib/consumer/push-consumer.ts';
import type { RouteChange } from '../../../lib/routing/route-table.ts';
import { uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { SteadyProducer } from '../../support/group/steady-producer.ts';
import type { TestCluster } from '../../support/real/test-cluster.ts';

export interface Consumption {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of a message of the steady producer; else its body. */
  readonly key: string;
  /** `broker:id`. */
  readonly queue: string;
}

const PER_SECOND = 50;

/** Two consumers of one group, a steady producer, and all that they told. */
export class RecoveringGroup implements AsyncDisposable {
  readonly topic: string;
  readonly group = uniqueName('Recovering');
  readonly producer: SteadyProducer;
  readonly consumptions: Consumption[] = [];
  readonly warnings: ConsumerWarning[] = [];
  readonly routeChanges: RouteChange[] = [];
  readonly rebalances: RebalanceEvent[] = [];
  readonly #nameServers: string;
  readonly #options: Partial<PushConsumerOptions>;
  readonly #consumers: PushConsumer[] = [];

  private constructor(nameServers: string, topic: string, options: Partial<PushConsumerOptions>) {
    this.topic = topic;
    this.#nameServers = nameServers;
    this.#options = options;
    this.producer = new SteadyProducer(nameServers, topic, PER_SECOND);
  }

  /** Resolves when both members have their share. The topic must exist, with `queues` queues in all, or 0 where nobody owns any. */
  static async start(
    { nameServers }: Pick<TestCluster, 'nameServers'>,
    topic: string,
    queues: number,
    options: Partial<PushConsumerOptions> = {},
  ): Promise<RecoveringGroup> {
    const group = new RecoveringGroup(nameServers, topic, options);
    await group.join();
    await group.join();
    const isReady = (): boolean => group.owned.length === queues && (queues === 0 || group.isShared);
    await eventually(() => (isReady() ? true : undefined), {
      what: 'a share for both members',
    });
    return group;
  }

  /** One more member; of an instance of its own, so that what the producer learns of routes does not help it. */
  async join(timeout?: number): Promise<PushConsumer> {
    const consumer = new PushConsumer({
      nameServers: this.#nameServers,
      consumerGroup: this.group,
      consumeFromWhere: 'first',
      instanceName: uniqueName('Member'),
      ...this.#options,
    });
    consumer.subscribe(this.topic, {
      eachMessage: (message, { queue }) => {
        const key = message.keys[0] ?? message.text();
        this.consumptions.push({ at: Date.now(), key, queue: `${queue.brokerName}:${queue.queueId}` });
      },
    });
    consumer.on('warning', (warning) => this.warnings.push(warning));
    consumer.on('routeChange', (change) => this.routeChanges.push(change));
    consumer.on('rebalance', (event) => this.rebalances.push(event));
    await consumer.start({ timeout });
    this.#consumers.push(consumer);
    return consumer;
  }

  /** How the routes have changed since they were first known, as `kind broker`. */
  get routeDifferences(): string[] {
    return this.routeChanges
      .filter(({ before }) => before !== undefined)
      .flatMap(({ differences }) => differences.map(({ kind, brokerName }) => `${kind} ${brokerName}`));
  }

  /** Queues of the topic that the members say they own, as `broker:id`. */
  get owned(): string[] {
    return this.#shares.flat().sort();
  }

  get isShared(): boolean {
    return this.#shares.every(({ length }) => length > 0);
  }

  /** Resolves when so many messages were consumed that were acknowledged from now on. */
  async consumesOn(count: number, within = 20_000): Promise<void> {
    const from = Date.now();
    await eventually(() => (this.consumedSince(from).length >= count ? true : undefined), {
      what: `consumption of ${count} more messages`,
      within,
    });
  }

  /**
   * Resolves when from each of these queues a message was consumed that was acknowledged after `from` (ms since the epoch); to when
   * that was for the first of the queues, and when for the last, in ms after `from`.
   */
  async consumesFrom(queues: readonly string[], from: number): Promise<{ first: number; last: number }> {
    const firstOf = (): Map<string, number> => {
      const times = new Map<string, number>();
      for (const { queue, at } of this.consumedSince(from))
        if (!times.has(queue)) times.set(queue, at - from);
      return times;
    };
    const missing = (): string[] => queues.filter((queue) => !firstOf().has(queue));
    await eventually(() => (missing().length === 0 ? true : undefined), {
      what: 'consumption from every queue',
      within: 40_000,
      otherwise: () => `nothing from ${missing().join(', ')}`,
    });
    const times = queues.map((queue) => firstOf().get(queue) ?? Infinity);
    return { first: Math.min(...times), last: Math.max(...times) };
  }

  consumedSince(from: number): Consumption[] {
    return this.consumptions.filter(({ key }) => (this.producer.acknowledged.get(key) ?? 0) > from);
  }

  /** Stops sending, and answers which acknowledged messages were never consumed, having waited for them. */
  async lost(within = 15_000): Promise<string[]> {
    await this.producer.stop();
    const missing = (): string[] => {
      const seen = new Set(this.consumptions.map(({ key }) => key));
      return [...this.producer.acknowledged.keys()].filter((key) => !seen.has(key));
    };
    await eventually(() => (missing().length === 0 ? true : undefined), { what: 'the rest', within }).catch(
      () => {},
    );
    return missing();
  }

  /** One line: how many were acknowledged, refused, consumed again. */
  get account(): string {
    const { acknowledged, failures } = this.producer;
    const repeated = this.consumptions.length - new Set(this.consumptions.map(({ key }) => key)).size;
    return `${acknowledged.size} acknowledged, ${failures.length} sends failed, ${repeated} consumed again`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.producer[Symbol.asyncDispose]();
    await Promise.all(this.#consumers.map(async (consumer) => consumer.shutdown({ timeout: 1_000 })));
  }

  get #shares(): string[][] {
    return this.#consumers.map((consumer) =>
      consumer
        .queues()
        .filter(({ queue, state }) => queue.topic === this.topic && state === 'active')
        .map(({ queue }) => `${queue.brokerName}:${queue.queueId}`),
    );
  }
}
