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
import type { ConsumeService } from './consume/consume-service.ts';
import { lookInterval, type ConsumeTimeout } from './consume/consume-timeout.ts';
import { createConsuming } from './consume/create-consuming.ts';
import { sendMessageBack, type SendMessageBackOptions } from './consume/send-message-back.ts';
import type { PushContext } from './consumer-context.ts';
import { consumerData } from './consumer-data.ts';
import type { WaitOptions } from './consumer-life.ts';
import { pullGate } from './flow/pull-gate.ts';
import type { LockHandler } from './lock/lock-handler.ts';
import { needsLocks } from './lock/needs-locks.ts';
import { QueueLocks } from './lock/queue-locks.ts';
import { checkFilters, watchFilter } from './filter/check-filter.ts';
import { listenerStacks } from './listener-stacks.ts';
import { messageModelParts } from './message-model.ts';
import { FrequentCommits } from './offset/frequent-commits.ts';
import { resetToTimestamp, type QueueReset } from './offset/reset-to-timestamp.ts';
import { OffsetCommitter } from './offset/offset-committer.ts';
import type { OffsetStore } from '../options/offset-store.ts';
import type { OwnedQueue } from './owned-queue.ts';
import { mayPop, PopEngine, type PopQueueStatus } from './pop/pop-engine.ts';
import type { HealthReason } from './progress/health.ts';
import { healthReasons } from './progress/health-reasons.ts';
import type { QueueLag } from './progress/lag.ts';
import { PullWatchdog, watchedPulls } from './progress/pull-watchdog.ts';
import { explainAssignment, type AssignmentExplanation } from './rebalance/explain.ts';
import { GroupWatch } from './rebalance/group-watch.ts';
import { lockedHandover, softHandover } from './rebalance/handover.ts';
import { Ownerships } from './rebalance/ownerships.ts';
import { QueueChanges } from './rebalance/queue-changes.ts';
import type { QueueSharing } from './rebalance/queue-sharing.ts';
import { RebalanceService } from './rebalance/rebalance-service.ts';
import { Rebalancer } from './rebalance/rebalancer.ts';
import { StandstillDoubt } from './rebalance/standstill-doubt.ts';
import { runningInfo } from './running-info.ts';
import type { PushSubscription } from './subscription.ts';

/** A started consumer: its parts, put together, and what its instance asks of it. Java: `DefaultMQPushConsumerImpl`. */
export class PushEngine implements ConsumerRole {
  readonly consumerGroup: string;
  readonly #consumer: PushContext;
  readonly #sharing: QueueSharing;
  readonly #store: OffsetStore;
  readonly #committer: OffsetCommitter;
  readonly #ownerships: Ownerships;
  readonly #rebalancer: Rebalancer;
  readonly #rebalance: RebalanceService;
  readonly #consume: ConsumeService;
  readonly #timeout: ConsumeTimeout;
  readonly #watchdog: PullWatchdog<OwnedQueue>;
  readonly #pop: PopEngine | undefined;
  readonly #doubt: StandstillDoubt | undefined;
  readonly #startedAt: number;
  #committing: PeriodicTask | undefined;
  #watching: PeriodicTask | undefined;

