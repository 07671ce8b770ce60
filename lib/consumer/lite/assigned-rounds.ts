import { Departures } from '../rebalance/departures.ts';
import { findRoute } from '../rebalance/find-route.ts';
import { MemberWarnings } from '../rebalance/member-warnings.ts';
import type { Ownerships } from '../rebalance/ownerships.ts';
import type { RebalanceRounds } from '../rebalance/rebalance-service.ts';
import type { LiteContext } from './lite-context.ts';

/** What was given out of a queue that is assigned no more has this long to be consumed, in ms; as in a rebalance. */
const DRAIN = 400;

/**
 * Owns the queues that the user named, whatever the group or a route says of them: one that cannot be reached is tried again, at the place
 * where it was. Java: `DefaultLitePullConsumerImpl.assign`.
 */
export class AssignedRounds implements RebalanceRounds {
  readonly #consumer: LiteContext;
  readonly #ownerships: Ownerships;
  readonly #warnings: MemberWarnings;
  readonly #departures: Departures;
  #stopped = false;

  /** @param onGone called when queues that were given up have gone, with whether a round waits for one of them */
  constructor(consumer: LiteContext, ownerships: Ownerships, onGone: (isAwaited: boolean) => void) {
    this.#consumer = consumer;
    this.#ownerships = ownerships;
    this.#warnings = new MemberWarnings(consumer);
    this.#departures = new Departures(consumer, ownerships, onGone);
  }

  async run(): Promise<boolean> {
    const { selection } = this.#consumer;
    const topics = [...selection.subscriptions.keys()];
    const routes = await Promise.all(
      topics.map(async (topic) => findRoute(this.#consumer, this.#warnings, topic)),
    );
    if (this.#stopped) return false;
    const found = new Set(topics.filter((_, index) => routes[index] !== undefined));
    const reachable = [...selection.assigned.values()].filter(({ topic }) => found.has(topic));
    const free = this.#departures.free(reachable);
    for (const queue of free)
      if (this.#ownerships.ofQueue(queue) === undefined) this.#ownerships.assign(queue, 0);
    const queues = this.#ownerships
      .all()
      .filter(({ key, queue }) => !selection.assigned.has(key) && !this.#departures.has(queue));
    if (queues.length > 0) this.#departures.begin({ queues, patience: DRAIN, isTaken: false });
    return found.size === topics.length && free.length === reachable.length;
  }

  /** A round under way changes nothing any more. Resolves when what was given up has gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#departures.settled();
  }
}
