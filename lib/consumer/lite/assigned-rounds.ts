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
  #stopped = false;

  constructor(consumer: LiteContext, ownerships: Ownerships) {
    this.#consumer = consumer;
    this.#ownerships = ownerships;
    this.#warnings = new MemberWarnings(consumer);
  }

  async run(): Promise<boolean> {
    const { selection } = this.#consumer;
    const topics = [...selection.subscriptions.keys()];
    const routes = await Promise.all(
      topics.map(async (topic) => findRoute(this.#consumer, this.#warnings, topic)),
    );
    if (this.#stopped) return false;
    const found = new Set(topics.filter((_, index) => routes[index] !== undefined));
    for (const [key, queue] of selection.assigned) {
      if (found.has(queue.topic) && this.#ownerships.get(key) === undefined)
        this.#ownerships.assign(queue, 0);
    }
    const dropped = this.#ownerships.all().filter(({ key }) => !selection.assigned.has(key));
    await this.#ownerships.revoke(dropped, DRAIN);
    return found.size === topics.length;
  }

  stop(): void {
    this.#stopped = true;
  }
}
