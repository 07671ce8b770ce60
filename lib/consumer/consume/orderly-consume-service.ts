import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { isRetryTopic } from '../../../protocol/message/topic.ts';
import { isTraced } from '../../diagnostics.ts';
import type { RocketMQError } from '../../errors.ts';
import { beginCall, endCall } from '../cached-message.ts';
import type { PushContext } from '../consumer-context.ts';
import type { ConsumeFailedEvent } from '../events.ts';
import type { Listener } from '../listener.ts';
import type { ManualCommit, OwnedQueue } from '../owned-queue.ts';
import type { CachedMessage } from '../process-queue.ts';
import { callListener, tracedCall } from './call-listener.ts';
import type { ConsumeService } from './consume-service.ts';
import { failedEvent } from './failed-event.ts';
import { isThenable } from './is-thenable.ts';
import { OrderlyQueue } from './orderly-queue.ts';
import { clampRest, judgeOrderly, type OrderlyVerdict } from './orderly-verdict.ts';
import { restoreOriginalTopic } from './original-topic.ts';
import { ReadyQueues } from './ready-queues.ts';
import type { SendBack } from './send-back.ts';

/** Messages taken from one queue before the next has its turn. */
const TURN = 32;

/**
 * Runs the listeners of each queue one after the other, and at most `consumeConcurrency` over all queues. A listener at work keeps its queue to itself even when the
 * ownership that it belongs to has ended: the next one of the same queue waits for it. Java: `ConsumeMessageOrderlyService`.
 */
export class OrderlyConsumeService implements ConsumeService {
  readonly #consumer: PushContext;
  readonly #sendBack: SendBack;
  readonly #queues = new WeakMap<OwnedQueue, OrderlyQueue>();
  /** By queue: a listener is at work, or a message on its way to the dead-letter queue. */
  readonly #busy = new Map<string, OrderlyQueue>();
  /** Queues that wait for a listener of an earlier ownership. */
  readonly #blocked = new Map<string, OwnedQueue>();
  readonly #ready: ReadyQueues;
  readonly #rest: number;
  #concurrency: number;

  constructor(consumer: PushContext, sendBack: SendBack) {
    const { options, clock } = consumer;
    this.#consumer = consumer;
    this.#sendBack = sendBack;
    this.#rest = clampRest(options.suspendCurrentQueueTimeMillis);
    const goOn = (): void => this.#ready.schedule();
    this.#ready = new ReadyQueues(
      clock,
      (owned) => this.#turn(owned),
      () => this.#busy.size >= this.#concurrency || consumer.rate.holds(goOn),
    );
    this.#concurrency = options.consumeConcurrency;
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  set concurrency(limit: number) {
    this.#concurrency = limit;
    this.#ready.schedule();
  }

  get running(): number {
    return this.#busy.size;
  }

  offer(owned: OwnedQueue): void {
    const busy = this.#busy.get(owned.key);
    if (busy === undefined) this.#ready.add(owned);
    else if (busy.owned !== owned) this.#blocked.set(owned.key, owned);
  }

  #turn(owned: OwnedQueue): void {
    const queue = this.#queueOf(owned);
    const { clock, stats, rate } = this.#consumer;
    owned.lastConsumeAt = clock.now();
    const allowed = rate.allowed();
    for (let taken = 0; taken < Math.min(TURN, allowed) && this.#mayBegin(queue);) {
      const began = clock.uptime();
      const batch = this.#take(owned, allowed - taken);
      if (batch.length === 0) break;
      taken += batch.length;
      rate.spend(batch.length);
      const work = this.#consume(queue, batch);
      if (work !== undefined) this.#keep(queue, work);
      else stats.consumed(owned.queue.topic, batch.length, clock.uptime() - began);
    }
    if (this.#mayBegin(queue) && owned.process.waiting > 0) this.#ready.add(owned);
    owned.settled();
  }

