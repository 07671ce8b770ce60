import { EventEmitter } from 'node:events';

import { checkGroup, checkTopic, retryTopic } from '../../protocol/message/topic.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import { tagSubscription } from '../../protocol/model/subscription-data.ts';
import { runningInfoText } from '../../protocol/model/running-info-text.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import { BrokerQueries } from '../instance/broker-queries.ts';
import { UserNames } from '../instance/user-names.ts';
import { resolveLogger, type Logger } from '../logger.ts';
import {
  checkPushOption,
  resolvePushConsumerOptions,
  type PushConsumerOptions,
  type ResolvedPushConsumerOptions,
} from '../options/push-consumer.ts';
import { localTimestamp, systemClock, type Clock } from '../runtime/clock.ts';
import type { SendMessageBackOptions } from './consume/send-message-back.ts';
import { ConsumerLife, type WaitOptions } from './consumer-life.ts';
import { ConsumerStats, type ConsumeWindows } from './consumer-stats.ts';
import type { PushConsumerEvents } from './events.ts';
import { Pauses, type PauseTarget } from './flow/pauses.ts';
import { RateLimit } from './flow/rate-limit.ts';
import { javaMessageModel } from './message-model.ts';
import { namespacedListener } from './namespaced-listener.ts';
import type { QueueReset } from './offset/reset-to-timestamp.ts';
import type { PopQueueStatus } from './pop/pop-engine.ts';
import { judgeHealth, type ConsumerHealth } from './progress/health.ts';
import { lagOf, lagsOf, type ConsumerLag, type LagOptions } from './progress/lag.ts';
import { PushEngine } from './push-engine.ts';
import { queueStatus, type QueueStatus } from './queue-status.ts';
import type { AssignmentExplanation } from './rebalance/explain.ts';
import {
  listenerOf,
  subscriptionData,
  type PushSubscription,
  type SubscribeOptions,
} from './subscription.ts';
import { SubscriptionVersions } from './subscription-versions.ts';
import { tell } from './tell.ts';

export type { PushConsumerOptions } from '../options/push-consumer.ts';
export type { QueueStatus } from './queue-status.ts';

/**
 * Consumes topics as a member of a group: the queues of each topic are shared out among the members, and messages are
 * handed to listeners as they come. Java: `DefaultMQPushConsumer`.
 *
 * ```ts
 * const consumer = new PushConsumer({ consumerGroup: 'Group' });
 * consumer.subscribe('Topic', { eachMessage: async (message) => { console.log(message.text()); } });
 * await consumer.start();
 * ```
 */
export class PushConsumer extends EventEmitter<PushConsumerEvents> implements AsyncDisposable {
  readonly #options: ResolvedPushConsumerOptions;
  readonly #names: UserNames;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #subscriptions = new Map<string, PushSubscription>();
  readonly #versions: SubscriptionVersions;
  readonly #pauses = new Pauses();
  readonly #rate: RateLimit;
  readonly #stats: ConsumerStats;
  readonly #life: ConsumerLife<PushEngine>;
  /** Questions about queues and messages of any topic; while the consumer is running. */
  readonly queries: BrokerQueries;

  /** @throws {InvalidOptionError} that names the option, what was given and what is allowed. */
  constructor(options: PushConsumerOptions) {
    super();
    const clock = options.environment?.clock ?? systemClock;
    this.#clock = clock;
    this.#versions = new SubscriptionVersions(clock);
    this.#options = resolvePushConsumerOptions(options, clock.now());
    this.#names = new UserNames(this.#options.namespace);
    this.#stats = new ConsumerStats(clock);
    this.#rate = new RateLimit(clock, this.#options.consumeRateLimit);
    const { consumerGroup } = this.#options;
    checkGroup(consumerGroup);
    this.#logger = resolveLogger(this.#options.logger).child({ component: 'consumer', consumerGroup });
    const messageModel = javaMessageModel[this.#options.messageModel];
    if (messageModel === 'CLUSTERING') this.#subscribeToRetries();
    this.#life = new ConsumerLife('PushConsumer', {
      options: this.#options,
      clock,
      member: { kind: 'consumer', group: consumerGroup, messageModel },
      assemble: (instance) => this.#assemble(instance),
    });
    this.queries = new BrokerQueries(this.#names, () => this.#life.running.instance);
  }

