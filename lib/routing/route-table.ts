import { EventEmitter } from 'node:events';

import { Commands } from '../../protocol/commands/index.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { isResponse, NameServerError, RouteNotFoundError } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import type { Logger } from '../logger.ts';
import type { Clock } from '../runtime/clock.ts';
import { abortable } from '../runtime/abortable.ts';
import { withTimeout } from '../runtime/clock.ts';
import { BrokerTable } from './broker-table.ts';
import type { BrokerAddress, BrokerChoice } from './broker-table.ts';
import { deriveRoute, readDefaultTopic } from './default-route.ts';
import type { DefaultTopic } from './default-route.ts';
import type { NameServers } from './name-servers.ts';
import { compareRoutes } from './route-difference.ts';
import type { RouteChange, RouteDifference } from './route-difference.ts';
import { TopicRoute } from './topic-route.ts';
import type { AddressOrigin } from './unreachable.ts';

export type { BrokerAddress, BrokerChoice } from './broker-table.ts';
export type { RouteChange, RouteDifference } from './route-difference.ts';

export interface RouteTableOptions {
  readonly nameServers: Pick<NameServers, 'ask'>;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Of one request to the name servers, in milliseconds. Default 3000. */
  readonly requestTimeout?: number;
  /** Topics to follow besides the retained ones. */
  readonly topics?: () => Iterable<string>;
}

export interface FetchRouteOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for all of it. Default: each request to the name servers has the table's `requestTimeout`. */
  readonly timeout?: number | undefined;
  /** If the topic does not exist, answer the route it will have once a message creates it. */
  readonly useDefaultTopic?: boolean | DefaultTopic | undefined;
}

/** How long a broker that went down is looked for with more zeal, in milliseconds. */
const lossRemembered = 10 * 60_000;

/** Of a caller's timeout: the error of the name servers, which tells what each did, is to come before the bare deadline. */
const shareOfQuestion = 0.9;

/** How many routes one poll asks for at a time. */
const pollWidth = 32;

/**
 * The routes this process works with, each the last that a name server told. A `change` event follows every difference.
 * A failed poll keeps what is known. Java: the route part of `MQClientInstance`.
 */
export class RouteTable extends EventEmitter<{ change: [RouteChange] }> {
  readonly #options: RouteTableOptions;
  readonly #logger: Logger;
  readonly #routes = new Map<string, TopicRoute>();
  /** Routes of topics that do not exist yet; they lend their brokers' addresses until the topic does. */
  readonly #expected = new Map<string, TopicRoute>();
  readonly #flights = new Map<string, Promise<TopicRoute>>();
  readonly #retained = new Map<string, number>();
  readonly #brokers = new BrokerTable();
  /** Names of brokers that went down, and when by the clock's uptime. */
  readonly #lost = new Map<string, number>();

  constructor(options: RouteTableOptions) {
    super();
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
  }

  /** The known route, without asking. A route that is only expected (default topic) is not known. */
  get(topic: string): TopicRoute | undefined {
    return this.#routes.get(topic);
  }

