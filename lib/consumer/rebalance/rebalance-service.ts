import { isRetryTopic } from '../../../protocol/message/topic.ts';
import { RouteNotFoundError } from '../../errors.ts';
import type { ConsumerRole, RebalanceTrigger } from '../../instance/roles.ts';
import type { RouteChange } from '../../routing/route-table.ts';
import { abortable } from '../../runtime/abortable.ts';
import type { Deadline } from '../../runtime/clock.ts';
import { deferred } from '../../runtime/deferred.ts';
import { PeriodicTask } from '../../runtime/periodic-task.ts';
import { within } from '../../runtime/within.ts';
import type { ConsumerContext } from '../consumer-context.ts';

/** Rest between two rebalances whatever sets them off, in ms: a burst of notices makes one more run. */
const MIN_REST = 100;

/** Rest while some topic could not be brought to what the strategy gives, in ms. Java: `RebalanceService`. */
const UNBALANCED_REST = 1_000;

/**
 * So long after a broker came (back) its list of members may lack some that live, in ms: they reconnect within 1 s, and their heartbeat
 * is the first thing they say.
 */
const SETTLING = 2_000;

/** A rebalance under way at shutdown, and queues that it gave up, are waited for this long, in ms. */
const LAST_RUN = 500;

/** What is done in each round. */
export interface RebalanceRounds {
  /** One round over all topics; true when every topic could be brought to what it should be. `isUnsettled`: a broker has come (back) just now, and may not have heard of every member. */
  run(cause: RebalanceTrigger, isUnsettled: boolean): Promise<boolean>;
  /** A round under way changes nothing any more. Resolves when queues that were given up before have gone. */
  stop(): Promise<void>;
}

/**
 * When a consumer rebalances: at the start, when something sets it off, and every `rebalanceInterval`; and the routes it
 * needs for that. Java: `RebalanceService`.
 */
export class RebalanceService {
  readonly #consumer: ConsumerContext;
  readonly #rounds: RebalanceRounds;
  readonly #onQuietRound: () => void;
  readonly #firstRun = deferred();
  #task: PeriodicTask | undefined;
  #trigger: RebalanceTrigger | undefined;
  #balanced = true;
  /** By the clock's uptime. */
  #unsettledUntil = 0;
  /** Addresses this member was connected to. */
  readonly #met = new Set<string>();

  /** @param onQuietRound called after a round that nothing but the interval set off */
  constructor(consumer: ConsumerContext, rounds: RebalanceRounds, onQuietRound: () => void) {
    this.#consumer = consumer;
    this.#rounds = rounds;
    this.#onQuietRound = onQuietRound;
  }

  /** Makes the member known. Resolves after the first heartbeat and the first rebalance. @throws {NameServerError} when no name server answers. */
  async start(role: ConsumerRole, deadline: Deadline): Promise<void> {
    const { instance, clock, options, subscriptions, logger } = this.#consumer;
    instance.routes.on('change', this.#onRouteChange);
    instance.remoting.on('connected', this.#onConnected);
    const { signal } = deadline;
    await Promise.all([...subscriptions.keys()].map(async (topic) => this.follow(topic, deadline)));
    await abortable(instance.addConsumer(role), signal);
    this.#trigger = { kind: 'start', at: clock.now() };
    this.#task = new PeriodicTask({
      clock,
      interval: options.rebalanceInterval,
      minInterval: MIN_REST,
      run: async () => this.#rebalance(),
      onError: (error) => logger.error({ error }, 'Rebalancing failed'),
    });
    await abortable(this.#firstRun.promise, signal);
  }

  /** Asks for a rebalance soon. */
  wake(trigger: RebalanceTrigger): void {
    // Of several causes the first is named, unless a notice of the broker says it better.
    if (this.#trigger === undefined || trigger.kind === 'membersChanged') this.#trigger = trigger;
    this.#task?.wake();
  }

  /** A topic was added while running. */
  async topicAdded(topic: string, signal: AbortSignal): Promise<void> {
    await this.follow(topic, { signal });
    await this.subscriptionsChanged();
  }

  /** Tells the brokers, and rebalances. */
  async subscriptionsChanged(): Promise<void> {
    await this.#consumer.instance.heartbeat();
    this.wake({ kind: 'subscriptionChanged', at: this.#consumer.clock.now() });
  }

  /** Sets nothing off any more; a round under way changes nothing. */
  async stop(): Promise<void> {
    const { instance, clock } = this.#consumer;
    const rounds = this.#rounds.stop();
    instance.routes.off('change', this.#onRouteChange);
    instance.remoting.off('connected', this.#onConnected);
    await within(clock, LAST_RUN, Promise.all([this.#task?.stop(), rounds]));
  }

  /** Keeps the route of a topic up to date from now on. */
  async follow(
    topic: string,
    { signal, remaining }: Pick<Deadline, 'signal'> & Partial<Deadline>,
  ): Promise<void> {
    const { routes } = this.#consumer.instance;
    routes.retain(topic);
    // Brokers make the retry topic when they first hear of the group. Fetched before, its route could lack some of them until the
    // next poll, and members with different routes own different queues; the first rebalance fetches it after the heartbeats.
    if (isRetryTopic(topic)) return;
    try {
      await routes.fetch(topic, { signal, timeout: remaining?.() });
    } catch (error) {
      // The first rebalance says so, and goes on asking.
      if (!(error instanceof RouteNotFoundError)) throw error;
    }
  }

  readonly #onRouteChange = (change: RouteChange): void => {
    const { before, differences } = change;
    if (before !== undefined && differences.some(({ kind }) => kind === 'brokerUp')) this.#unsettle();
    if (this.#consumer.subscriptions.has(change.topic)) this.#consumer.emit('routeChange', change);
  };

  /** A notice of members may come before the answer to the heartbeat that makes us one again: this is before both. */
  readonly #onConnected = ({ address }: { readonly address: string }): void => {
    if (this.#met.has(address)) this.#unsettle();
    else this.#met.add(address);
  };

  #unsettle(): void {
    this.#unsettledUntil = this.#consumer.clock.uptime() + SETTLING;
  }

  async #rebalance(): Promise<number> {
    const { clock, options } = this.#consumer;
    const kind = this.#balanced ? 'interval' : 'unbalanced';
    const cause = this.#trigger ?? { kind, at: clock.now() };
    this.#trigger = undefined;
    try {
      this.#balanced = await this.#rounds.run(cause, clock.uptime() < this.#unsettledUntil);
    } finally {
      this.#firstRun.resolve();
    }
    if (cause.kind === 'interval') this.#onQuietRound();
    return this.#balanced ? options.rebalanceInterval : Math.min(UNBALANCED_REST, options.rebalanceInterval);
  }
}