  /** `ip@instanceName`, as the broker lists this member; known once `start` was called. */
  get clientId(): string | undefined {
    return this.#life.instance?.clientId;
  }

  /** Without the namespace, if there is one. */
  get consumerGroup(): string {
    return this.#names.short(this.#options.consumerGroup);
  }

  /** Consumes a topic too, or differently from now on. May be called before and after `start`. @throws {InvalidOptionError} unless there is exactly one listener, or for a filter that is none. */
  subscribe(name: string, options: SubscribeOptions): this {
    const topic = this.#names.full(name);
    checkTopic(topic);
    const isNew = !this.#subscriptions.has(topic);
    const data = subscriptionData(topic, options.filter ?? '*', this.#versions.next(topic));
    const listener = namespacedListener(this.#names, listenerOf(topic, options));
    this.#subscriptions.set(topic, { topic, data, listener });
    const { engine, signal } = this.#life;
    if (engine !== undefined)
      this.#inBackground(isNew ? engine.topicAdded(topic, signal) : engine.topicChanged(topic, signal));
    return this;
  }

  /** Consumes a topic no more: its queues are drained, committed and given up. */
  unsubscribe(name: string): this {
    const topic = this.#names.full(name);
    if (topic === retryTopic(this.#options.consumerGroup) || !this.#subscriptions.delete(topic)) return this;
    const { instance, engine } = this.#life;
    instance?.routes.release(topic);
    if (engine !== undefined) this.#inBackground(engine.subscriptionsChanged());
    return this;
  }

  /**
   * Joins the group. Resolves after the first heartbeat and the first rebalance; a topic that does not exist yet is a warning. Calling it again does nothing more.
   * @throws {NameServerError} when no name server answers within `timeout` (10 s), {RequestTimeoutError} when brokers do not, {OffsetFileError} when the positions of a broadcasting member cannot be read, {FilterError} when a broker refuses an SQL92 filter.
   */
  async start(wait?: WaitOptions): Promise<void> {
    await this.#life.start(wait);
  }

  /**
   * Leaves the group: pulling stops, running listeners finish (at most `timeout`, default `awaitTerminationMillisWhenShutdown`), offsets are committed, the other
   * members are told, connections close. Calling it again waits for the same end.
   */
  async shutdown({ timeout }: WaitOptions = {}): Promise<void> {
    await this.#life.shutdown(timeout ?? this.#options.awaitTerminationMillisWhenShutdown);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /** Looks at the group now, as if a notice had come. */
  rebalance(): void {
    this.#life.engine?.wake({ kind: 'manual', at: this.#clock.now() });
  }

  /** The queues this member owns, and where it stands with each; those of the group's retry topic included. */
  queues(): readonly QueueStatus[] {
    return this.#names.shown((this.#life.engine?.owned() ?? []).map(queueStatus));
  }

  /** What this member pops from; none unless topics are popped. */
  popQueues(): readonly PopQueueStatus[] {
    return this.#names.shown(this.#life.engine?.popped() ?? []);
  }

  /** How far this member is behind, by what the last pulls told, or with `fresh` by what the brokers say now. Rejects if one of them says nothing. */
  async lag(options: LagOptions = {}): Promise<ConsumerLag> {
    const { engine, instance } = this.#life;
    const pulled = await lagsOf(instance, engine?.owned() ?? [], options);
    return this.#names.shown(lagOf([...pulled, ...(engine?.poppedLags() ?? [])]));
  }

  /** Rates and times of each subscribed topic over the last minute, hour and day. Java: `ConsumerStatsManager`. */
  statistics(): ReadonlyMap<string, ConsumeWindows> {
    const topics = [...this.#subscriptions.keys()];
    return this.#names.shown(new Map(topics.map((topic) => [topic, this.#stats.windows(topic)])));
  }

  /** Whether this member does its work, and if not, what is in its way. Costs no request. */
  health(): ConsumerHealth {
    const { state, engine } = this.#life;
    return this.#names.shown(judgeHealth(state, engine?.healthReasons() ?? [], this.#pauses.isSuspended));
  }

  /** Whether {@link suspend} holds. */
  get isSuspended(): boolean {
    return this.#pauses.isSuspended;
  }

  /**
   * Rests: nothing is pulled, no listener is given anything; those at work finish, and the member keeps its place and its queues in the group. Java's goes
   * on with what it has cached, and takes part in no rebalance.
   */
  suspend(): void {
    this.#pauses.suspend(true);
  }

  /** Rests with these queues, or all queues of these topics or this topic (by name), until `resume` names them. May be called before `start`. */
  pause(targets: Iterable<PauseTarget> | string): void {
    this.#pauses.pause(this.#names.fullTargets(targets));
  }

  /** Goes on after {@link suspend}, with a rebalance as in Java; or, with targets, with these queues or topics after {@link pause}. */
  resume(targets?: Iterable<PauseTarget> | string): void {
    if (targets !== undefined) {
      this.#pauses.resume(this.#names.fullTargets(targets));
      return;
    }
    this.#pauses.suspend(false);
    this.#life.engine?.wake({ kind: 'resumed', at: this.#clock.now() });
  }

  /** Has a message come again, whatever becomes of it here; see {@link sendMessageBack}. Rejects when nobody takes it. */
  async sendMessageBack(message: ReceivedMessage, options: SendMessageBackOptions = {}): Promise<void> {
    await this.#life.running.sendMessageBack(message, options);
  }

  /**
   * Goes on at the first message stored at `timestamp` (ms since the epoch) or later, in every queue that is this member's now, the retry topic's included;
   * other members and what is popped are not touched. Resolves to where each goes on; if a broker does not answer, nothing has moved. Java: `resetOffsetByTimeStamp`.
   */
  async resetOffsets(timestamp: number, wait: WaitOptions = {}): Promise<readonly QueueReset[]> {
    return this.#names.shown(await this.#life.running.resetToTimestamp(timestamp, wait));
  }

  /** Changes `consumeConcurrency` while running. @throws {InvalidOptionError} {IllegalStateError} unless it is running. Java: `updateCorePoolSize`. */
  setConsumeConcurrency(limit: number): void {
    checkPushOption('consumeConcurrency', limit);
    this.#life.running.concurrency = limit;
  }

  /** Changes `consumeRateLimit`: messages per second from now on, 0 is no limit. @throws {InvalidOptionError} */
  setConsumeRateLimit(perSecond: number): void {
    checkPushOption('consumeRateLimit', perSecond);
    this.#rate.perSecond = perSecond;
  }

  /** For each topic: the members, the queues, the strategy, and what it gives to whom. */
  explainAssignment(): readonly AssignmentExplanation[] {
    return this.#names.shown(this.#life.engine?.explain() ?? []);
  }

  /** Failed messages come back through the group's own topic; its listener is that of the message's original topic. */
  #subscribeToRetries(): void {
    const topic = retryTopic(this.#options.consumerGroup);
    const data = tagSubscription(topic, '*', this.#versions.next(topic));
    this.#subscriptions.set(topic, { topic, data, listener: { kind: 'message', run: () => 'later' } });
  }

  /** What mqadmin `consumerStatus` prints of this member: options, subscriptions, positions, rates, and what listeners are at work on. Empty before `start`. */
  describe(): string {
    const { engine } = this.#life;
    return engine === undefined ? '' : runningInfoText(engine.runningInfo(true), localTimestamp);
  }

  #assemble(instance: ClientInstance): PushEngine {
    const { clientId, api, clock } = instance;
    return new PushEngine({
      consumerGroup: this.#options.consumerGroup,
      clientId,
      options: this.#options,
      instance,
      api,
      clock,
      logger: this.#logger,
      stats: this.#stats,
      subscriptions: this.#subscriptions,
      versions: this.#versions,
      pauses: this.#pauses,
      rate: this.#rate,
      emit: tell<PushConsumerEvents>(this, this.#logger, this.#names),
    });
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#life.signal.aborted) this.#logger.warn({ error }, 'Change of subscription is told later');
    });
  }
}