  /**
   * Asks a name server; callers that ask for the same topic at once share one request. Throws `RouteNotFoundError` if the
   * topic does not exist, which leaves a known route as it is, and `NameServerError` if nobody answers.
   */
  async fetch(
    topic: string,
    { signal, timeout, useDefaultTopic = false }: FetchRouteOptions = {},
  ): Promise<TopicRoute> {
    const limit = Math.min(this.#requestTimeout, (timeout ?? Infinity) * shareOfQuestion);
    if (timeout === undefined) return this.#fetchOrExpect(topic, useDefaultTopic, limit, signal);
    const late = (): Error =>
      new NameServerError([], `No route for topic ${topic} came within ${timeout} ms`);
    using deadline = withTimeout(this.#options.clock, timeout, signal, late);
    return await this.#fetchOrExpect(topic, useDefaultTopic, limit, deadline.signal);
  }

  /** Fetches the routes of all followed topics and forgets those nobody follows. Never throws for a single topic. */
  async refreshAll(signal?: AbortSignal): Promise<void> {
    const topics = this.#followed();
    this.#forgetOthers(topics);
    const waiting = [...topics];
    while (waiting.length > 0) {
      if (signal?.aborted === true) return;
      await Promise.all(waiting.splice(0, pollWidth).map(async (topic) => this.#poll(topic, signal)));
    }
  }

  /** Follows a topic until it is released as often as it was retained. */
  retain(topic: string): void {
    this.#retained.set(topic, (this.#retained.get(topic) ?? 0) + 1);
  }

  release(topic: string): void {
    const count = (this.#retained.get(topic) ?? 0) - 1;
    if (count > 0) this.#retained.set(topic, count);
    else this.#retained.delete(topic);
  }

  /** Address of a broker: the master's, or the one wanted; any other of the same broker in its place unless `onlyThis`. */
  brokerAddress(brokerName: string, choice?: BrokerChoice): string | undefined {
    return this.#brokers.find(brokerName, choice)?.address;
  }

  /** The broker to turn to for a queue: its own, or of a logical queue of a static topic the one that has it now. */
  brokerOf(queue: MessageQueue): string {
    return this.#routes.get(queue.topic)?.brokerOf(queue) ?? queue.brokerName;
  }

  /** {@link brokerAddress} of a queue's broker. */
  addressOf(queue: MessageQueue, choice?: BrokerChoice): string | undefined {
    return this.brokerAddress(this.brokerOf(queue), choice);
  }

  /** As {@link brokerAddress}, and tells which one was found: anything but id 0 is a slave. */
  findBroker(brokerName: string, choice?: BrokerChoice): BrokerAddress | undefined {
    return this.#brokers.find(brokerName, choice);
  }

  /** Every address of every broker of the known and expected routes. */
  brokerAddresses(): readonly BrokerAddress[] {
    return this.#brokers.all();
  }

  /** Whether a broker has left the routes in the last ten minutes and not come back. */
  get missesBroker(): boolean {
    for (const [brokerName, lostAt] of this.#lost) {
      if (this.#options.clock.uptime() - lostAt > lossRemembered) this.#lost.delete(brokerName);
    }
    return this.#lost.size > 0;
  }

  /** Topics whose routes are known. */
  knownTopics(): readonly string[] {
    return [...this.#routes.keys()];
  }

  /** Where a broker's address was learned. */
  originOf(address: string): AddressOrigin | undefined {
    return this.#brokers.originOf(address);
  }

  get #requestTimeout(): number {
    return this.#options.requestTimeout ?? 3_000;
  }

  #followed(): Set<string> {
    return new Set([...this.#retained.keys(), ...(this.#options.topics?.() ?? [])]);
  }

  #forgetOthers(followed: ReadonlySet<string>): void {
    for (const topic of [...this.#routes.keys(), ...this.#expected.keys()]) {
      if (!followed.has(topic)) this.#store(topic, undefined);
    }
  }

  async #poll(topic: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.fetch(topic, { signal });
    } catch (error) {
      if (signal?.aborted === true) return;
      // Retry topics and topics that wait for their first message do not exist for a while; that is no news.
      const level = error instanceof RouteNotFoundError ? 'debug' : 'warn';
      this.#logger[level]({ topic, error, kept: this.#routes.has(topic) }, 'Route not refreshed');
    }
  }

  async #fetchOrExpect(
    topic: string,
    useDefaultTopic: boolean | DefaultTopic,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<TopicRoute> {
    try {
      return await abortable(this.#fetchOnce(topic, limit), signal);
    } catch (error) {
      if (!(error instanceof RouteNotFoundError) || useDefaultTopic === false) throw error;
      const known = this.#routes.get(topic);
      return known ?? (await abortable(this.#fetchExpected(topic, useDefaultTopic, error, limit), signal));
    }
  }

  async #fetchOnce(topic: string, limit: number): Promise<TopicRoute> {
    // One in a hurry asks for itself: others have more patience.
    if (limit < this.#requestTimeout) return this.#ask(topic, limit);
    const flying = this.#flights.get(topic);
    if (flying !== undefined) return flying;
    const flight = this.#ask(topic, limit).finally(() => this.#flights.delete(topic));
    this.#flights.set(topic, flight);
    return flight;
  }

  async #ask(topic: string, limit: number): Promise<TopicRoute> {
    try {
      const route = await this.#askNameServers(topic, topic, limit);
      this.#store(topic, route);
      return route;
    } catch (error) {
      if (isResponse(error, 'TOPIC_NOT_EXIST')) throw new RouteNotFoundError(topic, { cause: error });
      throw error;
    }
  }

  async #askNameServers(
    topic: string,
    asked: string,
    timeout: number,
    queueNums?: number,
  ): Promise<TopicRoute> {
    const header = { topic: asked, acceptStandardJsonOnly: true };
    const asking = this.#options.nameServers.ask(Commands.getRouteInfoByTopic, header, undefined, {
      timeout,
    });
    const { answer, address } = await asking.catch((error: unknown) => {
      if (!(error instanceof NameServerError)) throw error;
      throw new NameServerError(error.attempts, `No name server told the route of topic ${topic}`);
    });
    const data = queueNums === undefined ? answer.body : deriveRoute(answer.body, queueNums);
    return new TopicRoute(topic, data, address);
  }

  async #fetchExpected(
    topic: string,
    given: true | DefaultTopic,
    notFound: RouteNotFoundError,
    limit: number,
  ): Promise<TopicRoute> {
    const { name, queueNums } = readDefaultTopic(given);
    try {
      const route = await this.#askNameServers(topic, name, limit, queueNums);
      this.#expected.set(topic, route);
      this.#rebuildBrokers();
      return route;
    } catch (error) {
      throw isResponse(error, 'TOPIC_NOT_EXIST') ? notFound : error;
    }
  }

  #store(topic: string, after: TopicRoute | undefined): void {
    const before = this.#routes.get(topic);
    const differences = compareRoutes(before, after);
    this.#routes.delete(topic);
    if (after !== undefined) this.#routes.set(topic, after);
    const wasExpected = this.#expected.delete(topic);
    if (differences.length === 0 && !wasExpected) return;
    this.#rebuildBrokers();
    if (differences.length === 0) return;
    for (const problem of after?.problems ?? [])
      this.#logger.warn({ topic, source: after?.source, problem }, 'Address in route refused');
    if (after !== undefined) this.#noteLosses(differences);
    this.#logger.info({ topic, differences }, 'Route changed');
    this.emit('change', { topic, ...(before && { before }), ...(after && { after }), differences });
  }

  #noteLosses(differences: readonly RouteDifference[]): void {
    for (const { kind, brokerName } of differences) {
      if (kind === 'brokerDown') this.#lost.set(brokerName, this.#options.clock.uptime());
      else if (kind === 'brokerUp') this.#lost.delete(brokerName);
    }
  }

  #rebuildBrokers(): void {
    this.#brokers.replace([...this.#expected.values(), ...this.#routes.values()]);
  }
}