  #mayBegin({ owned, isResting }: OrderlyQueue): boolean {
    return !isResting && !this.#busy.has(owned.key) && owned.mayDeliver && !this.#consumer.pauses.has(owned);
  }

  #queueOf(owned: OwnedQueue): OrderlyQueue {
    let queue = this.#queues.get(owned);
    if (queue === undefined) {
      queue = new OrderlyQueue(owned);
      this.#queues.set(owned, queue);
      if (!this.#consumer.options.autoCommit) owned.manual = this.#manual(queue);
    }
    return queue;
  }

  /** What the user asks for while a listener runs happens when that ends. */
  #manual(queue: OrderlyQueue): ManualCommit {
    const wish = (wanted: 'commit' | 'rollback'): void => {
      queue.wanted = wanted;
      if (queue.isAtWork) return;
      this.#grantWish(queue);
      queue.owned.settled();
    };
    return { commit: () => wish('commit'), rollback: () => wish('rollback') };
  }

  /** Retried messages may belong to different listeners, so they go one by one. */
  #take({ process, queue: { topic } }: OwnedQueue, most: number): CachedMessage[] {
    const { subscriptions, options } = this.#consumer;
    const isBatch = subscriptions.get(topic)?.listener.kind === 'batch' && !isRetryTopic(topic);
    return process.take(isBatch ? Math.min(options.consumeMessageBatchMaxSize, most) : 1);
  }

  /** The queue is nobody else's until the work is done. */
  #keep(queue: OrderlyQueue, work: Promise<void>): void {
    const { owned } = queue;
    this.#busy.set(owned.key, queue);
    void work.then(() => {
      this.#busy.delete(owned.key);
      owned.settled();
      const next = this.#blocked.get(owned.key) ?? owned;
      this.#blocked.delete(owned.key);
      this.#ready.add(next);
    });
  }

  /** Returns nothing if all is settled, else what is still to be done. Never rejects. */
  #consume(queue: OrderlyQueue, batch: readonly CachedMessage[]): Promise<void> | undefined {
    const listener = this.#listenerOf(queue.owned, batch);
    if (listener === undefined) return this.#sendBackForeign(queue, batch);
    let result: unknown;
    queue.isAtWork = true;
    try {
      result = isTraced('consume')
        ? tracedCall(listener, batch, queue.owned.context)
        : callListener(listener, batch, queue.owned.context);
    } catch (error) {
      return this.#settle(queue, batch, this.#suspend(), error);
    }
    return isThenable(result)
      ? this.#await(queue, batch, result)
      : this.#settle(queue, batch, this.#judge(result));
  }

  async #await(
    queue: OrderlyQueue,
    batch: readonly CachedMessage[],
    result: PromiseLike<unknown>,
  ): Promise<void> {
    const { clock, stats } = this.#consumer;
    const call = beginCall(batch, clock.uptime());
    let verdict = this.#suspend();
    let thrown: unknown;
    try {
      verdict = this.#judge(await result);
    } catch (error) {
      thrown = error;
    }
    stats.consumed(queue.owned.queue.topic, batch.length, clock.uptime() - call.began);
    endCall(call);
    await this.#settle(queue, batch, verdict, thrown);
  }

  #suspend(): OrderlyVerdict {
    return { kind: 'suspend', rest: this.#rest };
  }

  #judge(result: unknown): OrderlyVerdict {
    return judgeOrderly(result, { autoCommit: this.#consumer.options.autoCommit, rest: this.#rest });
  }

  /** The listener of a message, by its original topic; none if it is another member's, or of an earlier version of this service. */
  #listenerOf({ queue }: OwnedQueue, [first]: readonly CachedMessage[]): Listener | undefined {
    const isRetried = isRetryTopic(queue.topic) && first !== undefined;
    const topic = isRetried ? restoreOriginalTopic(first.message, this.#consumer.consumerGroup) : queue.topic;
    return this.#consumer.subscriptions.get(topic)?.listener;
  }

  #settle(
    queue: OrderlyQueue,
    batch: readonly CachedMessage[],
    verdict: OrderlyVerdict,
    error?: unknown,
  ): Promise<void> | undefined {
    queue.isAtWork = false;
    if (this.#isVoid(queue, batch)) return undefined;
    if (verdict.kind === 'suspend' || verdict.kind === 'deadLetter') {
      this.#tell(queue, batch, verdict.kind === 'suspend' ? 'suspended' : 'sentBack', error);
      return verdict.kind === 'suspend'
        ? this.#tryAgain(queue, batch, verdict.rest)
        : this.#giveAway(queue, batch, [], async ({ message }) =>
            this.#sendBack.send(queue.owned, message, -1),
          );
    }
    if (verdict.kind === 'rollback') {
      queue.putBack(batch);
      queue.wanted = 'rollback';
    } else queue.pass(batch, this.#consumer.options.autoCommit);
    if (verdict.kind === 'commit') queue.wanted = 'commit';
    this.#grantWish(queue, verdict.kind === 'rollback' ? verdict.rest : this.#rest);
    return undefined;
  }

  #grantWish(queue: OrderlyQueue, rest = this.#rest): void {
    const { wanted } = queue;
    queue.wanted = undefined;
    if (wanted === 'commit') queue.commit();
    else if (wanted === 'rollback') {
      queue.rollback();
      this.#letRest(queue, rest);
    }
  }

  /** What comes after the end of an ownership counts for nobody. */
  #isVoid({ owned }: OrderlyQueue, batch: readonly CachedMessage[]): boolean {
    if (!owned.isEnded) return false;
    for (const entry of batch) owned.process.abandon(entry);
    this.#consumer.stats.void(owned.queue.topic, batch.length);
    return true;
  }

  #tell(
    { owned: { queue } }: OrderlyQueue,
    batch: readonly CachedMessage[],
    action: ConsumeFailedEvent['action'],
    thrown?: unknown,
  ): void {
    const { stats, emit } = this.#consumer;
    stats.failed(queue.topic, batch.length);
    for (const { message } of batch) emit('consumeFailed', failedEvent(queue, message, action, thrown));
  }

  /** The messages come again after a rest; those that have come too often go to the dead-letter queue. */
  #tryAgain(queue: OrderlyQueue, batch: readonly CachedMessage[], rest: number): Promise<void> | undefined {
    const { maxReconsumeTimes } = this.#consumer.options;
    const most = maxReconsumeTimes === -1 ? Infinity : maxReconsumeTimes;
    const exhausted = batch.filter(({ message }) => message.reconsumeTimes >= most);
    const again = batch.filter(({ message }) => message.reconsumeTimes < most);
    for (const { message } of again) countTry(message);
    if (exhausted.length > 0)
      return this.#giveAway(
        queue,
        exhausted,
        again,
        async ({ message }) => this.#sendBack.sendExhausted(queue.owned, message),
        rest,
      );
    this.#comeAgain(queue, again, rest);
    return undefined;
  }

  /** Another member's subscription, or one of an earlier version of this service. Acknowledging would lose it, waiting would stop the queue. */
  async #sendBackForeign(queue: OrderlyQueue, batch: readonly CachedMessage[]): Promise<void> {
    const { owned } = queue;
    for (const { message } of batch) {
      const { topic, messageId } = message;
      const text = `Message ${messageId} in ${owned.queue.topic} belongs to topic ${topic}, which has no listener here; it is sent back`;
      this.#consumer.emit('warning', { kind: 'noHandler', topic, message: text });
    }
    await this.#giveAway(queue, batch, [], async ({ message }) => this.#sendBack.send(owned, message, 0));
  }

  /** Sends messages away; those that cannot be sent come again here, with those of `again`. */
  async #giveAway(
    queue: OrderlyQueue,
    batch: readonly CachedMessage[],
    again: readonly CachedMessage[],
    send: (entry: CachedMessage) => Promise<RocketMQError | undefined>,
    rest = this.#rest,
  ): Promise<void> {
    const kept = [...again];
    const sent: CachedMessage[] = [];
    for (const entry of batch) {
      const failure = await send(entry);
      if (failure === undefined) sent.push(entry);
      else {
        countTry(entry.message);
        kept.push(entry);
      }
    }
    if (this.#isVoid(queue, [...sent, ...kept])) return;
    this.#consumer.stats.sentBack(queue.owned.queue.topic);
    for (const entry of sent) queue.owned.process.complete(entry);
    this.#grantWish(queue);
    if (kept.length > 0) this.#comeAgain(queue, kept, rest);
  }

  #comeAgain(queue: OrderlyQueue, batch: readonly CachedMessage[], rest: number): void {
    queue.putBack(batch.toSorted((one, other) => one.offset - other.offset));
    this.#grantWish(queue, rest);
    this.#letRest(queue, rest);
  }

  #letRest(queue: OrderlyQueue, rest: number): void {
    const { owned } = queue;
    if (queue.isResting || !owned.isConsumable) return;
    queue.isResting = true;
    const end = (): void => void (queue.isResting = false);
    owned.retryLater(this.#consumer.clock, rest, end, () => {
      end();
      this.offer(owned);
    });
  }
}

/** Only counted here: the broker's copy knows nothing of it. */
function countTry(message: ReceivedMessage): void {
  message.withReconsumeTimes(message.reconsumeTimes + 1);
}
