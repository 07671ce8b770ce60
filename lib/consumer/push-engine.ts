import { MessageProperty } from '../../protocol/message/properties.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { ConsumeDirectlyResult } from '../../protocol/model/consume-directly-result.ts';
import type { ConsumerRunningInfo } from '../../protocol/model/consumer-running-info.ts';
import type { ConsumerData } from '../../protocol/model/heartbeat-data.ts';
import { queueKey, type MessageQueue } from '../../protocol/model/message-queue.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { ConsumerRole, RebalanceTrigger } from '../instance/roles.ts';
import type { Deadline } from '../runtime/clock.ts';
import { PeriodicTask } from '../runtime/periodic-task.ts';
import { consumeDirectly } from './consume/consume-directly.ts';
import { lookInterval } from './consume/consume-timeout.ts';
import { sendMessageBack, type SendMessageBackOptions } from './consume/send-message-back.ts';
import type { PushContext } from './consumer-context.ts';
import { consumerData } from './consumer-data.ts';
import type { WaitOptions } from './consumer-life.ts';
import { checkFilters, watchFilter } from './filter/check-filter.ts';
import { listenerStacks } from './listener-stacks.ts';
import { resetToTimestamp, type QueueReset } from './offset/reset-to-timestamp.ts';
import type { OwnedQueue } from './owned-queue.ts';
import type { PopQueueStatus } from './pop/pop-engine.ts';
import type { HealthReason } from './progress/health.ts';
import { healthReasons } from './progress/health-reasons.ts';
import type { QueueLag } from './progress/lag.ts';
import { pushParts, type PushParts } from './push-parts.ts';
import { explainAssignment, type AssignmentExplanation } from './rebalance/explain.ts';
import { runningInfo } from './running-info.ts';
import type { PushSubscription } from './subscription.ts';

/** A started consumer: its parts, put together, and what its instance asks of it. Java: `DefaultMQPushConsumerImpl`. */
export class PushEngine implements ConsumerRole {
  readonly consumerGroup: string;
  readonly #consumer: PushContext;
  readonly #parts: PushParts;
  readonly #startedAt: number;
  #committing: PeriodicTask | undefined;
  #watching: PeriodicTask | undefined;

