import { popRealTopic } from '../../../protocol/message/pop.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import type { ServerConnection } from '../../remoting/remoting-server.ts';

/** A pop, or a question whether there is something to pop, that found nothing and waits. Java: `PopRequest`. */
export interface PopWaiter {
  readonly connection: ServerConnection;
  readonly topic: string;
  readonly group: string;
  /** Negative: any queue. */
  readonly queueId: number;
  /** By the clock's `now`: when to look again without a new message. */
  readonly until: number;
  /** Does the request again; it may wait once more. */
  resume(): void;
}

/** Java's `popPollingSize`: as many may wait for one queue of a group. */
const mostWaiters = 1024;

/** Java looks after waiting pops so long before their time is up, in ms. */
export const wakeMargin = 50;

/** Pops that wait for messages. Java: `PopLongPollingService`. */
export class PopWaiters {
  readonly #clock: Clock;
  readonly #waiting = new Map<PopWaiter, Timer>();
  /** By topic and by the retry topic of topic and group. */
  readonly #byTopic = new Map<string, Set<PopWaiter>>();
  #arrivals = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether no more may wait for this queue of the group. */
  isFull({ topic, group, queueId }: Pick<PopWaiter, 'topic' | 'group' | 'queueId'>): boolean {
    const same = [...(this.#byTopic.get(topic) ?? [])].filter(
      (waiter) => waiter.group === group && waiter.queueId === queueId,
    );
    return same.length > mostWaiters;
  }

  hold(waiter: PopWaiter): void {
    const timer = this.#clock.timer(Math.max(0, waiter.until - this.#clock.now()), () =>
      this.#resume(waiter),
    );
    this.#waiting.set(waiter, timer);
    for (const topic of topicsOf(waiter)) {
      const waiters = this.#byTopic.get(topic) ?? new Set();
      this.#byTopic.set(topic, waiters.add(waiter));
    }
  }

  /** A message has come, or a queue is free again. Waiting requests go when the turn ends, in their order. */
  arrived(topic: string): void {
    if (!this.#byTopic.has(topic)) return;
    if (this.#arrivals.size === 0) queueMicrotask(() => this.#wake());
    this.#arrivals.add(topic);
  }

  /** Forgets the requests of a connection that is gone. */
  disconnect(connection: ServerConnection): void {
    for (const waiter of this.#waiting.keys()) if (waiter.connection === connection) this.#forget(waiter);
  }

  clear(): void {
    for (const waiter of this.#waiting.keys()) this.#forget(waiter);
    this.#arrivals.clear();
  }

  #wake(): void {
    const topics = this.#arrivals;
    this.#arrivals = new Set();
    // Listed before the first goes: one that finds nothing waits again.
    const due = [...topics].flatMap((topic) => [...(this.#byTopic.get(topic) ?? [])]);
    for (const waiter of due) this.#resume(waiter);
  }

  #resume(waiter: PopWaiter): void {
    if (this.#forget(waiter)) waiter.resume();
  }

  #forget(waiter: PopWaiter): boolean {
    this.#waiting.get(waiter)?.cancel();
    for (const topic of topicsOf(waiter)) {
      const waiters = this.#byTopic.get(topic);
      waiters?.delete(waiter);
      if (waiters?.size === 0) this.#byTopic.delete(topic);
    }
    return this.#waiting.delete(waiter);
  }
}

const topicsOf = ({ topic, group }: PopWaiter): [string, string] => [topic, popRealTopic(topic, group, '1')];
