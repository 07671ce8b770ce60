import { isRetryTopic } from '../../../protocol/message/topic.ts';
import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import { notify } from '../../diagnostics.ts';
import type { RebalanceTrigger } from '../../instance/roles.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import type { RebalanceEvent } from '../events.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import { Departures } from './departures.ts';
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

/** What a rebalancer tells the consumer. */
export interface RebalanceHandler {
  /** Queues that were given up have gone; `isAwaited`: a round waits for one of them. */
  onGone(isAwaited: boolean): void;
  /** Queues of a topic are given up or taken over; not called for those of topics that are not subscribed to any more. */
  onChange?(topic: string): void;
}

/** The stages of a change before queues change hands. */
type StagesBefore = Pick<RebalanceEvent['timings'], 'waited' | 'look' | 'plan'>;

/** One round over all topics: look at the group, plan, give up, take over. Java: `RebalanceImpl.doRebalance`. */
export class Rebalancer implements RebalanceRounds {
  readonly #consumer: ConsumerContext;
  readonly #ownerships: Ownerships;
  readonly #sharing: QueueSharing;
  readonly #handover: Handover;
  readonly #warnings: MemberWarnings;
  readonly #departures: Departures;
  readonly #onChange: (topic: string) => void;
  /** The last view of each topic that a plan was made from. */
  readonly #views = new Map<string, GroupView>();
  #stopped = false;

  constructor(
    consumer: ConsumerContext,
    ownerships: Ownerships,
    sharing: QueueSharing,
    handover: Handover,
    handler: RebalanceHandler,
  ) {
    this.#consumer = consumer;
    this.#ownerships = ownerships;
    this.#sharing = sharing;
    this.#handover = handover;
    this.#warnings = new MemberWarnings(consumer);
    this.#departures = new Departures(consumer, ownerships, (isAwaited) => handler.onGone(isAwaited));
    this.#onChange = (topic) => handler.onChange?.(topic);
  }

  /** By topic, the view its present ownership was worked out from. */
  get views(): ReadonlyMap<string, GroupView> {
    return this.#views;
  }

  /** A round under way changes nothing any more. Resolves when what was given up has gone. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#departures.settled();
  }

  /** Whether nothing of a topic that is not subscribed any more is left here. */
  hasLeft(topic: string): boolean {
    return this.#departures.hasGone(topic);
  }

  /**
   * One round; true when every topic could be brought to what the strategy gives, except that queues may still be on their way out: no round waits for a
   * listener. `isUnsettled`: a broker has come (back) just now, and may not have heard of every member.
   */
  async run(cause: RebalanceTrigger, isUnsettled = false): Promise<boolean> {
    const { subscriptions } = this.#consumer;
    const asked = new Map<string, Promise<readonly string[]>>();
    const topics = [...subscriptions.keys()];
    const rounds = topics.map(async (topic) => this.#rebalanceTopic(topic, { cause, isUnsettled }, asked));
    this.#dropUnsubscribed(cause);
    const balanced = await Promise.all(rounds);
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
    const free = this.#departures.free(plan.assign);
    this.#apply(topic, view, { ...plan, assign: free }, round, timings);
    const isSure = await this.#ownerships.confirm(plan.keep, askedAt);
    return look.kind === 'members' && isSure && free.length === plan.assign.length;
  }

  #plan(topic: string, view: GroupView): RebalancePlan | undefined {
    try {
      return planRebalance(view, this.#staying(topic), this.#sharing.allocate);
    } catch (error) {
      const message = `The allocate strategy failed for ${topic}; what is owned is kept: ${String(error)}`;
      this.#consumer.emit('warning', { kind: 'allocationFailed', topic, message, error });
      return undefined;
    }
  }

  #apply(
    topic: string,
    view: GroupView,
    plan: RebalancePlan,
    { cause, isUnsettled }: Round,
    timings: StagesBefore,
  ): void {
    const before = this.#views.get(topic);
    this.#views.set(topic, view);
    if (plan.assign.length === 0 && plan.revoke.length === 0) return;
    this.#onChange(topic);
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
    const report = this.#reporter(topic, { cause, members: view.clientIds }, timings, revoking);
    if (plan.revoke.length > 0)
      this.#departures.begin({
        queues: this.#owned(plan.revoke),
        patience: this.#handover.drain(revoking - cause.at),
        isTaken: true,
        onGone: (expectedRepeats) => report({ gained: [], lost: plan.revoke, expectedRepeats }),
      });
    if (plan.assign.length > 0) report({ gained: plan.assign, lost: [], expectedRepeats: 0 });
  }

  /** Tells of changes when they are done. `began`: when the queues began to change hands. */
  #reporter(
    topic: string,
    about: Pick<RebalanceEvent, 'cause' | 'members'>,
    timings: StagesBefore,
    began: number,
  ): (change: Pick<RebalanceEvent, 'gained' | 'lost' | 'expectedRepeats'>) => void {
    return (change) => {
      const now = this.#consumer.clock.now();
      const all = { ...timings, revoke: now - began, total: now - about.cause.at };
      this.#report(topic, { ...about, ...change, timings: all });
    };
  }

  #report(
    topic: string,
    event: Omit<RebalanceEvent, 'topic' | 'consumerGroup' | 'owned' | 'strategy'>,
  ): void {
    const { consumerGroup, logger, emit } = this.#consumer;
    const strategy = strategyNameOf(this.#sharing.allocate);
    const owned = this.#staying(topic);
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

  /** What is owned of a topic and not on its way out. */
  #staying(topic: string): readonly MessageQueue[] {
    return this.#ownerships.ofTopic(topic).filter((queue) => !this.#departures.has(queue));
  }

  /** Java: `truncateMessageQueueNotMyTopic`. */
  #dropUnsubscribed(cause: RebalanceTrigger): void {
    const { clock, subscriptions } = this.#consumer;
    const foreign = this.#ownerships
      .all()
      .filter(({ queue }) => !subscriptions.has(queue.topic) && !this.#departures.has(queue));
    for (const topic of new Set(foreign.map(({ queue }) => queue.topic))) {
      const queues = foreign.filter(({ queue }) => queue.topic === topic);
      const began = clock.now();
      this.#views.delete(topic);
      const timings = { waited: began - cause.at, look: 0, plan: 0 };
      const report = this.#reporter(topic, { cause, members: [] }, timings, began);
      const lost = queues.map(({ queue }) => queue);
      const onGone = (expectedRepeats: number): void => report({ gained: [], lost, expectedRepeats });
      this.#departures.begin({ queues, patience: this.#handover.drain(0), isTaken: false, onGone });
    }
  }
}
