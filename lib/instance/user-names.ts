import { withNamespace, withoutNamespace } from '../../protocol/message/namespace.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';

/** Members of events and results that name a topic or a group. */
const NAMED: ReadonlySet<string> = new Set(['topic', 'consumerGroup', 'producerGroup']);

/** Between the names that users of a namespace know and those that brokers know. Without a namespace they are the same. Java: `ClientConfig.withNamespace`. */
export class UserNames {
  readonly namespace: string | undefined;

  constructor(namespace: string | undefined) {
    this.namespace = namespace;
  }

  /** The name on the brokers; also of a name that has the namespace already. */
  full(name: string): string {
    return withNamespace(this.namespace, name);
  }

  /** The name for users. */
  short(name: string): string {
    return withoutNamespace(this.namespace, name);
  }

  fullQueue<Q extends MessageQueue>(queue: Q): Q {
    return this.namespace === undefined ? queue : { ...queue, topic: this.full(queue.topic) };
  }

  /** The same of what is either a queue or the name of a topic. */
  /** Queues and topics. A single name is one topic, not its letters. */
  fullTargets(targets: Iterable<MessageQueue | string> | string): (MessageQueue | string)[] {
    const all = typeof targets === 'string' ? [targets] : [...targets];
    return all.map((target) => (typeof target === 'string' ? this.full(target) : this.fullQueue(target)));
  }

  shortQueue<Q extends MessageQueue>(queue: Q): Q {
    return this.namespace === undefined ? queue : { ...queue, topic: this.short(queue.topic) };
  }

  /** An event or a result as users are to see it: a copy with short names in all plain objects. Errors, messages and texts keep the names of the brokers. */
  shown<T>(value: T): T {
    return this.namespace === undefined ? value : (this.#shown(value) as T);
  }

  #shown(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#shown(item));
    if (value instanceof Map)
      return new Map([...value].map(([key, item]) => [this.#shownKey(key), this.#shown(item)]));
    if (!isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.#member(name, item)]));
  }

  #member(name: string, value: unknown): unknown {
    return NAMED.has(name) && typeof value === 'string' ? this.short(value) : this.#shown(value);
  }

  /** Topics; a client id has no `%` before an `@`, and no namespace either. */
  #shownKey(key: unknown): unknown {
    return typeof key === 'string' ? this.short(key) : key;
  }
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
