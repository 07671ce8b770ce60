import { isTraced } from '../../diagnostics.ts';
import type { Timer } from '../../runtime/clock.ts';
import { callListener, contextOf, tracedCall } from '../consume/call-listener.ts';
import { judgeOrderly, type OrderlyVerdict } from '../consume/orderly-verdict.ts';
import type { PopConsumeService } from './pop-consume-service.ts';
import type { PopContext } from './pop-context.ts';
import type { HeldMessage, PopQueue } from './pop-queue.ts';
import type { PopSettlement } from './pop-settlement.ts';

/** Messages taken from one queue before the next has its turn. */
const TURN = 32;

/** The popped messages of one queue of a broker, in order. */
interface Lane {
  readonly waiting: HeldMessage[];
  isBusy: boolean;
  /** Set while the queue rests after a failed message. */
  rest: Timer | undefined;
}

/**
 * Runs listeners over popped messages one after the other within each queue; at most `consumeConcurrency` queues at a time. The broker gives nothing more of a
 * queue to anybody until all that was popped of it is acknowledged or its time is up. A failed message is tried again here after a rest, with those
 * behind it, and they are kept hidden meanwhile. Java has no such service that works: `ConsumeMessagePopOrderlyService`.
 */
export class OrderlyPopConsumeService implements PopConsumeService {
  readonly #consumer: PopContext;
  readonly #settlement: PopSettlement;
  readonly #lanes = new Map<string, Lane>();
  readonly #ready = new Set<Lane>();
  #limit: number;
  #running = 0;

  constructor(consumer: PopContext, settlement: PopSettlement) {
    this.#consumer = consumer;
    this.#settlement = settlement;
    this.#limit = consumer.options.consumeConcurrency;
  }

  /** Queues that are consumed from at the same time. */
  get concurrency(): number {
    return this.#limit;
  }

  set concurrency(limit: number) {
    this.#limit = limit;
    this.#run();
  }

