import type { ConsumeDirectlyResult } from '../../../protocol/model/consume-directly-result.ts';
import type { ConsumerRunningInfo } from '../../../protocol/model/consumer-running-info.ts';
import type { ConsumerData } from '../../../protocol/model/heartbeat-data.ts';
import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { IllegalStateError } from '../../errors.ts';
import type { ClientInstance } from '../../instance/client-instance.ts';
import type { ConsumerRole, RebalanceTrigger } from '../../instance/roles.ts';
import type { Deadline } from '../../runtime/clock.ts';
import { PeriodicTask } from '../../runtime/periodic-task.ts';
import type { Engine, WaitOptions } from '../consumer-life.ts';
import { ConsumerStats } from '../consumer-stats.ts';
import { checkFilters, watchFilter } from '../filter/check-filter.ts';
import type { Pauses } from '../flow/pauses.ts';
import { javaMessageModel } from '../message-model.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { HealthReason } from '../progress/health.ts';
import { healthReasons } from '../progress/health-reasons.ts';
import { explainAssignment, type AssignmentExplanation } from '../rebalance/explain.ts';
import { GroupWatch } from '../rebalance/group-watch.ts';
import { RebalanceService } from '../rebalance/rebalance-service.ts';
import type { LiteContext } from './lite-context.ts';
import { liteParts, type LiteParts } from './lite-parts.ts';
import { liteRunningInfo } from './lite-running-info.ts';
import type { BufferWait } from './message-buffer.ts';
import { MessageIterator } from './message-iterator.ts';
import { MessageStream } from './message-stream.ts';
import { pullOnce, type PulledMessages, type PullOptions } from './pull-once.ts';
import { Reader } from './reader.ts';
import type { ReadOptions } from './reading-options.ts';

/** A started lite pull consumer, and what its instance asks of it. Java: `DefaultLitePullConsumerImpl`. */
export class LiteEngine implements ConsumerRole, Engine {
  readonly consumerGroup: string;
  readonly parts: LiteParts;
  readonly #consumer: LiteContext;
  readonly #rebalance: RebalanceService;
  /** All polls are one reader: each says that what the one before gave is consumed. */
  readonly #polls: Reader;
  readonly #startedAt: number;
  /** Topics that were pulled from by `pull`; their routes are kept. */
  readonly #visited = new Set<string>();
  #committing: PeriodicTask | undefined;

  /** The engine of a consumer on its instance. */
  static of(
    instance: ClientInstance,
    {
      pauses,
      ...own
    }: Pick<LiteContext, 'options' | 'logger' | 'selection' | 'emit'> & { readonly pauses: Pauses },
  ): LiteEngine {
    const { clientId, api, clock } = instance;
    const { consumerGroup } = own.options;
    const { subscriptions } = own.selection;
    const stats = new ConsumerStats(clock);
    return new LiteEngine(
      { ...own, consumerGroup, clientId, instance, api, clock, stats, subscriptions },
      pauses,
    );
  }

