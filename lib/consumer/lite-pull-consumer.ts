import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';

import { checkGroup, checkTopic } from '../../protocol/message/topic.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { UserNames } from '../instance/user-names.ts';
import { resolveLogger, type Logger } from '../logger.ts';
import {
  resolveLitePullConsumerOptions,
  type LitePullConsumerOptions,
  type ResolvedLitePullConsumerOptions,
} from '../options/lite-pull-consumer.ts';
import { systemClock, type Clock } from '../runtime/clock.ts';
import { ConsumerLife, type WaitOptions } from './consumer-life.ts';
import { Pauses, type PauseTarget } from './flow/pauses.ts';
import { LiteEngine } from './lite/lite-engine.ts';
import type { Positions } from './lite/positions.ts';
import type { LitePullConsumerEvents } from './lite/lite-events.ts';
import type { PulledMessages, PullOptions } from './lite/pull-once.ts';
import { resolvePoll, type PollOptions, type ReadOptions } from './lite/reading-options.ts';
import { SelectionChanges } from './lite/selection-changes.ts';
import { Selection } from './lite/selection.ts';
import { javaMessageModel } from './message-model.ts';
import { shortened } from './namespaced-listener.ts';
import { judgeHealth, type ConsumerHealth } from './progress/health.ts';
import { lagOf, lagsOf, type ConsumerLag, type LagOptions } from './progress/lag.ts';
import { queueStatus, type QueueStatus } from './queue-status.ts';
import type { AssignmentExplanation } from './rebalance/explain.ts';
import type { Filter } from './subscription.ts';
import { tell } from './tell.ts';

/**
 * Consumes at the user's pace: messages are pulled ahead up to a limit, and given out when they are asked for. The queues of subscribed topics
 * are shared out among the members of the group; or the user assigns queues himself. Java: `DefaultLitePullConsumer`.
 *
 * ```ts
 * const consumer = new LitePullConsumer({ consumerGroup: 'Group' });
 * consumer.subscribe('Topic');
 * await consumer.start();
 * for await (const message of consumer) console.log(message.text());
 * ```
 *
 * A message counts as consumed when the next one is asked for (by the loop that got it, or by the next `poll`), when `ack` is called with it, or
 * at `commit`. What is consumed is committed every `autoCommitIntervalMillis`, when a queue is given up, and at shutdown; with `autoCommit: false`
 * at `commit` alone.
 */
