import { isRetryTopic } from '../../../protocol/message/topic.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { ConsumeError } from '../../errors.ts';
import type { PushContext } from '../consumer-context.ts';
import type { Listener } from '../listener.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { CachedMessage } from '../process-queue.ts';
import { judgeResult, LATER, type Verdict } from './consume-result.ts';
import type { ConsumeService } from './consume-service.ts';
import { isThenable } from './is-thenable.ts';
import { restoreOriginalTopic } from './original-topic.ts';
import type { SendBack } from './send-back.ts';

/** Messages taken from one queue before the next has its turn. */
const TURN = 32;

/** Synchronous listeners may hold the event loop this long in one go, in ms. */
const SLICE = 8;

/** A message that could not be sent back is tried again here after this many ms. Java: `submitConsumeRequestLater`. */
const LOCAL_RETRY = 5_000;

/** Runs the listeners: at most `consumeConcurrency` at a time over all queues, each queue in its turn. Java: `ConsumeMessageConcurrentlyService`. */
export class ConcurrentConsumeService implements ConsumeService {
  readonly #consumer: PushContext;
  readonly #sendBack: SendBack;
  readonly #ready = new Set<OwnedQueue>();
  #limit: number;
  #running = 0;
  #scheduled = false;

  constructor(consumer: PushContext, sendBack: SendBack) {
    this.#consumer = consumer;
    this.#sendBack = sendBack;
    this.#limit = consumer.options.consumeConcurrency;
  }

  /** Listeners at work, those whose failed message is being sent back included. */
  get running(): number {
    return this.#running;
  }

  /** There is something to consume in this queue. */
  offer(owned: OwnedQueue): void {
    this.#ready.add(owned);
    this.#schedule();
  }

  /** In a microtask: the next pull has been written to its connection by then, and one run serves all answers of this turn. */
  #schedule(): void {
    if (this.#scheduled || this.#ready.size === 0 || this.#running >= this.#limit) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#run());
  }

  #run(): void {
    this.#scheduled = false;
    const { clock } = this.#consumer;
    const end = clock.uptime() + SLICE;
    for (const owned of this.#ready) {
      if (this.#running >= this.#limit) return;
      this.#ready.delete(owned);
      this.#turn(owned);
      if (owned.mayDeliver && owned.process.waiting > 0) this.#ready.add(owned);
      if (clock.uptime() < end || this.#ready.size === 0) continue;
      // Let sockets have a turn before going on.
      this.#scheduled = true;
      clock.timer(0, () => this.#run());
      return;
    }
  }

  #turn(owned: OwnedQueue): void {
    const { clock, options, stats } = this.#consumer;
    const { topic } = owned.queue;
    const began = clock.uptime();
    owned.lastConsumeAt = clock.now();
    const before = owned.process.count;
    for (let taken = 0; taken < TURN && this.#running < this.#limit && owned.mayDeliver;) {
      const listener = this.#consumer.subscriptions.get(topic)?.listener;
      // Retried messages may belong to different listeners, so they go one by one.
      if (listener?.kind === 'batch' && !isRetryTopic(topic)) {
        const batch = owned.process.take(options.consumeMessageBatchMaxSize);
        if (batch.length === 0) break;
        this.#consume(owned, batch, listener);
        taken += batch.length;
      } else {
        const entry = owned.process.takeOne();
        if (entry === undefined) break;
        this.#consumeOne(owned, entry, listener);
        taken++;
      }
    }
    const finished = before - owned.process.count;
    if (finished > 0) stats.consumed(topic, finished, (clock.uptime() - began) / finished);
    owned.settled();
  }

  #consumeOne(owned: OwnedQueue, entry: CachedMessage, listener: Listener | undefined): void {
    if (!isRetryTopic(owned.queue.topic)) {
      if (listener !== undefined) this.#consume(owned, [entry], listener);
      return;
    }
    const topic = restoreOriginalTopic(entry.message, this.#consumer.consumerGroup);
    const original = this.#consumer.subscriptions.get(topic)?.listener;
    if (original !== undefined) {
      this.#consume(owned, [entry], original);
      return;
    }
    // Another member's subscription, or one of an earlier version of this service. Acknowledging would lose it.
    const message = `Message ${entry.message.messageId} in ${owned.queue.topic} belongs to topic ${topic}, which has no listener here; it is sent back`;
    this.#consumer.emit('warning', { kind: 'noHandler', topic, message });
    this.#settle(owned, [entry], LATER);
  }

  #consume(owned: OwnedQueue, batch: readonly CachedMessage[], listener: Listener): void {
    let result: unknown;
    try {
      result = this.#invoke(owned, batch, listener);
    } catch (error) {
      this.#settle(owned, batch, LATER, error);
      return;
    }
    if (!isThenable(result)) {
      this.#settle(owned, batch, judgeResult(result));
      return;
    }
    this.#running++;
    const began = this.#consumer.clock.uptime();
    const settled = (verdict: Verdict, error?: unknown): void => {
      this.#consumer.stats.consumed(owned.queue.topic, batch.length, this.#consumer.clock.uptime() - began);
      this.#release();
      this.#settle(owned, batch, verdict, error);
      owned.settled();
    };
    result.then(
      (value) => settled(judgeResult(value)),
      (error: unknown) => settled(LATER, error),
    );
  }

