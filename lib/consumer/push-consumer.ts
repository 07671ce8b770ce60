import { EventEmitter } from 'node:events';

import { checkGroup, checkTopic, retryTopic } from '../../protocol/message/topic.ts';
import { tagSubscription } from '../../protocol/model/subscription-data.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { IllegalStateError, NameServerError, RequestTimeoutError } from '../errors.ts';
import { ClientInstance, type Member } from '../instance/client-instance.ts';
import { resolveLogger, type Logger } from '../logger.ts';
import {
  resolvePushConsumerOptions,
  type PushConsumerOptions,
  type ResolvedPushConsumerOptions,
} from '../options/consumer.ts';
import { systemClock, withTimeout, type Clock } from '../runtime/clock.ts';
import { StateMachine } from '../runtime/state-machine.ts';
import { ConsumerEngine } from './consumer-engine.ts';
import { ConsumerStats } from './consumer-stats.ts';
import type { PushConsumerEvents } from './events.ts';
import type { OwnershipState } from './owned-queue.ts';
import type { AssignmentExplanation } from './rebalance/explain.ts';
import { listenerOf, subscriptionData, type SubscribeOptions, type Subscription } from './subscription.ts';

export type { PushConsumerOptions } from '../options/consumer.ts';

/** How long a call may take, in ms, and how to give it up. */
export interface WaitOptions {
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where this member stands with one of its queues. */
export interface QueueStatus {
  readonly queue: MessageQueue;
  readonly state: OwnershipState;
  /** What the broker has stored for the group, as far as this member knows. */
  readonly committed: number | undefined;
  /** The lowest offset that is not consumed. */
  readonly consumed: number;
  /** One more than the broker's last message, as of the last pull. */
  readonly brokerMaxOffset: number;
  readonly lag: number;
  /** Messages pulled and not yet consumed. */
  readonly cached: number;
}

type ConsumerState = 'created' | 'starting' | 'running' | 'failed' | 'stopping' | 'stopped';

const START_TIMEOUT = 10_000;

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
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #state = new StateMachine<ConsumerState>('PushConsumer', 'created', {
    created: ['starting', 'stopped'],
    starting: ['running', 'failed', 'stopping'],
    running: ['stopping'],
    failed: ['stopped'],
    stopping: ['stopped'],
    stopped: [],
  });
  readonly #member: Member;
  readonly #abort = new AbortController();
  #instance: ClientInstance | undefined;
  #engine: ConsumerEngine | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** @throws {InvalidOptionError} that names the option, what was given and what is allowed. */
  constructor(options: PushConsumerOptions) {
    super();
    this.#clock = options.environment?.clock ?? systemClock;
    this.#options = resolvePushConsumerOptions(options, this.#clock.now());
    const { consumerGroup } = this.#options;
    checkGroup(consumerGroup);
    this.#member = { kind: 'consumer', group: consumerGroup, messageModel: 'CLUSTERING' };
    this.#logger = resolveLogger(this.#options.logger).child({ component: 'consumer', consumerGroup });
    // Failed messages come back through the group's own topic; its listener is that of the message's original topic.
    const topic = retryTopic(consumerGroup);
    const data = tagSubscription(topic, '*', this.#clock.now());
    this.#subscriptions.set(topic, { topic, data, listener: { kind: 'message', run: () => 'later' } });
  }

  /** `ip@instanceName`, as the broker lists this member; known once `start` was called. */
  get clientId(): string | undefined {
    return this.#instance?.clientId;
  }

  get consumerGroup(): string {
    return this.#options.consumerGroup;
  }

  /** Consumes a topic too, or differently from now on. May be called before and after `start`. @throws {InvalidOptionError} unless there is exactly one listener. */
  subscribe(topic: string, options: SubscribeOptions): this {
    checkTopic(topic);
    const data = subscriptionData(topic, options.filter ?? '*', this.#clock.now());
    const isNew = !this.#subscriptions.has(topic);
    this.#subscriptions.set(topic, { topic, data, listener: listenerOf(topic, options) });
    const engine = this.#engine;
    if (engine !== undefined) {
      this.#inBackground(
        isNew ? engine.subscriptionAdded(topic, this.#abort.signal) : engine.subscriptionsChanged(),
      );
    }
    return this;
  }

  /** Consumes a topic no more: its queues are drained, committed and given up. */
  unsubscribe(topic: string): this {
    if (topic === retryTopic(this.consumerGroup) || !this.#subscriptions.delete(topic)) return this;
    this.#instance?.routes.release(topic);
    if (this.#engine !== undefined) this.#inBackground(this.#engine.subscriptionsChanged());
    return this;
  }

  /**
   * Joins the group. Resolves after the first heartbeat and the first rebalance; a topic that does not exist yet is a warning. Calling it again does nothing more.
   * @throws {NameServerError} when no name server answers within `timeout` (10 s), {RequestTimeoutError} when brokers do not.
   */
  async start({ timeout = START_TIMEOUT, signal }: WaitOptions = {}): Promise<void> {
    this.#starting ??= this.#start(timeout, signal);
    await this.#starting;
  }

  /**
   * Leaves the group: pulling stops, running listeners finish (at most `timeout`, default `awaitTerminationMillisWhenShutdown`), offsets are committed, the other
   * members are told, connections close. Calling it again waits for the same end.
   */
  async shutdown({ timeout }: WaitOptions = {}): Promise<void> {
    this.#stopping ??= this.#stop(timeout ?? this.#options.awaitTerminationMillisWhenShutdown);
    await this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /** Looks at the group now, as if a notice had come. */
  rebalance(): void {
    this.#engine?.wake({ kind: 'manual', at: this.#clock.now() });
  }

  /** The queues this member owns, and where it stands with each; those of the group's retry topic included. */
  queues(): readonly QueueStatus[] {
    return (this.#engine?.owned() ?? []).map((owned) => ({
      queue: owned.queue,
      state: owned.state,
      committed: owned.committed,
      consumed: owned.process.commitOffset,
      brokerMaxOffset: owned.brokerMaxOffset,
      lag: owned.lag,
      cached: owned.process.count,
    }));
  }

  /** For each topic: the members, the queues, the strategy, and what it gives to whom. */
  explainAssignment(): readonly AssignmentExplanation[] {
    return this.#engine?.explain() ?? [];
  }

  async #start(timeout: number, signal?: AbortSignal): Promise<void> {
    this.#state.to('starting');
    const abort = signal === undefined ? this.#abort.signal : AbortSignal.any([signal, this.#abort.signal]);
    using deadline = withTimeout(this.#clock, timeout, abort, () => this.#startTimedOut(timeout));
    try {
      const instance = ClientInstance.obtain(this.#options, this.#member);
      this.#instance = instance;
      await instance.start(deadline.signal);
      const engine = this.#assemble(instance);
      this.#engine = engine;
      await engine.start(deadline);
      if (this.#state.is('starting')) this.#state.to('running');
    } catch (error) {
      if (this.#state.is('starting')) {
        this.#state.to('failed');
        await this.#release(0, 0);
      }
      throw error;
    }
  }

  async #stop(timeout: number): Promise<void> {
    if (this.#state.is('created', 'failed')) {
      this.#state.to('stopped');
      return;
    }
    this.#state.to('stopping');
    this.#abort.abort(new IllegalStateError('PushConsumer', 'stopping', 'running'));
    await this.#starting?.catch(() => {});
    await this.#release(timeout);
    this.#state.to('stopped');
  }

  /** `patience`: how long brokers have to hear that we leave, in ms. */
  async #release(timeout: number, patience?: number): Promise<void> {
    await this.#engine?.stop(timeout, patience);
    await this.#instance?.release(this.#member, patience);
  }

  #startTimedOut(after: number): Error {
    if (this.#engine === undefined)
      return new NameServerError([], `No name server was found within ${after} ms`);
    const phase = 'waiting for the first heartbeat and the first rebalance';
    return new RequestTimeoutError('the brokers', 'HEART_BEAT', after, { phase, retryable: true });
  }

  #assemble(instance: ClientInstance): ConsumerEngine {
    const { clientId, api, clock } = instance;
    return new ConsumerEngine({
      consumerGroup: this.consumerGroup,
      clientId,
      options: this.#options,
      instance,
      api,
      clock,
      logger: this.#logger,
      stats: new ConsumerStats(clock),
      subscriptions: this.#subscriptions,
      emit: (name, ...event) => this.#tell(name, ...event),
    });
  }

  /** A handler that throws must not stop consumption, nor go unseen. */
  #tell<K extends keyof PushConsumerEvents>(name: K, ...event: PushConsumerEvents[K]): void {
    if (name === 'warning') this.#logger.warn(event[0], 'Warning');
    try {
      // The overloads of `emit` cannot follow a generic event name.
      (this.emit as (name: string, ...event: readonly unknown[]) => boolean).call(this, name, ...event);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error), 'RocketMQEventHandlerError');
    }
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#abort.signal.aborted) this.#logger.warn({ error }, 'Change of subscription is told later');
    });
  }
}
