import { parseOffsetMessageId } from '../../protocol/message/message-id.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import type { BrokerCallOptions } from '../api/broker-calls.ts';
import { QueryApi, type MessageQuery } from '../api/query-api.ts';
import { BrokerNotFoundError } from '../errors.ts';
import type { BrokerAddress } from '../routing/broker-table.ts';
import type { TopicRoute } from '../routing/topic-route.ts';
import { withTimeout, type Deadline } from '../runtime/clock.ts';
import type { ClientInstance } from './client-instance.ts';
import type { UserNames } from './user-names.ts';

/** How long a question may take, in ms (default 6,000), and how to give it up. */
export interface QueryWait {
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How messages are looked up by a key. */
export interface QueryMessagesOptions extends QueryWait {
  /** Most messages of each broker; default 32. */
  readonly max?: number | undefined;
  /** Stored at this time, in ms since the epoch, or later; default 0. */
  readonly begin?: number | undefined;
  /** Stored at this time or before; default now. */
  readonly end?: number | undefined;
}

/** Java: `MQAdminImpl.timeoutMillis`. */
const TIMEOUT = 6_000;

/** Most messages that a broker looks up for one question. */
const MAX = 32;

type Question<T> = (address: string, queue: MessageQueue, options: BrokerCallOptions) => Promise<T>;

/** Questions about queues and messages of any topic, to the brokers that have them. Nothing is changed. Java: `MQAdminImpl`. */
export class BrokerQueries {
  readonly #names: UserNames;
  readonly #running: () => ClientInstance;

  /** @param running gives the instance, or throws `IllegalStateError` while there is none */
  constructor(names: UserNames, running: () => ClientInstance) {
    this.#names = names;
    this.#running = running;
  }

  /** The readable queues of a topic, as a name server tells now. @throws {RouteNotFoundError} when there is no such topic. */
  async fetchMessageQueues(topic: string, wait: QueryWait = {}): Promise<readonly MessageQueue[]> {
    const route = await this.#route(topic, wait);
    return route.readableQueues().map((queue) => this.#names.shortQueue(queue));
  }

  /** Offset of the first message that is still there. */
  async minOffset(queue: MessageQueue, wait: QueryWait = {}): Promise<number> {
    const { api } = this.#running();
    return this.#ask(queue, wait, async (...asked) => api.minOffset(...asked));
  }

  /** One more than the offset of the last message. */
  async maxOffset(queue: MessageQueue, wait: QueryWait = {}): Promise<number> {
    const { api } = this.#running();
    return this.#ask(queue, wait, async (...asked) => api.maxOffset(...asked));
  }

  /** Offset of the first message stored at this time, in ms since the epoch, or later; the end if there is none. */
  async offsetForTimestamp(queue: MessageQueue, timestamp: number, wait: QueryWait = {}): Promise<number> {
    const { api } = this.#running();
    return this.#ask(queue, wait, async (address, full, options) =>
      api.searchOffset(address, full, timestamp, options),
    );
  }

  /** When the first message that is still there was stored, in ms since the epoch. */
  async earliestStoreTime(queue: MessageQueue, wait: QueryWait = {}): Promise<number> {
    const { api } = this.#running();
    return this.#ask(queue, wait, async (...asked) => api.earliestStoreTime(...asked));
  }

