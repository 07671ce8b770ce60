import { isRetryTopic } from '../../../protocol/message/topic.ts';
import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import { notify } from '../../diagnostics.ts';
import type { RebalanceTrigger } from '../../instance/roles.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import type { RebalanceEvent } from '../events.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import { strategyNameOf } from './explain.ts';
import { findRoute } from './find-route.ts';
import type { Handover } from './handover.ts';
import { MemberWarnings } from './member-warnings.ts';
import type { Ownerships } from './ownerships.ts';
import { planRebalance, type GroupView, type RebalancePlan } from './plan.ts';
import { mayHaveLivingOwner } from './previous-owner.ts';
import type { QueueSharing } from './queue-sharing.ts';
import type { RebalanceRounds } from './rebalance-service.ts';

/** A queue whose owner may have been cut off with a broker is left to it for so long, in ms: longer than the reconnection of the other member takes. */
const RETURN_DELAY = 1_500;

/** What a round knows of why it is made. */
interface Round {
  readonly cause: RebalanceTrigger;
  readonly isUnsettled: boolean;
}

/** One round over all topics: look at the group, plan, give up, take over. Java: `RebalanceImpl.doRebalance`. */
export class Rebalancer implements RebalanceRounds {
  readonly #consumer: ConsumerContext;
  readonly #ownerships: Ownerships;
  readonly #sharing: QueueSharing;
  readonly #handover: Handover;
  readonly #warnings: MemberWarnings;
  /** The last view of each topic that a plan was made from. */
  readonly #views = new Map<string, GroupView>();
  #stopped = false;

  constructor(consumer: ConsumerContext, ownerships: Ownerships, sharing: QueueSharing, handover: Handover) {
    this.#consumer = consumer;
    this.#ownerships = ownerships;
    this.#sharing = sharing;
    this.#handover = handover;
    this.#warnings = new MemberWarnings(consumer);
  }

  /** By topic, the view its present ownership was worked out from. */
  get views(): ReadonlyMap<string, GroupView> {
    return this.#views;
  }

  /** A round under way changes nothing any more. */
  stop(): void {
    this.#stopped = true;
  }

