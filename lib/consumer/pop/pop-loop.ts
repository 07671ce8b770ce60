import type { SubscriptionData } from '../../../protocol/model/subscription-data.ts';
import type { PoppedRecord, PopRequest, PopResult } from '../../api/pop-message.ts';
import { isResponse, type RocketMQError } from '../../errors.ts';
import type { Timer } from '../../runtime/clock.ts';
import { pullDelay } from '../pull/pull-delay.ts';
import { popAddress, type PopContext } from './pop-context.ts';
import { hasPopRoom, popRest } from './pop-flow.ts';
import { PullPace } from '../flow/pull-pace.ts';
import type { PopQueue } from './pop-queue.ts';

/** How long the broker may hold a pop that finds nothing, in ms. Java: `BROKER_SUSPEND_MAX_TIME_MILLIS`. */
const POLL_TIME = 15_000;

/** Must exceed that. Java adds 10 s. */
const POP_TIMEOUT = POLL_TIME + 10_000;

/** Takes what a pop brought; `queue` may be active no more. */
export type OnPopped = (queue: PopQueue, records: readonly PoppedRecord[]) => void;

/**
 * Pops from one queue for as long as it is assigned: one request outstanding, callbacks only. Java: `PullMessageService` and
 * `DefaultMQPushConsumerImpl.popMessage`.
 */
export class PopLoop {
  readonly #consumer: PopContext;
  readonly #queue: PopQueue;
  readonly #onPopped: OnPopped;
  #timer: Timer | undefined;
  #failures = 0;
  #attemptId: string | undefined;

  readonly #pace = new PullPace();

  constructor(consumer: PopContext, queue: PopQueue, onPopped: OnPopped) {
    this.#consumer = consumer;
    this.#queue = queue;
    this.#onPopped = onPopped;
  }

  /** Pops no more. What the request under way brings is handed over all the same. */
  stop(): void {
    this.#timer?.cancel();
  }

  /** Pops, unless too much is held: then as soon as there is room. */
  pop(): void {
    const queue = this.#queue;
    const { options, subscriptions, clock, stats, pauses, pop } = this.#consumer;
    if (queue.state !== 'active') return;
    const isPaused = pauses.has(queue);
    const subscription = subscriptions.get(queue.queue.topic)?.data;
    // A topic that was given up may be wanted again before a round takes its queues.
    if (isPaused || subscription === undefined || !hasPopRoom(queue, options)) {
      if (!isPaused && subscription !== undefined) stats.flowControlled(queue.queue.topic);
      queue.whenRoom(() => this.pop());
      return;
    }
    const began = clock.uptime();
    queue.pullBegan = began;
    queue.lastPopAt = clock.now();
    let address: string;
    try {
      address = popAddress(this.#consumer, queue.queue.brokerName);
    } catch (error) {
      this.#failed(error as RocketMQError);
      return;
    }
    pop.popMessage(address, this.#request(subscription), POP_TIMEOUT, (error, result) => {
      if (result === undefined) this.#failed(error);
      else this.#answered(result, clock.uptime() - began);
    });
  }

  #request({ expressionType, subString }: SubscriptionData): PopRequest {
    const { consumerGroup, options } = this.#consumer;
    return {
      consumerGroup,
      queue: this.#queue.queue,
      maxMsgNums: options.popBatchNums,
      invisibleTime: options.popInvisibleTime,
      pollTime: POLL_TIME,
      from: options.consumeFromWhere === 'first' ? 'first' : 'last',
      expressionType,
      expression: subString,
      isOrderly: options.consumeMode === 'orderly',
      attemptId: options.consumeMode === 'orderly' ? this.#attempt() : undefined,
      maxBodySize: options.maxInflatedSize,
    };
  }

  /** Until it is answered, an orderly pop has the same id: if the answer was lost, the next brings its messages. */
  #attempt(): string {
    const { random } = this.#consumer.instance;
    this.#attemptId ??= `${this.#consumer.clientId}@${Math.floor(random.next() * 2 ** 48).toString(36)}`;
    return this.#attemptId;
  }

  #answered({ status, restNum, records }: PopResult, took: number): void {
    const queue = this.#queue;
    this.#failures = 0;
    queue.isFailing = false;
    this.#pace.answered();
    this.#attemptId = undefined;
    queue.rest = restNum;
    if (records.length > 0) {
      this.#consumer.stats.pulled(queue.queue.topic, records.length, took);
      this.#onPopped(queue, records);
    }
    this.#again(
      Math.max(
        popRest(status, took),
        this.#pace.rest,
        status === 'FOUND' ? this.#consumer.options.pullInterval : 0,
      ),
    );
  }

  #failed(error: RocketMQError | undefined): void {
    const { queue, state } = this.#queue;
    if (state !== 'active') return;
    this.#queue.isFailing = true;
    if (error !== undefined && ++this.#failures === 1) {
      const isOld = isResponse(error, 'REQUEST_CODE_NOT_SUPPORTED');
      const reason = isOld ? `the broker does not know pop, which needs 5.0 or later` : error.message;
      const message = `Popping failed and is tried again: ${reason}`;
      this.#consumer.emit('warning', { kind: 'popFailed', queue, message, error });
    }
    this.#again(pullDelay(error, this.#pace));
  }

  #again(delay: number): void {
    if (this.#queue.state !== 'active') return;
    if (delay <= 0) this.pop();
    else this.#timer = this.#consumer.clock.timer(delay, () => this.pop());
  }
}
