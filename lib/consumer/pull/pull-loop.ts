import { ownMemory } from '../../../protocol/message/own-memory.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { SubscriptionData } from '../../../protocol/model/subscription-data.ts';
import type { PullRequest, PullResult } from '../../api/pull-message.ts';
import { notify, type Notices } from '../../diagnostics.ts';
import { BrokerNotFoundError, isResponse, type RocketMQError } from '../../errors.ts';
import type { Timer } from '../../runtime/clock.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import { isWantedByUser } from '../filter/user-filter.ts';
import type { PullGate } from '../flow/pull-gate.ts';
import { PullPace } from '../flow/pull-pace.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import { isSettling, pullDelay } from './pull-delay.ts';
import type { PullManner } from './pull-manner.ts';
import { siftRecords } from './sift-records.ts';

/** What a pull loop tells the consumer. */
export interface PullHandler {
  /** Messages were put into the queue's cache. */
  onMessages(owned: OwnedQueue): void;
  /** The broker moved the position; the ownership has to begin anew at `to`. */
  onOffsetMoved(owned: OwnedQueue, to: number, reason: string): void;
}

/**
 * Pulls one owned queue for as long as it is owned: one request outstanding, callbacks only, and no timer unless something went wrong.
 * Java: `PullMessageService` and `DefaultMQPushConsumerImpl.pullMessage`.
 */
export class PullLoop {
  readonly #consumer: ConsumerContext;
  readonly #owned: OwnedQueue;
  readonly #handler: PullHandler;
  readonly #gate: PullGate;
  readonly #manner: PullManner;
  readonly #pace = new PullPace();
  /** Master (0), unless the broker suggested a slave. */
  #brokerId = 0;
  #timer: Timer | undefined;
  /** Rises when the pull under way is given up. */
  #epoch = 0;
  /** In a row. */
  #failures = 0;
  #hasWarned = false;

