import { isRetryTopic } from '../../../protocol/message/topic.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { isTraced } from '../../diagnostics.ts';
import { beginCall, endCall, type ListenerCall } from '../cached-message.ts';
import type { PushContext } from '../consumer-context.ts';
import type { ConsumeFailedEvent } from '../events.ts';
import type { Listener } from '../listener.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { CachedMessage } from '../process-queue.ts';
import { callListener, contextOf, markStart, tracedCall, verdictOf } from './call-listener.ts';
import { countDone, LATER, type Verdict } from './consume-result.ts';
import type { ConsumeService } from './consume-service.ts';
import { failedEvent } from './failed-event.ts';
import { isThenable } from './is-thenable.ts';
import { mayDeliver } from './may-deliver.ts';
import { restoreOriginalTopic } from './original-topic.ts';
import type { SendBack } from './send-back.ts';
import { warnNoHandler } from './warn-no-handler.ts';

/** Messages taken from one queue before the next has its turn. */
const TURN = 32;

/** Synchronous listeners may hold the event loop this long in one go, in ms. */
const SLICE = 8;

/** A message that could not be sent back is tried again here after this many ms. Java: `submitConsumeRequestLater`. */
const LOCAL_RETRY = 5_000;

/** Runs the listeners: at most `consumeConcurrency` at a time over all queues, each queue in its turn. Java: `ConsumeMessageConcurrentlyService`. */
export class ConcurrentConsumeService implements ConsumeService {
  readonly #consumer: PushContext;
  readonly #sendBack: SendBack | undefined;
  readonly #ready = new Set<OwnedQueue>();
  #limit: number;
  #running = 0;
  #scheduled = false;
  #isTraced = false;

  /** @param sendBack gives failed messages back; without it they are dropped */
  constructor(consumer: PushContext, sendBack: SendBack | undefined) {
    this.#consumer = consumer;
    this.#sendBack = sendBack;
    this.#limit = consumer.options.consumeConcurrency;
  }

  /** Listeners at work, those whose failed message is being sent back included. */
  get running(): number {
    return this.#running;
  }

  /** Listeners at work at the same time; fewer from now on lets the others finish first. Java: `updateCorePoolSize`. */
  get concurrency(): number {
    return this.#limit;
  }

  set concurrency(limit: number) {
    this.#limit = limit;
    this.#schedule();
  }

  /** There is something to consume in this queue. */
  offer(owned: OwnedQueue): void {
    this.#ready.add(owned);
    this.#schedule();
  }

  /** Counts a listener that takes too long no more: what it brings is void, and its place is free. */
  letGo(call: ListenerCall): void {
    if (call.isVoid) return;
    call.isVoid = true;
    this.#release();
  }

  /** In a microtask: the next pull has been written to its connection by then, and one run serves all answers of this turn. */
  #schedule(): void {
    if (this.#scheduled || this.#ready.size === 0 || this.#running >= this.#limit) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#run());
  }