  /**
   * A message by its id: the one that `send` gave, or the `offsetMessageId` of a message that was read. Undefined if the brokers of the topic have none.
   * Both kinds look alike, so the place that an offset id would name is looked at only if a broker of the topic is there. Java: `viewMessage`.
   */
  async viewMessage(
    topic: string,
    messageId: string,
    wait: QueryWait = {},
  ): Promise<ReceivedMessage | undefined> {
    using deadline = this.#deadline(wait);
    const brokers = await this.#brokersOf(topic, deadline);
    const placed = await this.#viewByPlace(brokers, messageId, deadline);
    if (placed !== undefined) return this.#shown(placed);
    const full = this.#names.full(topic);
    const query = { topic: full, key: messageId, isUnique: true, max: MAX, begin: 0, end: this.#end };
    const found = await this.#query(brokers, query, deadline);
    return found.map((message) => this.#shown(message)).find((message) => message.messageId === messageId);
  }

  /** Messages of a topic with this key, in the order of their storing. Brokers index keys by hash; what only has the same hash is left out. */
  async queryMessages(
    topic: string,
    key: string,
    { max = MAX, begin = 0, end, ...wait }: QueryMessagesOptions = {},
  ): Promise<readonly ReceivedMessage[]> {
    using deadline = this.#deadline(wait);
    const brokers = await this.#brokersOf(topic, deadline);
    const query = { topic: this.#names.full(topic), key, max, begin, end: end ?? this.#end };
    const found = await this.#query(brokers, query, deadline);
    return found
      .filter(({ keys }) => keys.includes(key))
      .map((message) => this.#shown(message))
      .sort((one, other) => one.storeTimestamp - other.storeTimestamp);
  }

  #shown(message: ReceivedMessage): ReceivedMessage {
    return message.withTopic(this.#names.short(message.topic));
  }

  /** Clocks differ: what was stored a moment ago may be of tomorrow here. */
  get #end(): number {
    return this.#running().clock.now() + 86_400_000;
  }

  async #ask<T>(queue: MessageQueue, wait: QueryWait, question: Question<T>): Promise<T> {
    using deadline = this.#deadline(wait);
    const { routes } = this.#running();
    const full = this.#names.fullQueue(queue);
    if (routes.addressOf(full) === undefined) await this.#route(queue.topic, deadline);
    const address = routes.addressOf(full);
    if (address === undefined) throw new BrokerNotFoundError(queue.brokerName);
    return await question(address, full, { signal: deadline.signal });
  }

  async #route(topic: string, { signal, timeout }: QueryWait): Promise<TopicRoute> {
    return this.#running().routes.fetch(this.#names.full(topic), { signal, timeout });
  }

  /** The address of each broker of a topic. */
  async #brokersOf(topic: string, wait: QueryWait): Promise<readonly BrokerAddress[]> {
    const { brokers } = await this.#route(topic, wait);
    const { routes } = this.#running();
    return [...brokers.keys()].flatMap((brokerName) => routes.findBroker(brokerName) ?? []);
  }

  async #viewByPlace(
    brokers: readonly BrokerAddress[],
    messageId: string,
    { signal }: Deadline,
  ): Promise<ReceivedMessage | undefined> {
    const { storeHost, commitLogOffset } = placeOf(messageId) ?? {};
    const broker = brokers.find(({ address }) => address === storeHost);
    if (broker === undefined || commitLogOffset === undefined) return undefined;
    const { address, brokerName } = broker;
    // There may be nothing at this place, or the id is of the other kind: then the index is asked.
    return this.#running()
      .api.viewMessage(address, commitLogOffset, { signal, brokerName })
      .catch((error: unknown) => {
        if (signal.aborted) throw error;
        return undefined;
      });
  }

  async #query(
    brokers: readonly BrokerAddress[],
    query: MessageQuery,
    { signal }: Deadline,
  ): Promise<readonly ReceivedMessage[]> {
    const { remoting, routes } = this.#running();
    const api = new QueryApi(remoting, (address) => routes.originOf(address));
    const asked = brokers.map(async ({ address, brokerName }) =>
      api.queryMessages(address, query, { signal, brokerName }),
    );
    return (await Promise.all(asked)).flat();
  }

  #deadline({ timeout = TIMEOUT, signal }: QueryWait): Deadline {
    return withTimeout(this.#running().clock, timeout, signal);
  }
}

function placeOf(messageId: string): ReturnType<typeof parseOffsetMessageId> | undefined {
  try {
    return parseOffsetMessageId(messageId);
  } catch {
    return undefined;
  }
}