  /** @param how when the queue may be pulled from, and what is asked for */
  constructor(
    consumer: ConsumerContext,
    owned: OwnedQueue,
    handler: PullHandler,
    how: { readonly gate: PullGate; readonly manner: PullManner },
  ) {
    this.#consumer = consumer;
    this.#gate = how.gate;
    this.#manner = how.manner;
    this.#owned = owned;
    this.#handler = handler;
    owned.pullAgain = () => {
      this.#epoch++;
      this.#timer?.cancel();
      this.pull();
    };
    owned.signal.addEventListener('abort', () => this.#timer?.cancel(), { once: true });
  }

  /** Pulls, unless the queue is paused or its cache full: then as soon as that is over. */
  pull(): void {
    const owned = this.#owned;
    if (owned.state !== 'active') return;
    const { subscriptions, clock } = this.#consumer;
    const verdict = this.#gate(owned);
    if (verdict !== 'pull') {
      if (verdict !== 'paused' && verdict !== 'notLocked')
        this.#consumer.stats.flowControlled(owned.queue.topic);
      owned.hold = verdict;
      owned.whenRoom(() => this.pull());
      return;
    }
    owned.pullBegan = clock.uptime();
    owned.lastPullAt = clock.now();
    const subscription = subscriptions.get(owned.queue.topic)?.data;
    if (subscription === undefined) return;
    const { routes } = this.#consumer.instance;
    const brokerName = routes.brokerOf(owned.queue);
    const broker = routes.findBroker(brokerName, { brokerId: this.#brokerId });
    if (broker === undefined) {
      this.#failed(new BrokerNotFoundError(brokerName));
      return;
    }
    if (this.#failures === 0) owned.hold = undefined;
    const startedAt = owned.pullBegan;
    const offset = owned.process.pulledTo;
    const epoch = this.#epoch;
    this.#consumer.api.pullMessage(
      broker.address,
      this.#request(offset, subscription, broker.address),
      this.#manner.timeout,
      (error, result) => {
        if (owned.state !== 'active' || epoch !== this.#epoch) return;
        if (result === undefined) this.#failed(error);
        else this.#answered(offset, result, clock.uptime() - startedAt);
      },
    );
  }

  /** No offset is committed along with a pull: the broker may carry it out after a later, higher one. */
  #request(queueOffset: number, subscription: SubscriptionData, address: string): PullRequest {
    const { consumerGroup, options } = this.#consumer;
    return {
      ...this.#manner.fields(subscription, address),
      consumerGroup,
      queue: this.#owned.queue,
      queueOffset,
      maxMsgNums: options.pullBatchSize,
      maxMsgBytes: options.pullBatchSizeInBytes,
      commitOffset: 0,
      expressionType: subscription.expressionType,
      brokerId: this.#brokerId,
      maxBodySize: options.maxInflatedSize,
    };
  }

  #answered(offset: number, result: PullResult, took: number): void {
    const owned = this.#owned;
    this.#failures = 0;
    this.#hasWarned = false;
    this.#pace.answered();
    owned.hold = this.#pace.rest > 0 ? 'brokerBusy' : undefined;
    this.#brokerId = result.suggestWhichBrokerId;
    owned.brokerMaxOffset = result.maxOffset;
    notify('pull', () => pullNotice(this.#consumer, owned, result, took));
    if (result.status === 'OFFSET_ILLEGAL') {
      this.#handler.onOffsetMoved(owned, result.nextBeginOffset, result.remark ?? '');
      return;
    }
    if (result.status === 'FOUND') {
      this.#consumer.stats.pulled(owned.queue.topic, result.records.length, took);
      if (!this.#take(offset, result)) return;
    } else owned.process.put([], result.nextBeginOffset);
    this.#again(Math.max(this.#consumer.options.pullInterval, this.#pace.rest));
  }

  /** Puts what was pulled into the cache; false if the queue had to stop. */
  #take(offset: number, result: PullResult): boolean {
    const owned = this.#owned;
    const { subscriptions, options, emit, stats } = this.#consumer;
    const subscription = subscriptions.get(owned.queue.topic)?.data;
    if (subscription === undefined) return false;
    const policy = options.undecodable;
    const sifted = siftRecords(
      result.records,
      { offset, nextOffset: result.nextBeginOffset, policy },
      subscription,
    );
    // First: a filter of the user may ask for bodies.
    ownMemory(sifted.messages);
    const messages = this.#wanted(sifted.messages);
    owned.process.put(messages, sifted.nextOffset);
    const stopped = sifted.stopAt !== undefined;
    if (stopped) owned.stop();
    for (const { queueOffset, error } of sifted.bad) {
      stats.undecodable(owned.queue.topic);
      emit('undecodable', {
        queue: owned.queue,
        queueOffset,
        error,
        action: stopped ? 'stopped' : 'skipped',
      });
    }
    if (messages.length > 0) this.#handler.onMessages(owned);
    return !stopped;
  }

  #wanted(messages: readonly ReceivedMessage[]): readonly ReceivedMessage[] {
    if (this.#consumer.options.filterMessage === undefined) return messages;
    return messages.filter((message) => isWantedByUser(this.#consumer, this.#owned.queue, message));
  }

  #failed(error: RocketMQError | undefined): void {
    const { queue } = this.#owned;
    this.#owned.hold = isResponse(error, 'FLOW_CONTROL') ? 'brokerBusy' : 'pullFailing';
    // The broker may have moved: a slave that was suggested may be gone, and the master is always right.
    this.#brokerId = 0;
    const failures = ++this.#failures;
    if (error !== undefined && !isSettling(error, failures) && !this.#hasWarned) {
      this.#hasWarned = true;
      const message = `Pulling failed and is tried again: ${error.message}`;
      this.#consumer.emit('warning', { kind: 'pullFailed', queue, message, error });
    }
    // The logical queue has gone to another broker.
    if (isResponse(error, 'NOT_LEADER_FOR_QUEUE')) void this.#askForRoute();
    this.#again(pullDelay(error, this.#pace, failures));
  }

  /** A route that cannot be had is asked for again by the polls. */
  async #askForRoute(): Promise<void> {
    await this.#consumer.instance.routes.fetch(this.#owned.queue.topic).catch(() => undefined);
  }

  #again(delay: number): void {
    if (delay <= 0) {
      this.pull();
      return;
    }
    this.#timer = this.#consumer.clock.timer(delay, () => this.pull());
  }
}

function pullNotice(
  { consumerGroup }: ConsumerContext,
  { queue, process }: OwnedQueue,
  { status, records }: PullResult,
  took: number,
): Notices['pull'] {
  return { consumerGroup, ...queue, offset: process.pulledTo, status, messages: records.length, took };
}