export class LitePullConsumer
  extends EventEmitter<LitePullConsumerEvents>
  implements AsyncDisposable, AsyncIterable<ReceivedMessage>
{
  readonly #options: ResolvedLitePullConsumerOptions;
  readonly #names: UserNames;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #selection = new Selection();
  readonly #pauses = new Pauses();
  readonly #life: ConsumerLife<LiteEngine>;
  readonly #changes: SelectionChanges;

  /** @throws {InvalidOptionError} that names the option, what was given and what is allowed. */
  constructor(options: LitePullConsumerOptions) {
    super();
    this.#clock = options.environment?.clock ?? systemClock;
    this.#options = resolveLitePullConsumerOptions(options, this.#clock.now());
    this.#names = new UserNames(this.#options.namespace);
    const { consumerGroup, messageModel } = this.#options;
    checkGroup(consumerGroup);
    this.#logger = resolveLogger(this.#options.logger).child({ component: 'consumer', consumerGroup });
    this.#life = new ConsumerLife('LitePullConsumer', {
      options: this.#options,
      clock: this.#clock,
      member: { kind: 'consumer', group: consumerGroup, messageModel: javaMessageModel[messageModel] },
      assemble: (instance) =>
        LiteEngine.of(instance, {
          options: this.#options,
          logger: this.#logger,
          selection: this.#selection,
          pauses: this.#pauses,
          emit: tell<LitePullConsumerEvents>(this, this.#logger, this.#names),
        }),
    });
    this.#changes = new SelectionChanges(this.#life, this.#logger);
  }

  /** `ip@instanceName`, as the broker lists this member; known once `start` was called. */
  get clientId(): string | undefined {
    return this.#life.instance?.clientId;
  }

  /** Without the namespace, if there is one. */
  get consumerGroup(): string {
    return this.#names.short(this.#options.consumerGroup);
  }

  /** Reads a topic too, its queues shared with the group, or with another filter from now on. Before and after `start`. @throws {IllegalStateError} when queues were assigned. */
  subscribe(name: string, filter: Filter = '*'): this {
    const topic = this.#names.full(name);
    checkTopic(topic);
    const isNew = this.#selection.subscribe(topic, filter, this.#clock.now());
    if (isNew) this.#changes.topics([topic]);
    else this.#changes.filter(topic);
    return this;
  }

  /** Reads a topic no more: its queues are committed and given up. */
  unsubscribe(name: string): this {
    const topic = this.#names.full(name);
    if (this.#selection.unsubscribe(topic)) this.#changes.topics([], [topic]);
    return this;
  }

  /**
   * Reads these queues and no others, whoever else reads them. Before and after `start`. Take a group of its own for that: members that
   * subscribe would leave this one its share of the queues. @throws {IllegalStateError} when topics were subscribed.
   */
  assign(queues: Iterable<MessageQueue>): this {
    const full = [...queues].map((queue) => this.#names.fullQueue(queue));
    const { added, removed } = this.#selection.assign(full, this.#clock.now());
    this.#changes.topics(added, removed);
    return this;
  }

  /** Which messages of a topic are wanted of assigned queues; default all. @throws {IllegalStateError} when topics were subscribed. */
  setSubExpressionForAssign(name: string, filter: Filter): this {
    const topic = this.#names.full(name);
    checkTopic(topic);
    this.#selection.filterForAssign(topic, filter, this.#clock.now());
    this.#changes.filter(topic);
    return this;
  }

  /**
   * Resolves after the first heartbeat and, of subscribed topics, the first rebalance. Calling it again does nothing more.
   * @throws {NameServerError} when no name server answers within `timeout` (10 s), {RequestTimeoutError} when brokers do not, {FilterError} when one
   * refuses an SQL92 filter, {OffsetFileError} when a broadcasting member cannot use its file.
   */
  async start(wait?: WaitOptions): Promise<void> {
    await this.#life.start(wait);
  }

  /**
   * Gives out nothing more: polls give nothing, loops end. Waits (at most `timeout`, default `awaitTerminationMillisWhenShutdown`) until what was
   * given out is consumed, commits, and leaves. Calling it again waits for the same end.
   */
  async shutdown({ timeout }: WaitOptions = {}): Promise<void> {
    await this.#life.shutdown(timeout ?? this.#options.awaitTerminationMillisWhenShutdown);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /**
   * The next messages, as soon as there are any: of all queues in turn, in order within each. None after `timeout` (`pollTimeoutMillis`). What the
   * poll before gave is consumed by asking for more; parallel readers take `messages` instead. Rejects with the signal's reason.
   */
  async poll(options: PollOptions = {}): Promise<ReceivedMessage[]> {
    const { limit, timeout } = resolvePoll(options, this.#options);
    return this.#engine.poll(limit, { timeout, signal: options.signal });
  }

  /** The messages one by one. Several loops at once share the messages. A loop that is left (break, return, throw) leaves its last message to the next reader. */
  messages(options: ReadOptions = {}): AsyncIterableIterator<ReceivedMessage, undefined> {
    return this.#engine.messages(options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<ReceivedMessage, undefined> {
    return this.messages();
  }

  /** The messages as a stream of objects that asks for a message when its reader does. With writers that buffer, take `ack: 'manual'`. */
  readable(options: ReadOptions = {}): Readable {
    return this.#engine.stream(options);
  }

  /** This message is consumed. False if that has no effect: its queue was given up or is read elsewhere now, or it is consumed already. */
  ack(message: ReceivedMessage): boolean {
    return this.#engine.parts.deliveries.ackMessage(message);
  }

  /**
   * Stores how far was consumed, of all queues, or of one; all that was given out counts as consumed, but for readers that acknowledge. With an
   * `offset` just that of the queue, lower or higher, up to what was given out. Rejects when a broker may not have stored it.
   */
  async commit(queue?: MessageQueue, offset?: number): Promise<void> {
    await this.#engine.parts.positions.commit(queue && this.#names.fullQueue(queue), offset);
  }

  /** Java's name for {@link commit} of all queues. */
  async commitSync(): Promise<void> {
    await this.commit();
  }

  /** What the group has stored for a queue, undefined if nothing is stored. */
  async committed(queue: MessageQueue, wait: WaitOptions = {}): Promise<number | undefined> {
    return this.#positions.committed(this.#names.fullQueue(queue), wait);
  }

  /**
   * Goes on at this offset; nothing that was pulled before is given out afterwards. @throws {IllegalStateError} unless the queue is assigned to this
   * member, {InvalidOptionError} for an offset that the broker does not have.
   */
  async seek(queue: MessageQueue, offset: number, wait: WaitOptions = {}): Promise<void> {
    await this.#positions.seek(this.#names.fullQueue(queue), offset, wait);
  }

  /** Goes on at the first message that the broker still has. */
  async seekToBegin(queue: MessageQueue, wait: WaitOptions = {}): Promise<void> {
    await this.#positions.seek(this.#names.fullQueue(queue), 'begin', wait);
  }

  /** Goes on behind the last message. */
  async seekToEnd(queue: MessageQueue, wait: WaitOptions = {}): Promise<void> {
    await this.#positions.seek(this.#names.fullQueue(queue), 'end', wait);
  }

  /** Goes on at the first message stored at this time, in ms since the epoch, or later. */
  async seekToTimestamp(queue: MessageQueue, timestamp: number, wait: WaitOptions = {}): Promise<void> {
    await this.#positions.seek(this.#names.fullQueue(queue), { timestamp }, wait);
  }

  /** Offset of the first message stored at this time, in ms since the epoch, or later. Any queue of any topic. */
  async offsetForTimestamp(queue: MessageQueue, timestamp: number, wait: WaitOptions = {}): Promise<number> {
    return this.#positions.offsetForTimestamp(this.#names.fullQueue(queue), timestamp, wait);
  }

  /** Nothing is pulled from these queues nor given out of them until they are resumed. A topic's name stands for all its queues. */
  pause(targets: Iterable<PauseTarget> | string): void {
    this.#pauses.pause(this.#names.fullTargets(targets));
  }

  resume(targets: Iterable<PauseTarget> | string): void {
    this.#pauses.resume(this.#names.fullTargets(targets));
  }

  /** Reads a queue once, at any offset: for tools. Nothing of the group is read or changed, and nothing needs to be subscribed or assigned. */
  async pull(queue: MessageQueue, offset: number, options: PullOptions = {}): Promise<PulledMessages> {
    const pulled = await this.#life.running.pull(this.#names.fullQueue(queue), offset, options);
    for (const message of pulled.messages) shortened(this.#names, message);
    return pulled;
  }

  /** The readable queues of a topic, as a name server tells now. @throws {RouteNotFoundError} when there is no such topic. */
  async fetchMessageQueues(topic: string, wait: WaitOptions = {}): Promise<readonly MessageQueue[]> {
    return this.#names.shown(await this.#life.running.queuesOf(this.#names.full(topic), wait));
  }

  /** Tells by `topicQueuesChanged` of a topic that is neither subscribed nor assigned, too. Resolves to its queues. Java: `registerTopicMessageQueueChangeListener`. */
  async watchQueues(name: string, { signal }: WaitOptions = {}): Promise<readonly MessageQueue[]> {
    const topic = this.#names.full(name);
    checkTopic(topic);
    return this.#names.shown(await this.#life.running.parts.topicWatch.watch(topic, signal));
  }

  unwatchQueues(topic: string): void {
    this.#life.engine?.parts.topicWatch.unwatch(this.#names.full(topic));
  }

  /** Looks at the group now, as if a notice had come. */
  rebalance(): void {
    this.#life.engine?.wake({ kind: 'manual', at: this.#clock.now() });
  }

  /** The queues that are this member's at the moment. */
  assignment(): readonly MessageQueue[] {
    return this.queues().map(({ queue }) => queue);
  }

  /** The same, and where it stands with each. */
  queues(): readonly QueueStatus[] {
    return this.#names.shown((this.#life.engine?.owned() ?? []).map(queueStatus));
  }

  /** How far this member is behind, by what the last pulls told, or with `fresh` by what the brokers say now. Rejects if one of them says nothing. */
  async lag(options: LagOptions = {}): Promise<ConsumerLag> {
    const { engine, instance } = this.#life;
    return this.#names.shown(lagOf(await lagsOf(instance, engine?.owned() ?? [], options)));
  }

  /** Whether this member does its work, and if not, what is in its way. Costs no request. */
  health(): ConsumerHealth {
    const { state, engine } = this.#life;
    return this.#names.shown(judgeHealth(state, engine?.healthReasons() ?? [], false));
  }

  /** For each subscribed topic: the members, the queues, the strategy, and what it gives to whom. */
  explainAssignment(): readonly AssignmentExplanation[] {
    return this.#names.shown(this.#life.engine?.explain() ?? []);
  }

  get #positions(): Positions {
    return this.#life.running.parts.positions;
  }

  /** Also while the consumer shuts down: what was given out may still be acknowledged. */
  get #engine(): LiteEngine {
    return this.#life.engine ?? this.#life.running;
  }
}