  #invoke(owned: OwnedQueue, batch: readonly CachedMessage[], listener: Listener): unknown {
    const [first] = batch;
    if (listener.kind === 'message') {
      return first === undefined ? undefined : listener.run(first.message, owned.context);
    }
    return listener.run(
      batch.map(({ message }) => message),
      owned.context,
    );
  }

  #settle(owned: OwnedQueue, batch: readonly CachedMessage[], verdict: Verdict, error?: unknown): void {
    const { stats, emit } = this.#consumer;
    if (owned.isEnded) {
      for (const entry of batch) owned.process.abandon(entry);
      stats.void(owned.queue.topic, batch.length);
      return;
    }
    if (verdict.done) {
      for (const entry of batch) owned.process.complete(entry);
      return;
    }
    stats.failed(owned.queue.topic, batch.length);
    for (const entry of batch) {
      const { messageId, reconsumeTimes } = entry.message;
      emit('consumeFailed', {
        queue: owned.queue,
        messageId,
        reconsumeTimes,
        ...(error !== undefined && { error: new ConsumeError(messageId, owned.queue, { cause: error }) }),
      });
      void this.#giveBack(owned, entry, verdict.delayLevel);
    }
  }

  /** Holds a place among the running listeners, so that a failing listener cannot outrun the broker. */
  async #giveBack(owned: OwnedQueue, entry: CachedMessage, delayLevel: number): Promise<void> {
    this.#running++;
    const failure = await this.#sendBack.send(owned, entry.message, delayLevel);
    this.#release();
    if (failure === undefined) {
      this.#consumer.stats.sentBack(owned.queue.topic);
      owned.process.complete(entry);
    } else this.#tryAgainHere(owned, entry);
    owned.settled();
  }

  #tryAgainHere(owned: OwnedQueue, entry: CachedMessage): void {
    const giveUp = (): void => owned.process.abandon(entry);
    if (!owned.isConsumable) {
      giveUp();
      return;
    }
    const message: ReceivedMessage = entry.message;
    message.withReconsumeTimes(message.reconsumeTimes + 1);
    const again = (): void => {
      // The lock is in doubt: another member may have the queue.
      if (!owned.mayDeliver) {
        owned.retryLater(this.#consumer.clock, LOCAL_RETRY, giveUp, again);
        return;
      }
      const { topic } = owned.queue;
      const listener = this.#consumer.subscriptions.get(
        isRetryTopic(topic) ? message.topic : topic,
      )?.listener;
      if (listener === undefined) giveUp();
      else this.#consume(owned, [entry], listener);
    };
    owned.retryLater(this.#consumer.clock, LOCAL_RETRY, giveUp, again);
  }

  #release(): void {
    this.#running--;
    this.#schedule();
  }
}
