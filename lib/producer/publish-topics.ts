import { checkTopic, isSendableTopic } from '../../protocol/message/topic.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { InvalidMessageError, RouteNotFoundError } from '../errors.ts';
import type { RouteChange, RouteTable } from '../routing/route-table.ts';
import type { TopicRoute } from '../routing/topic-route.ts';
import type { DefaultTopic } from '../routing/default-route.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { QueueSelector } from './queue-selector.ts';

/** A topic that a producer has sent to: its queues and where their brokers are. Java: `TopicPublishInfo`. */
export class PublishTopic {
  readonly selector: QueueSelector;
  #route: TopicRoute;

  constructor(route: TopicRoute, random: Random) {
    this.selector = new QueueSelector(route.topic, route.writableQueues(), random);
    this.#route = route;
  }

  get queues(): readonly MessageQueue[] {
    return this.selector.queues;
  }

  set route(route: TopicRoute) {
    this.#route = route;
    this.selector.queues = route.writableQueues();
  }

  /** The broker that a queue is on. */
  brokerOf(queue: MessageQueue): string {
    return this.#route.brokerOf(queue);
  }

  /** Address of the broker's master in the route of this topic. */
  masterAddress(brokerName: string): string | undefined {
    return this.#route.masterAddress(brokerName);
  }
}

/** Milliseconds between two refreshes of one topic. */
const refreshRest = 1_000;

export interface PublishTopicsOptions {
  readonly routes: RouteTable;
  readonly random: Random;
  readonly defaultTopic: DefaultTopic;
  readonly clock: Clock;
  /** Of one fetch, in milliseconds. */
  readonly requestTimeout: number;
}

/** The topics a producer sends to. A topic is fetched when it is first used, and then kept up to date. */
export class PublishTopics {
  readonly #options: PublishTopicsOptions;
  readonly #topics = new Map<string, PublishTopic>();
  readonly #loading = new Map<string, Promise<PublishTopic>>();
  readonly #retained = new Set<string>();
  /** Uptime of the last {@link refresh}, by topic. */
  readonly #refreshedAt = new Map<string, number>();
  readonly #follow = (change: RouteChange): void => this.#routeChanged(change);

  constructor(options: PublishTopicsOptions) {
    this.#options = options;
    options.routes.on('change', this.#follow);
  }

  /** A topic that is ready to be sent to, or `undefined` when it must be {@link load}ed first. */
  get(topic: string): PublishTopic | undefined {
    const known = this.#topics.get(topic);
    return known !== undefined && known.queues.length > 0 ? known : undefined;
  }

  names(): Iterable<string> {
    return this.#retained;
  }

  /**
   * Checks the name and fetches the route; callers that need the same topic share one fetch. Throws `InvalidMessageError`,
   * `RouteNotFoundError` when no broker could take the topic, `NameServerError`.
   */
  async load(topic: string): Promise<PublishTopic> {
    let loading = this.#loading.get(topic);
    if (loading === undefined) {
      loading = this.#fetch(topic).finally(() => this.#loading.delete(topic));
      this.#loading.set(topic, loading);
    }
    return loading;
  }

  /**
   * Asks for the route again without waiting for it, at most once a second: a broker that cannot be reached may have
   * moved, and the next poll of the routes may be half a minute away.
   */
  refresh(topic: string): void {
    const { routes, clock, requestTimeout } = this.#options;
    const now = clock.uptime();
    if (now - (this.#refreshedAt.get(topic) ?? -refreshRest) < refreshRest) return;
    this.#refreshedAt.set(topic, now);
    // Whatever comes of it: a new route is told by the event, without one the old stays.
    routes.fetch(topic, { timeout: requestTimeout }).catch(() => undefined);
  }

  /** Stops following routes. */
  close(): void {
    this.#options.routes.off('change', this.#follow);
    for (const topic of this.#retained) this.#options.routes.release(topic);
    this.#retained.clear();
  }

  async #fetch(topic: string): Promise<PublishTopic> {
    checkSendable(topic);
    const { routes, defaultTopic, requestTimeout } = this.#options;
    const route = await routes.fetch(topic, { useDefaultTopic: defaultTopic, timeout: requestTimeout });
    const known = this.#keep(topic, route);
    if (known.queues.length === 0) {
      throw new RouteNotFoundError(topic, {
        cause: new Error('The route has no queue that can be written to and whose broker has a master'),
      });
    }
    return known;
  }

  #keep(topic: string, route: TopicRoute): PublishTopic {
    let known = this.#topics.get(topic);
    if (known === undefined) this.#topics.set(topic, (known = new PublishTopic(route, this.#options.random)));
    else known.route = route;
    if (!this.#retained.has(topic)) {
      this.#retained.add(topic);
      this.#options.routes.retain(topic);
    }
    return known;
  }

  #routeChanged({ topic, after }: RouteChange): void {
    const known = this.#topics.get(topic);
    if (known !== undefined && after !== undefined) known.route = after;
  }
}

function checkSendable(topic: string): void {
  try {
    checkTopic(topic);
  } catch (cause) {
    throw new InvalidMessageError(
      topic,
      `has a topic that brokers refuse: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  if (!isSendableTopic(topic))
    throw new InvalidMessageError(topic, 'is for a topic that only brokers write to; choose another');
}