  /**
   * One round; true when every topic could be brought to what the strategy gives. `isUnsettled`: a broker has come (back) just now, and may
   * not have heard of every member.
   */
  async run(cause: RebalanceTrigger, isUnsettled = false): Promise<boolean> {
    const { subscriptions } = this.#consumer;
    const asked = new Map<string, Promise<readonly string[]>>();
    const topics = [...subscriptions.keys()];
    const rounds = topics.map(async (topic) => this.#rebalanceTopic(topic, { cause, isUnsettled }, asked));
    const [balanced] = await Promise.all([Promise.all(rounds), this.#dropUnsubscribed(cause)]);
    return balanced.every(Boolean);
  }

  async #rebalanceTopic(
    topic: string,
    round: Round,
    asked: Map<string, Promise<readonly string[]>>,
  ): Promise<boolean> {
    const { clock } = this.#consumer;
    const began = clock.now();
    const askedAt = clock.uptime();
    const route = await findRoute(this.#consumer, this.#warnings, topic);
    const queues = route?.readableQueues() ?? [];
    // No route, or nothing readable in it, says that something is wrong with the cluster, not that we own nothing.
    if (route === undefined || queues.length === 0) return isRetryTopic(topic) && route !== undefined;
    const look = await this.#sharing.look(route, asked, this.#views.get(topic)?.clientIds.length);
    this.#warnings.report(topic, look);
    if (look.kind === 'unknown') return false;
    const { consumerGroup, clientId } = this.#consumer;
    const view: GroupView = { consumerGroup, clientId, queues, clientIds: look.clientIds };
    const looked = clock.now();
    const plan = this.#stopped ? undefined : this.#plan(topic, view);
    if (plan === undefined) return false;
    const timings = { waited: began - round.cause.at, look: looked - began, plan: clock.now() - looked };
    const [isSure] = await Promise.all([
      this.#ownerships.confirm(plan.keep, askedAt),
      this.#apply(topic, view, plan, round, timings),
    ]);
    return look.kind === 'members' && isSure;
  }

  #plan(topic: string, view: GroupView): RebalancePlan | undefined {
    try {
      return planRebalance(view, this.#ownerships.ofTopic(topic), this.#sharing.allocate);
    } catch (error) {
      const message = `The allocate strategy failed for ${topic}; what is owned is kept: ${String(error)}`;
      this.#consumer.emit('warning', { kind: 'allocationFailed', topic, message, error });
      return undefined;
    }
  }

  async #apply(
    topic: string,
    view: GroupView,
    plan: RebalancePlan,
    { cause, isUnsettled }: Round,
    timings: { readonly waited: number; readonly look: number; readonly plan: number },
  ): Promise<void> {
    const before = this.#views.get(topic);
    this.#views.set(topic, view);
    if (plan.assign.length === 0 && plan.revoke.length === 0) return;
    const { clock } = this.#consumer;
    const revoking = clock.now();
    // The others may only not have been heard of yet, so their queues are not taken at once.
    const isUnsure = isUnsettled && view.clientIds.length < (before?.clientIds.length ?? 0);
    const mayBeOwned = mayHaveLivingOwner(view, before, this.#sharing.allocate);
    const { delay, unsettledDelay } = this.#handover;
    const delayOf = (queue: MessageQueue): number => {
      if (isUnsettled && before !== undefined) return unsettledDelay;
      return mayBeOwned(queue) ? delay : 0;
    };
    for (const queue of plan.assign) this.#ownerships.assign(queue, isUnsure ? RETURN_DELAY : delayOf(queue));
    const patience = this.#handover.drain(revoking - cause.at);
    const expectedRepeats = await this.#ownerships.revoke(this.#owned(plan.revoke), patience, true);
    const now = clock.now();
    const all = { ...timings, revoke: now - revoking, total: now - cause.at };
    this.#report(topic, {
      cause,
      gained: plan.assign,
      lost: plan.revoke,
      members: view.clientIds,
      timings: all,
      expectedRepeats,
    });
  }

  #report(
    topic: string,
    event: Omit<RebalanceEvent, 'topic' | 'consumerGroup' | 'owned' | 'strategy'>,
  ): void {
    const { consumerGroup, logger, emit } = this.#consumer;
    const strategy = strategyNameOf(this.#sharing.allocate);
    const owned = this.#ownerships.ofTopic(topic);
    const facts = {
      topic,
      cause: event.cause,
      gained: event.gained.map(queueKey),
      lost: event.lost.map(queueKey),
      owned: owned.map(queueKey),
    };
    logger.info(facts, 'Queues changed');
    notify('rebalance', () => ({ consumerGroup, topic, gained: facts.gained, lost: facts.lost }));
    // The group's own retry topic is bookkeeping that users did not subscribe to; `explainAssignment` shows it.
    if (isRetryTopic(topic)) return;
    emit('rebalance', { topic, consumerGroup, owned, strategy, ...event });
  }

  #owned(queues: readonly MessageQueue[]): OwnedQueue[] {
    return queues.flatMap((queue) => this.#ownerships.get(queueKey(queue)) ?? []);
  }

  /** Java: `truncateMessageQueueNotMyTopic`. */
  async #dropUnsubscribed(cause: RebalanceTrigger): Promise<void> {
    const foreign = this.#ownerships
      .all()
      .filter(({ queue }) => !this.#consumer.subscriptions.has(queue.topic));
    for (const topic of new Set(foreign.map(({ queue }) => queue.topic))) {
      const owned = foreign.filter(({ queue }) => queue.topic === topic);
      const began = this.#consumer.clock.now();
      this.#views.delete(topic);
      const expectedRepeats = await this.#ownerships.revoke(owned, this.#handover.drain(0));
      const now = this.#consumer.clock.now();
      const timings = {
        waited: began - cause.at,
        look: 0,
        plan: 0,
        revoke: now - began,
        total: now - cause.at,
      };
      this.#report(topic, {
        cause,
        gained: [],
        lost: owned.map(({ queue }) => queue),
        members: [],
        timings,
        expectedRepeats,
      });
    }
  }
}
