import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { RebalanceTrigger } from '../../instance/roles.ts';
import { findRoute } from '../rebalance/find-route.ts';
import { MemberWarnings } from '../rebalance/member-warnings.ts';
import type { RebalanceRounds } from '../rebalance/rebalance-service.ts';
import type { PushSubscription } from '../subscription.ts';
import type { PopContext } from './pop-context.ts';
import type { PopRetries } from './pop-retries.ts';
import type { PopQueues } from './pop-queues.ts';
import type { TopicMode, TopicModes } from './topic-modes.ts';

/** Rounds over the pulled topics. */
export interface PulledRounds extends RebalanceRounds {
  /** Whether nothing is left there of a topic that is popped now; if something is, a round follows when it has gone. */
  hasLeft(topic: string): boolean;
}

/** The parts that a round works with. */
export interface PopRoundParts {
  readonly modes: TopicModes;
  readonly queues: PopQueues;
  /** The subscriptions of pulled topics: those that `pull` shares out. */
  readonly pulled: Map<string, PushSubscription>;
  readonly pull: PulledRounds;
  /** What is left of popping in topics that are pulled now; none where all topics are popped. */
  readonly retries?: PopRetries | undefined;
  /** The queues that a topic is popped from change. */
  onChange(topic: string): void;
}

/**
 * One round over all topics: which are popped and from which queues; the others are left to the pulling half. A topic that changes from one to the
 * other ends here before it begins there. Java: `RebalanceImpl.updateMessageQueueAssignment`.
 */
export class PopRounds implements RebalanceRounds {
  readonly #consumer: PopContext;
  readonly #parts: PopRoundParts;
  readonly #warnings: MemberWarnings;
  #stopped = false;

  constructor(consumer: PopContext, parts: PopRoundParts) {
    this.#consumer = consumer;
    this.#parts = parts;
    this.#warnings = new MemberWarnings(consumer);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#parts.pull.stop();
  }

  async run(cause: RebalanceTrigger, isUnsettled: boolean): Promise<boolean> {
    const { pull, queues } = this.#parts;
    const modes = await this.#lookAtAll();
    if (this.#stopped) return false;
    const isPopped = (topic: string): boolean => {
      const mode = modes.get(topic);
      return mode?.kind === 'pop' || (mode?.kind === 'unknown' && queues.topics().has(topic));
    };
    this.#choosePulled(modes, isPopped);
    for (const topic of queues.topics()) if (!isPopped(topic)) this.#assign(topic, [], cause);
    const isBalanced = await pull.run(cause, isUnsettled);
    if (this.#stopped) return false;
    let isSettled = isBalanced;
    for (const [topic, mode] of modes) {
      const isKnown = mode.kind !== 'unknown' && (mode.kind !== 'pop' || pull.hasLeft(topic));
      if (isKnown && mode.kind === 'pop') this.#assign(topic, mode.queues, cause);
      isSettled &&= isKnown;
    }
    return isSettled;
  }

  async #lookAtAll(): Promise<ReadonlyMap<string, TopicMode>> {
    const { retries, pulled } = this.#parts;
    const modes = new Map<string, TopicMode>();
    const look = async (topic: string): Promise<void> => void modes.set(topic, await this.#look(topic));
    await Promise.all([...this.#consumer.subscriptions.keys()].map(look));
    const isPulled = (topic: string, { kind }: TopicMode): boolean =>
      kind === 'pull' || (kind === 'unknown' && pulled.has(topic));
    await retries?.follow([...modes].flatMap(([topic, mode]) => (isPulled(topic, mode) ? [topic] : [])));
    await Promise.all([...(retries?.subscriptions.keys() ?? [])].map(look));
    return modes;
  }

  async #look(topic: string): Promise<TopicMode> {
    const { modes } = this.#parts;
    const route = await findRoute(this.#consumer, this.#warnings, topic);
    // No route, or nothing readable in it, says that something is wrong with the cluster.
    if (route === undefined || route.readableQueues().length === 0) return { kind: 'unknown' };
    return modes.look(topic, route);
  }

  /** A topic that nothing is known of stays where it was. */
  #choosePulled(modes: ReadonlyMap<string, TopicMode>, isPopped: (topic: string) => boolean): void {
    const { pulled, retries } = this.#parts;
    const all = [...this.#consumer.subscriptions, ...(retries?.subscriptions ?? [])];
    const before = new Set(pulled.keys());
    pulled.clear();
    for (const [topic, subscription] of all) {
      const isPulled = modes.get(topic)?.kind === 'pull' || before.has(topic);
      if (isPulled && !isPopped(topic)) pulled.set(topic, subscription);
    }
  }

  #assign(topic: string, queues: readonly MessageQueue[], cause: RebalanceTrigger): void {
    const { clock, clientId, consumerGroup, logger, emit } = this.#consumer;
    const { gained, lost } = this.#parts.queues.assign(topic, queues);
    if (gained.length === 0 && lost.length === 0) return;
    this.#parts.onChange(topic);
    const owned = this.#parts.queues.ofTopic(topic);
    const facts = { gained: gained.map(queueKey), lost: lost.map(queueKey), owned: owned.map(queueKey) };
    logger.info({ topic, cause, ...facts }, 'Pop queues changed');
    const total = clock.now() - cause.at;
    emit('rebalance', {
      topic,
      consumerGroup,
      cause,
      gained,
      lost,
      owned,
      // Who else pops is nobody's business: queues that are popped have no owners.
      members: [clientId],
      strategy: 'POP',
      timings: { waited: total, look: 0, plan: 0, revoke: 0, total },
      expectedRepeats: 0,
    });
  }
}