  goOn(): void {
    for (const lane of this.#lanes.values()) if (lane.waiting.length > 0) this.#ready.add(lane);
    this.#run();
  }

  offer(_queue: PopQueue, entries: readonly HeldMessage[]): void {
    for (const entry of entries) {
      const lane = this.#laneOf(entry);
      lane.waiting.push(entry);
      this.#ready.add(lane);
    }
    this.#run();
  }

  discardWaiting(queue: PopQueue): readonly HeldMessage[] {
    const discarded: HeldMessage[] = [];
    for (const [key, lane] of this.#lanes) {
      const kept = lane.waiting.filter((entry) => entry.queue !== queue);
      discarded.push(...lane.waiting.filter((entry) => entry.queue === queue));
      lane.waiting.splice(0, Infinity, ...kept);
      if (kept.length > 0 || lane.isBusy) continue;
      lane.rest?.cancel();
      this.#ready.delete(lane);
      this.#lanes.delete(key);
    }
    return discarded;
  }

  #laneOf({ handle, queue }: HeldMessage): Lane {
    const key = `${queue.queue.topic} ${handle.brokerName} ${handle.queueId}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { waiting: [], isBusy: false, rest: undefined };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  readonly #runAgain = (): void => this.#run();

  #run(): void {
    for (const lane of this.#ready) {
      if (this.#running >= this.#limit) return;
      if (this.#consumer.rate.holds(this.#runAgain)) return;
      this.#ready.delete(lane);
      if (!lane.isBusy && lane.rest === undefined) void this.#work(lane);
    }
  }

  /** One turn of a lane. */
  async #work(lane: Lane): Promise<void> {
    lane.isBusy = true;
    this.#running++;
    for (let taken = 0; taken < TURN && lane.rest === undefined; taken++) {
      if (this.#isHeld(lane)) break;
      const batch = this.#take(lane);
      if (batch === undefined) break;
      this.#consumer.rate.spend(batch.entries.length);
      await this.#consume(lane, batch);
    }
    this.#running--;
    lane.isBusy = false;
    if (lane.waiting.length > 0 && lane.rest === undefined && !this.#isPaused(lane)) this.#ready.add(lane);
    this.#run();
  }

  #isPaused({ waiting: [first] }: Lane): boolean {
    return first !== undefined && this.#consumer.pauses.has(first.queue);
  }

  /** At rest by the user's order, or faster than allowed. */
  #isHeld(lane: Lane): boolean {
    return this.#isPaused(lane) || this.#consumer.rate.allowed() === 0;
  }

  /** The next messages; those whose time is up are dropped, as the broker gives them again, from the first that is not done. */
  #take(lane: Lane): { readonly queue: PopQueue; readonly entries: readonly HeldMessage[] } | undefined {
    const { subscriptions, options } = this.#consumer;
    for (;;) {
      const first = lane.waiting.shift();
      if (first === undefined) return undefined;
      const { queue } = first;
      if (this.#settlement.isOver(first)) {
        this.#settlement.dropOver(first, 'waiting');
        continue;
      }
      const isBatch = subscriptions.get(queue.queue.topic)?.listener.kind === 'batch';
      const most = isBatch ? options.consumeMessageBatchMaxSize - 1 : 0;
      const foreign = lane.waiting.findIndex((entry) => entry.queue !== queue);
      const more = lane.waiting.splice(0, foreign < 0 ? most : Math.min(most, foreign));
      return { queue, entries: [first, ...more] };
    }
  }

  async #consume(
    lane: Lane,
    { queue, entries }: { readonly queue: PopQueue; readonly entries: readonly HeldMessage[] },
  ): Promise<void> {
    const { stats, clock, subscriptions } = this.#consumer;
    const { topic } = queue.queue;
    const listener = subscriptions.get(topic)?.listener;
    if (listener === undefined) {
      await Promise.all(entries.map(async (entry) => this.#settlement.release(entry)));
      return;
    }
    queue.running++;
    for (const entry of entries) queue.atWork.add(entry);
    const began = clock.uptime();
    let result: unknown = 'later';
    let error: unknown;
    try {
      const context = contextOf(listener, queue.context);
      result = await (isTraced('consume')
        ? tracedCall(this.#consumer, listener, entries, context)
        : callListener(listener, entries, context));
    } catch (thrown) {
      error = thrown;
    }
    for (const entry of entries) queue.atWork.delete(entry);
    stats.consumed(topic, entries.length, clock.uptime() - began);
    const rest = this.#consumer.options.suspendCurrentQueueTimeMillis;
    await this.#settle(lane, queue, entries, judgeOrderly(result, { autoCommit: true, rest }), error);
    queue.running--;
    queue.idle();
  }

  async #settle(
    lane: Lane,
    queue: PopQueue,
    entries: readonly HeldMessage[],
    verdict: OrderlyVerdict,
    error: unknown,
  ): Promise<void> {
    if (queue.isEnded) {
      this.#consumer.stats.void(queue.queue.topic, entries.length);
      return;
    }
    if (entries.some((entry) => this.#settlement.isOver(entry))) {
      for (const entry of entries) this.#settlement.dropOver(entry, 'listener');
      return;
    }
    if (verdict.kind === 'done' || verdict.kind === 'commit') {
      for (const entry of entries) this.#settlement.done(entry);
      return;
    }
    for (const entry of entries) this.#settlement.tell(entry, 'suspended', error);
    const again = await this.#bury(entries, verdict);
    if (again.length > 0)
      await this.#suspend(lane, again, 'rest' in verdict ? verdict.rest : 0, queue.state === 'active');
  }

  /** Those whose tries are used up go to the dead-letter queue. Returns the others, in order, with one more try counted. */
  async #bury(entries: readonly HeldMessage[], verdict: OrderlyVerdict): Promise<HeldMessage[]> {
    const { maxReconsumeTimes } = this.#consumer.options;
    const again: HeldMessage[] = [];
    for (const entry of entries) {
      const { message } = entry;
      const isLast = maxReconsumeTimes >= 0 && message.reconsumeTimes >= maxReconsumeTimes;
      if ((verdict.kind === 'deadLetter' || isLast) && (await this.#settlement.buryOrKeep(entry))) continue;
      message.withReconsumeTimes(message.reconsumeTimes + 1);
      again.push(entry);
    }
    return again;
  }

  /** Puts messages back in front, and lets the queue rest. A queue that is given up does not: its messages go back to the broker. */
  async #suspend(lane: Lane, again: readonly HeldMessage[], ms: number, isActive: boolean): Promise<void> {
    if (!isActive) {
      const rest = lane.waiting.splice(0);
      await Promise.all([...again, ...rest].map(async (entry) => this.#settlement.release(entry)));
      return;
    }
    lane.waiting.unshift(...again);
    const { clock, options } = this.#consumer;
    const needed = clock.uptime() + ms + options.popInvisibleTime / 2;
    const ending = lane.waiting.filter(({ expiresAt }) => expiresAt < needed);
    await Promise.all(ending.map(async (entry) => this.#settlement.keep(entry)));
    lane.rest = clock.timer(ms, () => {
      lane.rest = undefined;
      if (lane.waiting.length > 0) this.#ready.add(lane);
      this.#run();
    });
  }
}
