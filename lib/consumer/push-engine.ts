import { MessageProperty } from '../../protocol/message/properties.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { ConsumeDirectlyResult } from '../../protocol/model/consume-directly-result.ts';
import type { ConsumerRunningInfo } from '../../protocol/model/consumer-running-info.ts';
import type { ConsumerData } from '../../protocol/model/heartbeat-data.ts';
import { queueKey, type MessageQueue } from '../../protocol/model/message-queue.ts';
import type { ConsumerRole, RebalanceTrigger } from '../instance/roles.ts';
import type { Deadline } from '../runtime/clock.ts';
import { PeriodicTask } from '../runtime/periodic-task.ts';
import { ConcurrentConsumeService } from './consume/concurrent-consume-service.ts';
import { OrderlyConsumeService } from './consume/orderly-consume-service.ts';
import { consumeDirectly } from './consume/consume-directly.ts';
import type { ConsumeService } from './consume/consume-service.ts';
import { SendBack } from './consume/send-back.ts';
import type { PushContext } from './consumer-context.ts';
import { needsLocks } from './lock/needs-locks.ts';
import { QueueLocks } from './lock/queue-locks.ts';
import { javaFromWhere } from './offset/first-offset.ts';
import { FrequentCommits } from './offset/frequent-commits.ts';
import { OffsetCommitter } from './offset/offset-committer.ts';
import { RemoteOffsetStore } from './offset/remote-offset-store.ts';
import { mayPop, PopEngine, type PopQueueStatus } from './pop/pop-engine.ts';
import { explainAssignment, type AssignmentExplanation } from './rebalance/explain.ts';
import { GroupWatch } from './rebalance/group-watch.ts';
import { lockedHandover, softHandover } from './rebalance/handover.ts';
import { Ownerships } from './rebalance/ownerships.ts';
import { clusterSharing, type QueueSharing } from './rebalance/queue-sharing.ts';
import { RebalanceService } from './rebalance/rebalance-service.ts';
import { Rebalancer } from './rebalance/rebalancer.ts';
import { runningInfo } from './running-info.ts';
import type { PushSubscription } from './subscription.ts';

/** A started consumer: its parts, put together, and what its instance asks of it. Java: `DefaultMQPushConsumerImpl`. */
export class PushEngine implements ConsumerRole {
  readonly consumerGroup: string;
  readonly #consumer: PushContext;
  readonly #sharing: QueueSharing;
  readonly #committer: OffsetCommitter;
  readonly #ownerships: Ownerships;
  readonly #rebalancer: Rebalancer;
  readonly #rebalance: RebalanceService;
  readonly #pop: PopEngine | undefined;
  readonly #startedAt: number;
  #committing: PeriodicTask | undefined;

  constructor(consumer: PushContext) {
    this.consumerGroup = consumer.consumerGroup;
    this.#consumer = consumer;
    this.#startedAt = consumer.clock.now();
    const store = new RemoteOffsetStore(consumer);
    const committer = new OffsetCommitter(consumer, store);
    const frequent = new FrequentCommits(consumer, committer);
    const consume = createConsumeService(consumer);
    this.#committer = committer;
    const isLocked = needsLocks(consumer.options);
    const sharing = clusterSharing(consumer);
    this.#pop = mayPop(consumer.options) ? new PopEngine(consumer, sharing) : undefined;
    this.#sharing = this.#pop?.sharing ?? sharing;
    const pulled = this.#pop?.pulled ?? consumer;
    this.#ownerships = new Ownerships(
      pulled,
      { store, committer },
      (owned) => {
        consume.offer(owned);
        frequent.onMessages(owned);
      },
      isLocked ? (handler) => new QueueLocks(consumer, handler) : undefined,
    );
    const handover = isLocked ? lockedHandover(consumer.options) : softHandover;
    this.#rebalancer = new Rebalancer(
      this.#pop?.pulled ?? consumer,
      this.#ownerships,
      this.#sharing,
      handover,
    );
    const watch = new GroupWatch(consumer, committer);
    this.#rebalance = new RebalanceService(
      consumer,
      this.#pop?.rounds(this.#rebalancer) ?? this.#rebalancer,
      () => void watch.look(this.#ownerships.all(), this.#rebalancer.views),
    );
  }

  /** Resolves after the first heartbeat and the first rebalance. @throws {NameServerError} when no name server answers. */
  async start(deadline: Deadline): Promise<void> {
    const { clock, options, logger } = this.#consumer;
    const interval = options.persistConsumerOffsetInterval;
    this.#committing = new PeriodicTask({
      clock,
      interval,
      initialDelay: interval,
      run: async () => this.#commit(),
      onError: (error) => logger.error({ error }, 'Committing failed'),
    });
    await this.#rebalance.start(this, deadline);
    this.#pop?.started();
  }

  /** Pulling stops, running listeners have `deadline` ms, offsets are committed, and the group is left; brokers have `patience` ms to hear of that. */
  async stop(deadline: number, patience?: number): Promise<void> {
    const { instance, emit, subscriptions } = this.#consumer;
    await Promise.all([this.#committing?.stop(), this.#rebalance.stop()]);
    const owned = this.#ownerships.all();
    const busy = owned
      .map(({ queue, process }) => ({ queue, running: process.running }))
      .filter(({ running }) => running > 0)
      .concat(this.#pop?.busy() ?? []);
    const running = busy.reduce((sum, each) => sum + each.running, 0);
    if (running > 0) emit('draining', { queues: busy.map(({ queue }) => queue), running });
    await Promise.all([this.#ownerships.revoke(owned, deadline), this.#pop?.stop(deadline, patience)]);
    this.#ownerships.stop();
    await instance.removeConsumer(this.consumerGroup, patience);
    for (const topic of subscriptions.keys()) instance.routes.release(topic);
  }

  /** A topic was added while running. */
  async topicAdded(topic: string, signal: AbortSignal): Promise<void> {
    await this.#rebalance.topicAdded(topic, signal);
  }

  /** Tells the brokers, and rebalances. */
  async subscriptionsChanged(): Promise<void> {
    await this.#rebalance.subscriptionsChanged();
  }

  owned(): ReturnType<Ownerships['all']> {
    return this.#ownerships.all();
  }

  popped(): readonly PopQueueStatus[] {
    return this.#pop?.queues() ?? [];
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
    const { options } = this.#consumer;
    return {
      groupName: this.consumerGroup,
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: javaFromWhere[options.consumeFromWhere],
      subscriptionDataSet: [...this.#subscriptions().values()].map(({ data }) => data),
      unitMode: options.unitMode,
    };
  }

  runningInfo(): ConsumerRunningInfo {
    const info = runningInfo(this.#consumer, this.#ownerships.all(), this.#startedAt);
    return this.#pop === undefined ? info : { ...info, mqPopTable: this.#pop.info() };
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

  #subscriptions(): ReadonlyMap<string, PushSubscription> {
    const { subscriptions } = this.#consumer;
    return this.#pop === undefined ? subscriptions : new Map([...subscriptions, ...this.#pop.subscriptions]);
  }

  async #commit(): Promise<void> {
    this.#consumer.stats.sample();
    await this.#committer.commitAll(this.#ownerships.all());
  }
}

function createConsumeService(consumer: PushContext): ConsumeService {
  const sendBack = new SendBack(consumer);
  return consumer.options.consumeMode === 'orderly'
    ? new OrderlyConsumeService(consumer, sendBack)
    : new ConcurrentConsumeService(consumer, sendBack);
}
