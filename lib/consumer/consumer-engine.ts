import { MessageProperty } from '../../protocol/message/properties.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import { isRetryTopic } from '../../protocol/message/topic.ts';
import type { ConsumeDirectlyResult } from '../../protocol/model/consume-directly-result.ts';
import type { ConsumerRunningInfo } from '../../protocol/model/consumer-running-info.ts';
import type { ConsumerData } from '../../protocol/model/heartbeat-data.ts';
import { queueKey, type MessageQueue } from '../../protocol/model/message-queue.ts';
import { RouteNotFoundError } from '../errors.ts';
import type { ConsumerRole, RebalanceTrigger } from '../instance/roles.ts';
import type { RouteChange } from '../routing/route-table.ts';
import { abortable } from '../runtime/abortable.ts';
import { deferred } from '../runtime/deferred.ts';
import type { Deadline } from '../runtime/clock.ts';
import { PeriodicTask } from '../runtime/periodic-task.ts';
import { within } from '../runtime/within.ts';
import { consumeDirectly } from './consume/consume-directly.ts';
import { ConsumeService } from './consume/consume-service.ts';
import { SendBack } from './consume/send-back.ts';
import type { ConsumerContext } from './consumer-context.ts';
import { javaFromWhere } from './offset/first-offset.ts';
import { FrequentCommits } from './offset/frequent-commits.ts';
import { OffsetCommitter } from './offset/offset-committer.ts';
import { explainAssignment, type AssignmentExplanation } from './rebalance/explain.ts';
import { GroupWatch } from './rebalance/group-watch.ts';
import { Ownerships } from './rebalance/ownerships.ts';
import { Rebalancer } from './rebalance/rebalancer.ts';
import { runningInfo } from './running-info.ts';

/** Rest between two rebalances whatever sets them off, in ms: a burst of notices makes one more run. */
const MIN_REST = 100;

/** Rest while some topic could not be brought to what the strategy gives, in ms. Java: `RebalanceService`. */
const UNBALANCED_REST = 1_000;

/**
 * So long after a broker came (back) its list of members may lack some that live, in ms: they reconnect within 1 s, and their heartbeat
 * is the first thing they say.
 */
const SETTLING = 2_000;

/** A rebalance under way at shutdown is waited for this long, in ms; it can do nothing any more. */
const LAST_RUN = 500;

/** A started consumer: its parts, put together, and what its instance asks of it. Java: `DefaultMQPushConsumerImpl`. */
export class ConsumerEngine implements ConsumerRole {
  readonly consumerGroup: string;
  readonly #consumer: ConsumerContext;
  readonly #consume: ConsumeService;
  readonly #committer: OffsetCommitter;
  readonly #ownerships: Ownerships;
  readonly #rebalancer: Rebalancer;
  readonly #watch: GroupWatch;
  readonly #startedAt: number;
  readonly #firstRun = deferred();
  #rebalancing: PeriodicTask | undefined;
  #committing: PeriodicTask | undefined;
  #trigger: RebalanceTrigger | undefined;
  #balanced = true;
  /** By the clock's uptime. */
  #unsettledUntil = 0;
  /** Addresses this member was connected to. */
  readonly #met = new Set<string>();

