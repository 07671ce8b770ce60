import { isTraced } from '../../diagnostics.ts';
import { callListener, contextOf, markStart, tracedCall, verdictOf } from '../consume/call-listener.ts';
import { countDone, type Verdict } from '../consume/consume-result.ts';
import { isThenable } from '../consume/is-thenable.ts';
import type { Listener } from '../listener.ts';
import type { PopConsumeService } from './pop-consume-service.ts';
import type { PopContext } from './pop-context.ts';
import type { HeldMessage, PopQueue } from './pop-queue.ts';
import type { PopSettlement } from './pop-settlement.ts';

/** Messages taken from one queue before the next has its turn. */
const TURN = 32;

/** Synchronous listeners may hold the event loop this long in one go, in ms. */
const SLICE = 8;

/** Runs listeners over popped messages: at most `consumeConcurrency` at a time, each queue in its turn. Java: `ConsumeMessagePopConcurrentlyService`. */
export class ConcurrentPopConsumeService implements PopConsumeService {
  readonly #consumer: PopContext;
  readonly #settlement: PopSettlement;
  readonly #waiting = new Map<PopQueue, HeldMessage[]>();
  #limit: number;
  #running = 0;
  #scheduled = false;
  #isTraced = false;

  constructor(consumer: PopContext, settlement: PopSettlement) {
    this.#consumer = consumer;
    this.#settlement = settlement;
    this.#limit = consumer.options.consumeConcurrency;
  }

  get concurrency(): number {
    return this.#limit;
  }

  set concurrency(limit: number) {
    this.#limit = limit;
    this.#schedule();
  }

  goOn(): void {
    this.#schedule();
  }

  offer(queue: PopQueue, entries: readonly HeldMessage[]): void {
    const waiting = this.#waiting.get(queue);
    if (waiting === undefined) this.#waiting.set(queue, [...entries]);
    else waiting.push(...entries);
    this.#schedule();
  }

  discardWaiting(queue: PopQueue): readonly HeldMessage[] {
    const waiting = this.#waiting.get(queue) ?? [];
    this.#waiting.delete(queue);
    return waiting;
  }

  get #hasPlace(): boolean {
    return this.#running < this.#limit;
  }

  /** In a microtask: the next pop has been written to its connection by then, and one run serves all answers of this turn. */
  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0 || !this.#hasPlace) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#run());
  }

  #run(): void {
    this.#scheduled = false;
    this.#isTraced = isTraced('consume');
    const { clock, rate, pauses } = this.#consumer;
    const end = clock.uptime() + SLICE;
    for (const [queue, waiting] of this.#waiting) {
      if (!this.#hasPlace) return;
      if (pauses.has(queue)) continue;
      if (rate.holds(() => this.#run())) {
        this.#scheduled = true;
        return;
      }
      this.#waiting.delete(queue);
      this.#turn(queue, waiting, rate.allowed());
      // Behind the others.
      if (waiting.length > 0) this.#waiting.set(queue, [...waiting, ...(this.#waiting.get(queue) ?? [])]);
      if (clock.uptime() < end || this.#waiting.size === 0) continue;
      // Let sockets have a turn before going on.
      this.#scheduled = true;
      clock.timer(0, () => this.#run());
      return;
    }
  }

  #turn(queue: PopQueue, waiting: HeldMessage[], allowed: number): void {
    const { clock, stats, subscriptions, options, rate, pauses } = this.#consumer;
    const { topic } = queue.queue;
    const listener = subscriptions.get(topic)?.listener;
    if (listener === undefined) {
      // Unsubscribed meanwhile: others may still want them.
      for (const entry of waiting.splice(0)) void this.#settlement.release(entry);
      return;
    }
    const most = listener.kind === 'batch' ? options.consumeMessageBatchMaxSize : 1;
    const turn = Math.min(TURN, allowed);
    const began = clock.uptime();
    const now = clock.now();
    const held = queue.held;
    let taken = 0;
    while (taken < turn && this.#hasPlace && waiting.length > 0 && !pauses.has(queue)) {
      const batch = this.#take(waiting, Math.min(most, allowed - taken));
      if (batch.length > 0)
        this.#consume(queue, batch, listener, listener.kind === 'batch' ? clock.now() : now);
      taken += batch.length;
    }
    rate.spend(taken);
    const finished = held - queue.held;
    if (finished > 0) stats.consumed(topic, finished, (clock.uptime() - began) / finished);
  }

  /** The next messages, without those whose time was up before a listener began. */
  #take(waiting: HeldMessage[], most: number): readonly HeldMessage[] {
    const next = waiting.splice(0, most);
    const isOver = (entry: HeldMessage): boolean => this.#settlement.isOver(entry);
    if (!next.some(isOver)) return next;
    for (const entry of next.filter(isOver)) this.#settlement.dropOver(entry, 'waiting');
    return next.filter((entry) => !isOver(entry));
  }

  #consume(queue: PopQueue, batch: readonly HeldMessage[], listener: Listener, now: number): void {
    markStart(batch, now);
    const context = contextOf(listener, queue.context);
    let result: unknown;
    try {
      result = this.#isTraced
        ? tracedCall(this.#consumer, listener, batch, context)
        : callListener(listener, batch, context);
    } catch (error) {
      this.#settle(queue, batch, verdictOf('later', context), error);
      return;
    }
    if (!isThenable(result)) {
      this.#settle(queue, batch, verdictOf(result, context));
      return;
    }
    this.#begin(queue);
    for (const entry of batch) queue.atWork.add(entry);
    const began = this.#consumer.clock.uptime();
    const settled = (verdict: Verdict, error?: unknown): void => {
      this.#consumer.stats.consumed(queue.queue.topic, batch.length, this.#consumer.clock.uptime() - began);
      for (const entry of batch) queue.atWork.delete(entry);
      this.#settle(queue, batch, verdict, error);
      this.#end(queue);
    };
    result.then(
      (value) => settled(verdictOf(value, context)),
      (error: unknown) => settled(verdictOf('later', context), error),
    );
  }

  #settle(queue: PopQueue, batch: readonly HeldMessage[], verdict: Verdict, error?: unknown): void {
    const done = countDone(verdict, batch.length);
    for (const [index, entry] of batch.entries()) {
      // What was given back at the end of the queue is not this member's any more.
      if (queue.isEnded) this.#consumer.stats.void(queue.queue.topic, 1);
      else if (this.#settlement.isOver(entry)) this.#settlement.dropOver(entry, 'listener');
      else if (index < done) this.#settlement.done(entry);
      else void this.#failed(queue, entry, verdict, error);
    }
  }

  /** Holds a place among the running listeners, so that a failing listener cannot outrun the broker. */
  async #failed(queue: PopQueue, entry: HeldMessage, verdict: Verdict, error: unknown): Promise<void> {
    this.#settlement.tell(entry, 'sentBack', error);
    this.#begin(queue);
    await this.#settlement.failed(entry, verdict);
    this.#end(queue);
  }

  #begin(queue: PopQueue): void {
    this.#running++;
    queue.running++;
  }

  #end(queue: PopQueue): void {
    this.#running--;
    queue.running--;
    queue.idle();
    this.#schedule();
  }
}
