import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { SubscriptionData } from '../../../protocol/model/subscription-data.ts';
import { IllegalStateError, InvalidOptionError } from '../../errors.ts';
import { subscriptionData, type Filter, type Subscription } from '../subscription.ts';

/** subscribe: the group shares the queues of topics. assign: the user names queues, and nobody else is asked. */
export type SelectionMode = 'none' | 'subscribe' | 'assign';

/**
 * What a lite pull consumer reads: topics whose queues the group shares, or queues that the user named. The first call decides which, for good.
 * Java: `SubscriptionType`, `AssignedMessageQueue`.
 */
export class Selection {
  #mode: SelectionMode = 'none';
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #assigned = new Map<string, MessageQueue>();
  /** Filters of topics in assign mode. */
  readonly #filters = new Map<string, SubscriptionData>();

  get mode(): SelectionMode {
    return this.#mode;
  }

  /** What is read of each topic, in either mode. */
  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions;
  }

  /** The queues that the user named, by key. */
  get assigned(): ReadonlyMap<string, MessageQueue> {
    return this.#assigned;
  }

  /** Returns whether the topic is new. @throws {IllegalStateError} when queues were assigned. */
  subscribe(topic: string, filter: Filter, now: number): boolean {
    const data = subscriptionData(topic, filter, now);
    this.#choose('subscribe');
    const isNew = !this.#subscriptions.has(topic);
    this.#subscriptions.set(topic, { topic, data });
    return isNew;
  }

  /** Returns whether there was such a subscription. */
  unsubscribe(topic: string): boolean {
    return this.#mode === 'subscribe' && this.#subscriptions.delete(topic);
  }

  /** Reads these queues and no others. Returns topics that came and went. @throws {IllegalStateError} when topics were subscribed. */
  assign(
    queues: Iterable<MessageQueue>,
    now: number,
  ): { readonly added: readonly string[]; readonly removed: readonly string[] } {
    const wanted = new Map([...queues].map((queue) => [queueKey(queue), queue]));
    if (wanted.size === 0) throw new InvalidOptionError('queues', 'must name at least one queue to assign');
    this.#choose('assign');
    this.#assigned.clear();
    for (const [key, queue] of wanted) this.#assigned.set(key, queue);
    const topics = new Set([...wanted.values()].map(({ topic }) => topic));
    const removed = [...this.#subscriptions.keys()].filter((topic) => !topics.has(topic));
    const added = [...topics].filter((topic) => !this.#subscriptions.has(topic));
    for (const topic of removed) this.#subscriptions.delete(topic);
    for (const topic of added) {
      const data = this.#filters.get(topic) ?? subscriptionData(topic, '*', now);
      this.#subscriptions.set(topic, { topic, data });
    }
    return { added, removed };
  }

  /** Which messages of a topic are wanted in assign mode. @throws {IllegalStateError} when topics were subscribed. */
  filterForAssign(topic: string, filter: Filter, now: number): void {
    const data = subscriptionData(topic, filter, now);
    this.#choose('assign');
    this.#filters.set(topic, data);
    if (this.#subscriptions.has(topic)) this.#subscriptions.set(topic, { topic, data });
  }

  #choose(mode: SelectionMode): void {
    if (this.#mode === 'none') this.#mode = mode;
    if (this.#mode !== mode)
      throw new IllegalStateError(
        'LitePullConsumer',
        `${this.#mode} mode`,
        `${mode} mode: topics are subscribed or queues assigned, not both`,
      );
  }
}