  constructor(consumer: PushContext) {
    this.consumerGroup = consumer.consumerGroup;
    this.#consumer = consumer;
    this.#startedAt = consumer.clock.now();
    this.#parts = pushParts(consumer, this);
    consumer.pauses.onChange(() => this.#goOn());
  }

  /** Resolves after the first heartbeat and the first rebalance. @throws {NameServerError} when no name server answers, {OffsetFileError} when positions are kept in a file that cannot be used, {FilterError} when a broker refuses an SQL92 filter. */
  async start(deadline: Deadline): Promise<void> {
    const { clock, options, logger } = this.#consumer;
    await this.#parts.store.open?.();
    await checkFilters(this.#consumer, deadline);
    const interval = options.persistConsumerOffsetInterval;
    this.#committing = new PeriodicTask({
      clock,
      interval,
      initialDelay: interval,
      run: async () => this.#commit(),
      onError: (error) => logger.error({ error }, 'Committing failed'),
    });
    const look = lookInterval(options);
    this.#watching = new PeriodicTask({
      clock,
      interval: look,
      initialDelay: look,
      run: async () => this.#look(),
      onError: (error) => logger.error({ error }, 'Looking at listeners and queues failed'),
    });
    this.#parts.doubt?.start();
    await this.#parts.rebalance.start(this, deadline);
    this.#parts.pop?.started();
  }

  /** Pulling stops, running listeners have `deadline` ms, offsets are committed, and the group is left; brokers have `patience` ms to hear of that. */
  async stop(deadline: number, patience?: number): Promise<void> {
    const { instance, emit, subscriptions } = this.#consumer;
    await Promise.all([this.#committing?.stop(), this.#watching?.stop(), this.#parts.rebalance.stop()]);
    const owned = this.#parts.ownerships.all();
    const busy = owned
      .map(({ queue, process }) => ({ queue, running: process.running }))
      .filter(({ running }) => running > 0)
      .concat(this.#parts.pop?.busy() ?? []);
    const running = busy.reduce((sum, each) => sum + each.running, 0);
    if (running > 0) emit('draining', { queues: busy.map(({ queue }) => queue), running });
    await Promise.all([
      this.#parts.ownerships.revoke(owned, deadline),
      this.#parts.pop?.stop(deadline, patience),
    ]);
    this.#parts.ownerships.stop();
    this.#parts.doubt?.stop();
    await this.#parts.store.close?.();
    this.#consumer.rate.stop();
    await instance.removeConsumer(this.consumerGroup, patience);
    for (const topic of subscriptions.keys()) instance.routes.release(topic);
  }

  /** A topic was added while running; maybe one that was given up a moment ago, with queues that no round has taken yet. */
  async topicAdded(topic: string, signal: AbortSignal): Promise<void> {
    const kept = this.#ofTopic(topic);
    await Promise.all([
      this.#parts.rebalance.topicAdded(topic, signal),
      watchFilter(this.#consumer, topic, signal),
    ]);
    for (const owned of kept) owned.pullAgain();
    this.#goOn();
  }

  /** A topic is wanted with another filter or listener. */
  async topicChanged(topic: string, signal: AbortSignal): Promise<void> {
    await Promise.all([this.subscriptionsChanged(), watchFilter(this.#consumer, topic, signal)]);
    // A pull that a broker holds keeps to the filter it came with.
    for (const owned of this.#ofTopic(topic)) owned.pullAgain();
  }

  #ofTopic(topic: string): readonly OwnedQueue[] {
    return this.#parts.ownerships.all().filter(({ queue }) => queue.topic === topic);
  }

  /** See {@link sendMessageBack}. */
  async sendMessageBack(message: ReceivedMessage, options: SendMessageBackOptions): Promise<void> {
    await sendMessageBack(this.#consumer, message, options);
  }

  /** See {@link resetToTimestamp}. */
  async resetToTimestamp(timestamp: number, wait: WaitOptions): Promise<readonly QueueReset[]> {
    return resetToTimestamp(this.#consumer, this.#parts.ownerships, timestamp, wait);
  }

  /** Tells the brokers, and rebalances. */
  async subscriptionsChanged(): Promise<void> {
    await this.#parts.rebalance.subscriptionsChanged();
  }

  get instance(): ClientInstance {
    return this.#consumer.instance;
  }

  /** Listeners at work at the same time, from now on. */
  set concurrency(limit: number) {
    this.#parts.consume.concurrency = limit;
    if (this.#parts.pop !== undefined) this.#parts.pop.concurrency = limit;
  }

  /** What is not well. */
  healthReasons(): HealthReason[] {
    const reasons = healthReasons(this.#consumer, this.#parts.ownerships.all(), this.#parts.rebalancer.views);
    return [...reasons, ...(this.#parts.pop?.healthReasons() ?? [])];
  }

  owned(): readonly OwnedQueue[] {
    return this.#parts.ownerships.all();
  }

  popped(): readonly PopQueueStatus[] {
    return this.#parts.pop?.queues() ?? [];
  }

  /** How far behind this member is with what it pops. */
  poppedLags(): readonly QueueLag[] {
    return this.#parts.pop?.lags() ?? [];
  }

  explain(): AssignmentExplanation[] {
    return [...this.#parts.rebalancer.views].map(([topic, view]) =>
      explainAssignment(topic, view, this.#parts.ownerships.ofTopic(topic), this.#parts.sharing.allocate),
    );
  }

  wake(trigger: RebalanceTrigger): void {
    this.#parts.rebalance.wake(trigger);
  }

  topics(): Iterable<string> {
    return this.#subscriptions().keys();
  }

  consumerData(): ConsumerData {
    return consumerData(this.#consumer, this.#subscriptions().values());
  }

  runningInfo(withStacks = false): ConsumerRunningInfo {
    const owned = this.#parts.ownerships.all();
    const info = runningInfo(this.#consumer, owned, this.#startedAt, this.#parts.consume.concurrency);
    return {
      ...info,
      ...(this.#parts.pop !== undefined && { mqPopTable: this.#parts.pop.info() }),
      ...(withStacks && { jstack: listenerStacks(this.#consumer, owned) }),
    };
  }

  consumerStatus(topic: string): [MessageQueue, number][] {
    return this.#parts.ownerships
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
      const owned = this.#parts.ownerships.get(queueKey(queue));
      if (owned !== undefined) this.#parts.ownerships.move(owned, offset, 'reset by an operator');
    }
  }

  /** Pauses have changed: what rests no longer is pulled from and consumed again. */
  #goOn(): void {
    for (const owned of this.#parts.ownerships.all()) {
      if (this.#consumer.pauses.has(owned)) continue;
      owned.mayPullAgain();
      this.#parts.consume.offer(owned);
    }
    this.#parts.pop?.goOn();
  }

  #look(): void {
    const owned = this.#parts.ownerships.all();
    this.#parts.timeout.look(owned);
    this.#parts.watchdog.look(owned);
    this.#parts.pop?.look();
  }

  #subscriptions(): ReadonlyMap<string, PushSubscription> {
    const { subscriptions } = this.#consumer;
    return this.#parts.pop === undefined
      ? subscriptions
      : new Map([...subscriptions, ...this.#parts.pop.subscriptions]);
  }

  async #commit(): Promise<void> {
    this.#consumer.stats.sample();
    await this.#parts.committer.commitAll(this.#parts.ownerships.all());
  }
}
