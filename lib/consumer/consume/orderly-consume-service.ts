import { isRetryTopic } from '../../../protocol/message/topic.ts';
import { isTraced } from '../../diagnostics.ts';
import { beginCall, endCall } from '../cached-message.ts';
import type { PushContext } from '../consumer-context.ts';
import type { ConsumeContext, Listener } from '../listener.ts';
import type { ManualCommit, OwnedQueue } from '../owned-queue.ts';
import type { CachedMessage } from '../process-queue.ts';
import { BatchCallContext } from './batch-context.ts';
import { callListener, contextOf, tracedCall } from './call-listener.ts';
import type { ConsumeService } from './consume-service.ts';
import { isThenable } from './is-thenable.ts';
import { mayDeliver } from './may-deliver.ts';
import { OrderlyQueue } from './orderly-queue.ts';
import { OrderlySettlement } from './orderly-settlement.ts';
import { judgeOrderly, type OrderlyVerdict } from './orderly-verdict.ts';
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
  readonly #settlement: OrderlySettlement;
  readonly #queues = new WeakMap<OwnedQueue, OrderlyQueue>();
  /** By queue: a listener is at work, or a message on its way to the dead-letter queue. */
  readonly #busy = new Map<string, OrderlyQueue>();
  /** Queues that wait for a listener of an earlier ownership. */
  readonly #blocked = new Map<string, OwnedQueue>();
  readonly #ready: ReadyQueues;
  #concurrency: number;

  constructor(consumer: PushContext, sendBack: SendBack) {
    const { options, clock } = consumer;
    this.#consumer = consumer;
    this.#settlement = new OrderlySettlement(consumer, sendBack, (owned) => this.offer(owned));
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
    return !isResting && !this.#busy.has(owned.key) && mayDeliver(this.#consumer, owned);
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
      this.#settlement.grantWish(queue);
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
    if (listener === undefined) return this.#settlement.sendBackForeign(queue, batch);
    const context = contextOf(listener, queue.owned.context);
    let result: unknown;
    queue.isAtWork = true;
    try {
      result = isTraced('consume')
        ? tracedCall(this.#consumer, listener, batch, context)
        : callListener(listener, batch, context);
    } catch (error) {
      return this.#settlement.settle(queue, batch, this.#suspend(), error);
    }
    return isThenable(result)
      ? this.#await(queue, batch, { result, context })
      : this.#settlement.settle(queue, batch, this.#judge(result, context));
  }

  async #await(
    queue: OrderlyQueue,
    batch: readonly CachedMessage[],
    { result, context }: { readonly result: PromiseLike<unknown>; readonly context: ConsumeContext },
  ): Promise<void> {
    const { clock, stats } = this.#consumer;
    const call = beginCall(batch, clock.uptime());
    let verdict = this.#suspend();
    let thrown: unknown;
    try {
      verdict = this.#judge(await result, context);
    } catch (error) {
      thrown = error;
    }
    stats.consumed(queue.owned.queue.topic, batch.length, clock.uptime() - call.began);
    endCall(call);
    await this.#settlement.settle(queue, batch, verdict, thrown);
  }

  #suspend(): OrderlyVerdict {
    return { kind: 'suspend', rest: this.#settlement.rest };
  }

  #judge(result: unknown, context: ConsumeContext): OrderlyVerdict {
    const { autoCommit } = this.#consumer.options;
    const ackIndex = context instanceof BatchCallContext ? context.ackIndex : undefined;
    return judgeOrderly(result, { autoCommit, rest: this.#settlement.rest, ackIndex });
  }

  /** The listener of a message, by its original topic; none if it is another member's, or of an earlier version of this service. */
  #listenerOf({ queue }: OwnedQueue, [first]: readonly CachedMessage[]): Listener | undefined {
    const isRetried = isRetryTopic(queue.topic) && first !== undefined;
    const topic = isRetried ? restoreOriginalTopic(first.message, this.#consumer.consumerGroup) : queue.topic;
    return this.#consumer.subscriptions.get(topic)?.listener;
  }
}
