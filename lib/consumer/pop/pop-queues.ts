import { isWantedByUser } from '../filter/user-filter.ts';
import { compareQueues, queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { PoppedRecord } from '../../api/pop-message.ts';
import { within } from '../../runtime/within.ts';
import type { PopConsumeService } from './pop-consume-service.ts';
import type { PopContext } from './pop-context.ts';
import { PopLoop } from './pop-loop.ts';
import { PopQueue, type HeldMessage } from './pop-queue.ts';
import type { PopSettlement } from './pop-settlement.ts';
import { siftPopped } from './sift-popped.ts';
import { maxTries } from './pop-verdict.ts';

/** What an assignment has changed. */
export interface PopChange {
  readonly gained: readonly MessageQueue[];
  readonly lost: readonly MessageQueue[];
}

/** The queues this member pops from: how they begin, what they bring, and how they end. */
export class PopQueues {
  readonly #consumer: PopContext;
  readonly #service: PopConsumeService;
  readonly #settlement: PopSettlement;
  readonly #active = new Map<string, { readonly queue: PopQueue; readonly loop: PopLoop }>();
  /** Popped from no more; some of their messages are still held. */
  readonly #leaving = new Set<PopQueue>();

  constructor(consumer: PopContext, service: PopConsumeService, settlement: PopSettlement) {
    this.#consumer = consumer;
    this.#service = service;
    this.#settlement = settlement;
  }

  /** Those that are popped from, and those whose messages are still being consumed. */
  all(): readonly PopQueue[] {
    for (const queue of this.#leaving) if (queue.held === 0) this.#leaving.delete(queue);
    return [...[...this.#active.values()].map(({ queue }) => queue), ...this.#leaving];
  }

  /** What is popped from of one topic, in Java's order. */
  ofTopic(topic: string): readonly MessageQueue[] {
    return [...this.#active.values()]
      .map(({ queue }) => queue.queue)
      .filter((queue) => queue.topic === topic)
      .sort(compareQueues);
  }

  topics(): ReadonlySet<string> {
    return new Set([...this.#active.values()].map(({ queue }) => queue.queue.topic));
  }

  /**
   * Pops a topic from these queues from now on, and from no others. Nothing has to be handed over: what was popped from a lost queue stays this
   * member's, and is consumed.
   */
  assign(topic: string, queues: readonly MessageQueue[]): PopChange {
    const keys = new Set(queues.map(queueKey));
    const lost = [...this.#active.values()].filter(
      ({ queue }) => queue.queue.topic === topic && !keys.has(queue.key),
    );
    const gained = queues.filter((queue) => !this.#active.has(queueKey(queue)));
    for (const { queue, loop } of lost) this.#leave(queue, loop);
    for (const queue of gained) this.#begin(queue);
    return { gained, lost: lost.map(({ queue }) => queue.queue) };
  }

  /** Pops from a queue no more; what was popped is consumed. The next assignment of the queue begins anew. */
  drop(queue: PopQueue): void {
    const active = this.#active.get(queue.key);
    if (active?.queue === queue) this.#leave(queue, active.loop);
  }

  /**
   * Nothing more is popped, and what no listener has begun with is given back; listeners at work have `deadline` ms. Then what they have not finished
   * is given back too.
   */
  async stop(deadline: number): Promise<void> {
    for (const { queue, loop } of this.#active.values()) this.#leave(queue, loop);
    const queues = [...this.#leaving];
    const released = Promise.all(queues.map(async (queue) => this.#releaseWaiting(queue)));
    const { clock } = this.#consumer;
    await within(clock, deadline, Promise.all(queues.map(async (queue) => queue.drained())));
    await released;
    const unfinished = queues.flatMap(({ atWork }) => [...atWork]);
    for (const queue of queues) queue.end();
    await Promise.all(unfinished.map(async (entry) => this.#settlement.release(entry)));
    this.#leaving.clear();
  }

  #begin(queue: MessageQueue): void {
    const { consumerGroup, options } = this.#consumer;
    const popQueue = new PopQueue(queue, consumerGroup, options.namespace);
    const loop = new PopLoop(this.#consumer, popQueue, (each, records) => this.#take(each, records));
    this.#active.set(popQueue.key, { queue: popQueue, loop });
    loop.pop();
  }

  #leave(queue: PopQueue, loop: PopLoop): void {
    loop.stop();
    queue.leave();
    this.#active.delete(queue.key);
    this.#leaving.add(queue);
  }

  async #releaseWaiting(queue: PopQueue): Promise<void> {
    const waiting = this.#service.discardWaiting(queue);
    await Promise.all(waiting.map(async (entry) => this.#settlement.release(entry)));
  }

  #take(queue: PopQueue, records: readonly PoppedRecord[]): void {
    const { subscriptions, options } = this.#consumer;
    const { topic } = queue.queue;
    const subscription = subscriptions.get(topic)?.data;
    // Others may still want what came too late.
    if (queue.state !== 'active' || subscription === undefined) {
      for (const entry of this.#hold(queue, records)) void this.#settlement.release(entry);
      return;
    }
    const mostTries =
      options.consumeMode === 'orderly' ? Number.MAX_SAFE_INTEGER : maxTries(options.maxReconsumeTimes);
    const { wanted, unwanted, exhausted, bad } = siftPopped(records, subscription, mostTries, (message) =>
      isWantedByUser(this.#consumer, queue.queue, message),
    );
    for (const entry of this.#hold(queue, unwanted)) this.#settlement.done(entry);
    for (const entry of this.#hold(queue, exhausted)) void this.#settlement.bury(entry);
    for (const record of bad) this.#settlement.undecodable(queue, record);
    const held = this.#hold(queue, wanted);
    if (held.length > 0) this.#service.offer(queue, held);
  }

  #hold(queue: PopQueue, records: readonly PoppedRecord[]): readonly HeldMessage[] {
    const now = this.#consumer.clock.uptime();
    return records.flatMap((record) => {
      if (!record.ok) return [];
      const { message, handle } = record;
      const entry: HeldMessage = {
        message: message.withTopic(queue.queue.topic),
        queue,
        bytes: message.storeSize,
        handle,
        expiresAt: now + handle.invisibleTime,
      };
      queue.hold(entry);
      return entry;
    });
  }
}