  #run(): void {
    this.#scheduled = false;
    this.#isTraced = isTraced('consume');
    const { clock, rate } = this.#consumer;
    const end = clock.uptime() + SLICE;
    for (const owned of this.#ready) {
      if (this.#running >= this.#limit) return;
      if (rate.holds(() => this.#run())) {
        this.#scheduled = true;
        return;
      }
      this.#ready.delete(owned);
      this.#turn(owned, rate.allowed());
      if (this.#mayDeliver(owned) && owned.process.waiting > 0) this.#ready.add(owned);
      if (clock.uptime() < end || this.#ready.size === 0) continue;
      // Let sockets have a turn before going on.
      this.#scheduled = true;
      clock.timer(0, () => this.#run());
      return;
    }
  }

  #mayDeliver(owned: OwnedQueue): boolean {
    return mayDeliver(this.#consumer, owned);
  }

  #turn(owned: OwnedQueue, allowed: number): void {
    const { clock, options, stats, rate } = this.#consumer;
    const { topic } = owned.queue;
    const began = clock.uptime();
    const now = clock.now();
    owned.lastConsumeAt = now;
    const before = owned.process.count;
    const turn = Math.min(TURN, allowed);
    let taken = 0;
    while (taken < turn && this.#running < this.#limit && this.#mayDeliver(owned)) {
      const listener = this.#consumer.subscriptions.get(topic)?.listener;
      // Retried messages may belong to different listeners, so they go one by one.
      if (listener?.kind === 'batch' && !isRetryTopic(topic)) {
        const batch = owned.process.take(Math.min(options.consumeMessageBatchMaxSize, allowed - taken));
        if (batch.length === 0) break;
        this.#consume(owned, batch, listener, clock.now());
        taken += batch.length;
      } else {
        const entry = owned.process.takeOne();
        if (entry === undefined) break;
        this.#consumeOne(owned, entry, listener, now);
        taken++;
      }
    }
    rate.spend(taken);
    const finished = before - owned.process.count;
    if (finished > 0) stats.consumed(topic, finished, (clock.uptime() - began) / finished);
    owned.settled();
  }

  #consumeOne(owned: OwnedQueue, entry: CachedMessage, listener: Listener | undefined, now: number): void {
    if (!isRetryTopic(owned.queue.topic)) {
      if (listener !== undefined) this.#consume(owned, [entry], listener, now);
      return;
    }
    const topic = restoreOriginalTopic(entry.message, this.#consumer.consumerGroup);
    const original = this.#consumer.subscriptions.get(topic)?.listener;
    if (original !== undefined) {
      this.#consume(owned, [entry], original, now);
      return;
    }
    // Another member's subscription, or one of an earlier version of this service. Acknowledging would lose it.
    warnNoHandler(this.#consumer, owned, entry.message);
    this.#settle(owned, [entry], LATER);
  }

  #consume(owned: OwnedQueue, batch: readonly CachedMessage[], listener: Listener, now: number): void {
    markStart(batch, now);
    const context = contextOf(listener, owned.context);
    let result: unknown;
    try {
      result = this.#isTraced
        ? tracedCall(this.#consumer, listener, batch, context)
        : callListener(listener, batch, context);
    } catch (error) {
      this.#settle(owned, batch, verdictOf('later', context), error);
      return;
    }
    if (!isThenable(result)) {
      this.#settle(owned, batch, verdictOf(result, context));
      return;
    }
    this.#running++;
    const call = beginCall(batch, this.#consumer.clock.uptime());
    result.then(
      (value) => this.#finished(owned, call, verdictOf(value, context)),
      (error: unknown) => this.#finished(owned, call, verdictOf('later', context), error),
    );
  }

  /** A listener that did not return at once is through. */
  #finished(owned: OwnedQueue, call: ListenerCall, verdict: Verdict, error?: unknown): void {
    const { stats, clock } = this.#consumer;
    const { topic } = owned.queue;
    stats.consumed(topic, call.batch.length, clock.uptime() - call.began);
    call.isOver = true;
    if (call.isVoid) {
      stats.void(topic, call.batch.length);
      this.#abandonVoid(owned, call);
      return;
    }
    endCall(call);
    this.#release();
    this.#settle(owned, call.batch, verdict, error);
    owned.settled();
  }

  /** Of an ownership that has ended, what could not be given back belongs to the next owner. */
  #abandonVoid(owned: OwnedQueue, call: ListenerCall): void {
    if (!owned.isEnded || call.isReturning) return;
    for (const entry of call.batch) owned.process.abandon(entry);
    owned.settled();
  }

  #settle(owned: OwnedQueue, batch: readonly CachedMessage[], verdict: Verdict, error?: unknown): void {
    if (owned.isEnded) {
      for (const entry of batch) owned.process.abandon(entry);
      this.#consumer.stats.void(owned.queue.topic, batch.length);
      return;
    }
    if (verdict.done) {
      for (const entry of batch) owned.process.complete(entry);
      return;
    }
    const done = countDone(verdict, batch.length);
    for (const entry of batch.slice(0, done)) owned.process.complete(entry);
    this.#failed(owned, batch.slice(done), verdict.delayLevel, error);
  }

  #failed(owned: OwnedQueue, batch: readonly CachedMessage[], delayLevel: number, error?: unknown): void {
    this.#consumer.stats.failed(owned.queue.topic, batch.length);
    const sendBack = this.#sendBack;
    for (const entry of batch) {
      this.#tellFailed(owned, entry, sendBack === undefined ? 'dropped' : 'sentBack', error);
      if (sendBack === undefined) owned.process.complete(entry);
      else void this.#giveBack(sendBack, owned, entry, delayLevel);
    }
  }

  #tellFailed(
    { queue, key }: OwnedQueue,
    { message }: CachedMessage,
    action: ConsumeFailedEvent['action'],
    thrown: unknown,
  ): void {
    const event = failedEvent(queue, message, action, thrown);
    const facts = { messageId: event.messageId, queue: key, error: event.error };
    if (action === 'dropped') this.#consumer.logger.warn(facts, 'Message dropped, its listener failed');
    this.#consumer.emit('consumeFailed', event);
  }

  /** Holds a place among the running listeners, so that a failing listener cannot outrun the broker. */
  async #giveBack(
    sendBack: SendBack,
    owned: OwnedQueue,
    entry: CachedMessage,
    delayLevel: number,
  ): Promise<void> {
    this.#running++;
    const failure = await sendBack.send(owned, entry.message, delayLevel);
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
        isRetryTopic(topic) ? restoreOriginalTopic(message, this.#consumer.consumerGroup) : topic,
      )?.listener;
      if (listener === undefined) giveUp();
      else this.#consume(owned, [entry], listener, this.#consumer.clock.now());
    };
    owned.retryLater(this.#consumer.clock, LOCAL_RETRY, giveUp, again);
  }

  #release(): void {
    this.#running--;
    this.#schedule();
  }
}