  constructor(consumer: ConsumerContext) {
    this.consumerGroup = consumer.consumerGroup;
    this.#consumer = consumer;
    this.#startedAt = consumer.clock.now();
    this.#committer = new OffsetCommitter(consumer);
    this.#consume = new ConsumeService(consumer, new SendBack(consumer));
    const frequent = new FrequentCommits(consumer, this.#committer);
    this.#ownerships = new Ownerships(consumer, this.#committer, (owned) => {
      this.#consume.offer(owned);
      frequent.onMessages(owned);
    });
    this.#rebalancer = new Rebalancer(consumer, this.#ownerships);
    this.#watch = new GroupWatch(consumer, this.#committer);
  }

  /** Resolves after the first heartbeat and the first rebalance. @throws {NameServerError} when no name server answers. */
  async start(deadline: Deadline): Promise<void> {
    const { instance, clock, options, subscriptions } = this.#consumer;
    instance.routes.on('change', this.#onRouteChange);
    instance.remoting.on('connected', this.#onConnected);
    const { signal } = deadline;
    await Promise.all([...subscriptions.keys()].map(async (topic) => this.#follow(topic, deadline)));
    await abortable(instance.addConsumer(this), signal);
    this.#trigger = { kind: 'start', at: clock.now() };
    const onError = (error: unknown): void =>
      this.#consumer.logger.error({ error }, 'Background task failed');
    this.#rebalancing = new PeriodicTask({
      clock,
      interval: options.rebalanceInterval,
      minInterval: MIN_REST,
      run: async () => this.#rebalance(),
      onError,
    });
    const interval = options.persistConsumerOffsetInterval;
    const run = async (): Promise<void> => this.#commit();
    this.#committing = new PeriodicTask({ clock, interval, initialDelay: interval, run, onError });
    await abortable(this.#firstRun.promise, signal);
  }

  /** Pulling stops, running listeners have `deadline` ms, offsets are committed, and the group is left; brokers have `patience` ms to hear of that. */
  async stop(deadline: number, patience?: number): Promise<void> {
    const { instance, clock, emit, subscriptions } = this.#consumer;
    this.#rebalancer.stop();
    instance.routes.off('change', this.#onRouteChange);
    instance.remoting.off('connected', this.#onConnected);
    await Promise.all([
      this.#committing?.stop(),
      this.#rebalancing && within(clock, LAST_RUN, this.#rebalancing.stop()),
    ]);
    const owned = this.#ownerships.all();
    const busy = owned.filter(({ process }) => process.running > 0);
    const running = busy.reduce((sum, { process }) => sum + process.running, 0);
    if (running > 0) emit('draining', { queues: busy.map(({ queue }) => queue), running });
    await this.#ownerships.revoke(owned, deadline);
    await instance.removeConsumer(this.consumerGroup, patience);
    for (const topic of subscriptions.keys()) instance.routes.release(topic);
  }

  /** A topic was added while running. */
  async subscriptionAdded(topic: string, signal: AbortSignal): Promise<void> {
    await this.#follow(topic, { signal });
    await this.subscriptionsChanged();
  }

  /** Tells the brokers, and rebalances. */
  async subscriptionsChanged(): Promise<void> {
    await this.#consumer.instance.heartbeat();
    this.wake({ kind: 'subscriptionChanged', at: this.#consumer.clock.now() });
  }

  owned(): ReturnType<Ownerships['all']> {
    return this.#ownerships.all();
  }

  explain(): AssignmentExplanation[] {
    const { allocate } = this.#consumer.options;
    return [...this.#rebalancer.views].map(([topic, view]) =>
      explainAssignment(topic, view, this.#ownerships.ofTopic(topic), allocate),
    );
  }

  wake(trigger: RebalanceTrigger): void {
    // Of several causes the first is named, unless a notice of the broker says it better.
    if (this.#trigger === undefined || trigger.kind === 'membersChanged') this.#trigger = trigger;
    this.#rebalancing?.wake();
  }

  topics(): Iterable<string> {
    return this.#consumer.subscriptions.keys();
  }

  consumerData(): ConsumerData {
    const { options, subscriptions } = this.#consumer;
    return {
      groupName: this.consumerGroup,
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: javaFromWhere[options.consumeFromWhere],
      subscriptionDataSet: [...subscriptions.values()].map(({ data }) => data),
      unitMode: options.unitMode,
    };
  }

  runningInfo(): ConsumerRunningInfo {
    return runningInfo(this.#consumer, this.#ownerships.all(), this.#startedAt);
  }

  consumerStatus(topic: string): [MessageQueue, number][] {
    return this.#ownerships
      .all()
      .filter(({ queue }) => queue.topic === topic)
      .flatMap(({ queue, commitOffset }): [MessageQueue, number][] =>
        commitOffset === undefined ? [] : [[queue, commitOffset]],
      );
  }

  async consumeDirectly(message: ReceivedMessage, brokerName = ''): Promise<ConsumeDirectlyResult> {
    const from = brokerName || (message.properties.get(MessageProperty.CLUSTER) ?? '');
    return consumeDirectly(this.#consumer, message, from);
  }

  resetOffset(_topic: string, offsets: [MessageQueue, number][]): void {
    for (const [queue, offset] of offsets) {
      const owned = this.#ownerships.get(queueKey(queue));
      if (owned !== undefined) this.#ownerships.move(owned, offset, 'reset by an operator');
    }
  }

  readonly #onRouteChange = (change: RouteChange): void => {
    const { before, differences } = change;
    if (before !== undefined && differences.some(({ kind }) => kind === 'brokerUp')) this.#unsettle();
    if (this.#consumer.subscriptions.has(change.topic)) this.#consumer.emit('routeChange', change);
  };

  /** A notice of members may come before the answer to the heartbeat that makes us one again: this is before both. */
  readonly #onConnected = ({ address }: { readonly address: string }): void => {
    if (this.#met.has(address)) this.#unsettle();
    else this.#met.add(address);
  };

  #unsettle(): void {
    this.#unsettledUntil = this.#consumer.clock.uptime() + SETTLING;
  }

  async #follow(
    topic: string,
    { signal, remaining }: Pick<Deadline, 'signal'> & Partial<Deadline>,
  ): Promise<void> {
    const { routes } = this.#consumer.instance;
    routes.retain(topic);
    // Brokers make the retry topic when they first hear of the group. Fetched before, its route could lack some of them until the
    // next poll, and members with different routes own different queues; the first rebalance fetches it after the heartbeats.
    if (isRetryTopic(topic)) return;
    try {
      await routes.fetch(topic, { signal, timeout: remaining?.() });
    } catch (error) {
      // The first rebalance says so, and goes on asking.
      if (!(error instanceof RouteNotFoundError)) throw error;
    }
  }

  async #rebalance(): Promise<number> {
    const { clock, options } = this.#consumer;
    const kind = this.#balanced ? 'interval' : 'unbalanced';
    const cause = this.#trigger ?? { kind, at: clock.now() };
    this.#trigger = undefined;
    try {
      this.#balanced = await this.#rebalancer.run(cause, clock.uptime() < this.#unsettledUntil);
    } finally {
      this.#firstRun.resolve();
    }
    if (cause.kind === 'interval') void this.#watch.look(this.#ownerships.all(), this.#rebalancer.views);
    return this.#balanced ? options.rebalanceInterval : Math.min(UNBALANCED_REST, options.rebalanceInterval);
  }

  async #commit(): Promise<void> {
    this.#consumer.stats.sample();
    await this.#committer.commitAll(this.#ownerships.all());
  }
}