  constructor(consumer: LiteContext, pauses: Pauses) {
    this.consumerGroup = consumer.consumerGroup;
    this.#consumer = consumer;
    this.#startedAt = consumer.clock.now();
    this.parts = liteParts(consumer, pauses, this);
    this.#polls = new Reader(consumer.clock, this.parts, 'next');
    const { rounds, rebalancer, ownerships, committer } = this.parts;
    const watch = new GroupWatch(consumer, committer, 'CONSUME_ACTIVELY');
    this.#rebalance = new RebalanceService(consumer, rounds, () => {
      if (consumer.options.messageModel === 'clustering') void watch.look(ownerships.all(), rebalancer.views);
    });
  }

  /** @throws {NameServerError} when no name server answers, {OffsetFileError} when positions are kept in a file that cannot be used, {FilterError} when a broker refuses an SQL92 filter. */
  async start(deadline: Deadline): Promise<void> {
    const { clock, options, logger } = this.#consumer;
    await this.parts.store.open?.();
    await checkFilters(this.#consumer, deadline);
    const interval = options.autoCommitIntervalMillis;
    this.#committing = new PeriodicTask({
      clock,
      interval,
      initialDelay: interval,
      run: async () => this.#commit(),
      onError: (error) => logger.error({ error }, 'Committing failed'),
    });
    this.parts.topicWatch.start();
    this.parts.doubt?.start();
    await this.#rebalance.start(this, deadline);
  }

  /** Nothing more is given out, what was given out has `deadline` ms to be consumed, offsets are committed, and the group is left. */
  async stop(deadline: number, patience?: number): Promise<void> {
    const { instance, emit, subscriptions } = this.#consumer;
    const { buffer, ownerships, topicWatch, store, doubt } = this.parts;
    buffer.close();
    await Promise.all([this.#committing?.stop(), this.#rebalance.stop(), topicWatch.stop()]);
    const owned = ownerships.all();
    const busy = owned.filter(({ process }) => process.running > 0);
    const running = busy.reduce((sum, { process }) => sum + process.running, 0);
    if (running > 0) emit('draining', { queues: busy.map(({ queue }) => queue), running });
    await ownerships.revoke(owned, deadline);
    doubt?.stop();
    await store.close?.();
    await instance.removeConsumer(this.consumerGroup, patience);
    for (const topic of [...subscriptions.keys(), ...this.#visited]) instance.routes.release(topic);
  }

  messages({ ack = 'next', signal }: ReadOptions): MessageIterator {
    return new MessageIterator(new Reader(this.#consumer.clock, this.parts, ack), signal);
  }

  stream(options: ReadOptions): MessageStream {
    const messages = this.messages(options);
    return new MessageStream({
      next: async () => messages.next(),
      close: () => void messages.return(),
      isValid: (message) => this.parts.deliveries.isValid(message),
    });
  }

  /** @throws {IllegalStateError} once the consumer is shutting down; what was given out before counts as consumed all the same. */
  async poll(limit: number, wait: BufferWait): Promise<ReceivedMessage[]> {
    wait.signal?.throwIfAborted();
    if (!this.parts.buffer.isClosed) return this.#polls.read(limit, wait);
    this.#polls.ack();
    throw new IllegalStateError('LitePullConsumer', 'shut down', 'polled');
  }

  async pull(queue: MessageQueue, offset: number, options: PullOptions): Promise<PulledMessages> {
    const { topic } = queue;
    if (!this.#visited.has(topic)) {
      this.#visited.add(topic);
      this.#consumer.instance.routes.retain(topic);
    }
    return pullOnce(this.#consumer, queue, offset, options);
  }

  async queuesOf(topic: string, wait: WaitOptions): Promise<readonly MessageQueue[]> {
    return (await this.#consumer.instance.routes.fetch(topic, wait)).readableQueues();
  }

  /** Other topics or queues are wanted: their routes are followed, brokers are told, and a round is made. */
  async selectionChanged(added: readonly string[], signal: AbortSignal): Promise<void> {
    // A topic that was given up a moment ago may have queues that no round has taken yet.
    for (const owned of this.owned()) if (added.includes(owned.queue.topic)) owned.pullAgain();
    await Promise.all(added.map(async (topic) => this.#rebalance.follow(topic, { signal })));
    await Promise.all([
      this.#rebalance.subscriptionsChanged(),
      ...added.map(async (topic) => watchFilter(this.#consumer, topic, signal)),
    ]);
  }

  /** A topic is wanted with another filter. */
  async filterChanged(topic: string, signal: AbortSignal): Promise<void> {
    // A pull that a broker holds keeps to the filter it came with.
    for (const owned of this.owned()) if (owned.queue.topic === topic) owned.pullAgain();
    await Promise.all([this.#rebalance.subscriptionsChanged(), watchFilter(this.#consumer, topic, signal)]);
  }

  owned(): readonly OwnedQueue[] {
    return this.parts.ownerships.all();
  }

  /** What is not well. */
  healthReasons(): HealthReason[] {
    return healthReasons(this.#consumer, this.owned(), this.parts.rebalancer.views);
  }

  explain(): AssignmentExplanation[] {
    const { rebalancer, ownerships, sharing } = this.parts;
    return [...rebalancer.views].map(([topic, view]) =>
      explainAssignment(topic, view, ownerships.ofTopic(topic), sharing.allocate),
    );
  }

  wake(trigger: RebalanceTrigger): void {
    this.#rebalance.wake(trigger);
  }

  topics(): Iterable<string> {
    return this.#consumer.subscriptions.keys();
  }

  /** As in Java the place where a new group begins is not told, nor a subscription in assign mode. */
  consumerData(): ConsumerData {
    const { options, selection } = this.#consumer;
    const subscriptions = selection.mode === 'assign' ? [] : [...selection.subscriptions.values()];
    return {
      groupName: this.consumerGroup,
      consumeType: 'CONSUME_ACTIVELY',
      messageModel: javaMessageModel[options.messageModel],
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      subscriptionDataSet: subscriptions.map(({ data }) => data),
      unitMode: options.unitMode,
    };
  }

  runningInfo(): ConsumerRunningInfo {
    return liteRunningInfo(this.#consumer, this.owned(), this.#startedAt);
  }

  consumerStatus(topic: string): [MessageQueue, number][] {
    return this.owned()
      .filter(({ queue }) => queue.topic === topic)
      .flatMap(({ queue, commitOffset }): [MessageQueue, number][] =>
        commitOffset === undefined ? [] : [[queue, commitOffset]],
      );
  }

  async consumeDirectly(): Promise<ConsumeDirectlyResult> {
    const remark = `${this.consumerGroup} pulls its messages: there is no listener to run`;
    return {
      order: false,
      autoCommit: true,
      consumeResult: 'CR_THROW_EXCEPTION',
      spentTimeMills: 0,
      remark,
    };
  }

  /** Java's lite pull consumer does not hear of it. */
  resetOffset(_topic: string, offsets: [MessageQueue, number][]): void {
    const { ownerships, gate } = this.parts;
    for (const [queue, offset] of offsets) {
      const owned = ownerships.get(queueKey(queue));
      if (owned !== undefined) ownerships.move(owned, offset, 'reset by an operator');
    }
    gate.released();
  }

  async #commit(): Promise<void> {
    this.#consumer.stats.sample();
    await this.parts.committer.commitAll(this.owned());
  }
}