  constructor(consumer: PushContext) {
    this.consumerGroup = consumer.consumerGroup;
    this.#consumer = consumer;
    this.#startedAt = consumer.clock.now();
    const { store, sharing } = messageModelParts(consumer);
    const isShared = consumer.options.messageModel === 'clustering';
    this.#store = store;
    const isLocked = needsLocks(consumer.options);
    this.#doubt = isShared && !isLocked ? new StandstillDoubt(consumer.clock, this) : undefined;
    const committer = new OffsetCommitter(consumer, store, this.#doubt);
    const frequent = new FrequentCommits(consumer, committer);
    const { service, timeout } = createConsuming(consumer);
    const gate = pullGate(consumer, (topic) => this.#ownerships.count(topic));
    const onMessages = (owned: OwnedQueue): void => {
      service.offer(owned);
      // A file is written at leisure: nobody else goes on from there.
      if (isShared) frequent.onMessages(owned);
    };
    const createLocks = isLocked ? (handler: LockHandler) => new QueueLocks(consumer, handler) : undefined;
    this.#consume = service;
    this.#committer = committer;
    this.#pop = mayPop(consumer.options) ? new PopEngine(consumer, sharing, this) : undefined;
    this.#sharing = this.#pop?.sharing ?? sharing;
    const pulled = this.#pop?.pulled ?? consumer;
    const offsets = { store, committer, doubt: this.#doubt };
    this.#ownerships = new Ownerships(pulled, offsets, onMessages, createLocks, gate);
    this.#timeout = timeout;
    const watched = watchedPulls(gate, (owned, drain) => void this.#recreate(owned, drain));
    this.#watchdog = new PullWatchdog(consumer, watched);
    consumer.pauses.onChange(() => this.#goOn());
    const handover = isLocked ? lockedHandover(consumer.options) : softHandover;
    const onGone = (isAwaited: boolean): void => {
      if (isAwaited) this.wake({ kind: 'unbalanced', at: consumer.clock.now() });
    };
    const changes = new QueueChanges(consumer, this);
    const handler = { onGone, onChange: changes.add };
    this.#rebalancer = new Rebalancer(pulled, this.#ownerships, this.#sharing, handover, handler);
    const watch = new GroupWatch(consumer, committer);
    this.#rebalance = new RebalanceService(
      consumer,
      changes.told(this.#pop?.rounds(this.#rebalancer, changes.add) ?? this.#rebalancer),
      () => {
        if (isShared) void watch.look(this.#ownerships.all(), this.#rebalancer.views);
      },
    );
  }

  /** Resolves after the first heartbeat and the first rebalance. @throws {NameServerError} when no name server answers, {OffsetFileError} when positions are kept in a file that cannot be used, {FilterError} when a broker refuses an SQL92 filter. */
  async start(deadline: Deadline): Promise<void> {
    const { clock, options, logger } = this.#consumer;
    await this.#store.open?.();
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
    this.#doubt?.start();
    await this.#rebalance.start(this, deadline);
    this.#pop?.started();
  }

  /** Pulling stops, running listeners have `deadline` ms, offsets are committed, and the group is left; brokers have `patience` ms to hear of that. */
  async stop(deadline: number, patience?: number): Promise<void> {
    const { instance, emit, subscriptions } = this.#consumer;
    await Promise.all([this.#committing?.stop(), this.#watching?.stop(), this.#rebalance.stop()]);
    const owned = this.#ownerships.all();
    const busy = owned
      .map(({ queue, process }) => ({ queue, running: process.running }))
      .filter(({ running }) => running > 0)
      .concat(this.#pop?.busy() ?? []);
    const running = busy.reduce((sum, each) => sum + each.running, 0);
    if (running > 0) emit('draining', { queues: busy.map(({ queue }) => queue), running });
    await Promise.all([this.#ownerships.revoke(owned, deadline), this.#pop?.stop(deadline, patience)]);
    this.#ownerships.stop();
    this.#doubt?.stop();
    await this.#store.close?.();
    this.#consumer.rate.stop();
    await instance.removeConsumer(this.consumerGroup, patience);
    for (const topic of subscriptions.keys()) instance.routes.release(topic);
  }

  /** A topic was added while running; maybe one that was given up a moment ago, with queues that no round has taken yet. */
  async topicAdded(topic: string, signal: AbortSignal): Promise<void> {
    const kept = this.#ofTopic(topic);
    await Promise.all([
      this.#rebalance.topicAdded(topic, signal),
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
    return this.#ownerships.all().filter(({ queue }) => queue.topic === topic);
  }

  /** See {@link sendMessageBack}. */
  async sendMessageBack(message: ReceivedMessage, options: SendMessageBackOptions): Promise<void> {
    await sendMessageBack(this.#consumer, message, options);
  }

  /** See {@link resetToTimestamp}. */
  async resetToTimestamp(timestamp: number, wait: WaitOptions): Promise<readonly QueueReset[]> {
    return resetToTimestamp(this.#consumer, this.#ownerships, timestamp, wait);
  }

  /** Tells the brokers, and rebalances. */
  async subscriptionsChanged(): Promise<void> {
    await this.#rebalance.subscriptionsChanged();
  }

  get instance(): ClientInstance {
    return this.#consumer.instance;
  }

  /** Listeners at work at the same time, from now on. */
  set concurrency(limit: number) {
    this.#consume.concurrency = limit;
    if (this.#pop !== undefined) this.#pop.concurrency = limit;
  }

  /** What is not well. */
  healthReasons(): HealthReason[] {
    const reasons = healthReasons(this.#consumer, this.#ownerships.all(), this.#rebalancer.views);
    return [...reasons, ...(this.#pop?.healthReasons() ?? [])];
  }

  owned(): ReturnType<Ownerships['all']> {
    return this.#ownerships.all();
  }

  popped(): readonly PopQueueStatus[] {
    return this.#pop?.queues() ?? [];
  }

  /** How far behind this member is with what it pops. */
  poppedLags(): readonly QueueLag[] {
    return this.#pop?.lags() ?? [];
  }

  explain(): AssignmentExplanation[] {
    return [...this.#rebalancer.views].map(([topic, view]) =>
      explainAssignment(topic, view, this.#ownerships.ofTopic(topic), this.#sharing.allocate),
    );
  }

  wake(trigger: RebalanceTrigger): void {
    this.#rebalance.wake(trigger);
  }

  topics(): Iterable<string> {
    return this.#subscriptions().keys();
  }

  consumerData(): ConsumerData {
    return consumerData(this.#consumer, this.#subscriptions().values());
  }

  runningInfo(withStacks = false): ConsumerRunningInfo {
    const owned = this.#ownerships.all();
    const info = runningInfo(this.#consumer, owned, this.#startedAt, this.#consume.concurrency);
    return {
      ...info,
      ...(this.#pop !== undefined && { mqPopTable: this.#pop.info() }),
      ...(withStacks && { jstack: listenerStacks(this.#consumer, owned) }),
    };
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

  /** Pauses have changed: what rests no longer is pulled from and consumed again. */
  #goOn(): void {
    for (const owned of this.#ownerships.all()) {
      if (this.#consumer.pauses.has(owned)) continue;
      owned.mayPullAgain();
      this.#consume.offer(owned);
    }
    this.#pop?.goOn();
  }

  #look(): void {
    const owned = this.#ownerships.all();
    this.#timeout.look(owned);
    this.#watchdog.look(owned);
    this.#pop?.look();
  }

  /** The rebalance that follows takes the queue again, if it still is this member's. */
  async #recreate(owned: OwnedQueue, drain: number): Promise<void> {
    await this.#ownerships.revoke([owned], drain);
    this.wake({ kind: 'queueRecreated', at: this.#consumer.clock.now(), detail: owned.key });
  }

  #subscriptions(): ReadonlyMap<string, PushSubscription> {
    const { subscriptions } = this.#consumer;
    return this.#pop === undefined ? subscriptions : new Map([...subscriptions, ...this.#pop.subscriptions]);
  }

  async #commit(): Promise<void> {
    this.#consumer.stats.sample();
    await this.#committer.commitAll(this.#ownerships.all());
  }
}
