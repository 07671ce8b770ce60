import type { ConsumerRole, RebalanceTrigger } from '../../instance/roles.ts';
import { UserNames } from '../../instance/user-names.ts';
import type { Pauses } from '../flow/pauses.ts';
import { messageModelParts } from '../message-model.ts';
import { OffsetCommitter } from '../offset/offset-committer.ts';
import type { OffsetStore } from '../../options/offset-store.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import { softHandover } from '../rebalance/handover.ts';
import { Ownerships } from '../rebalance/ownerships.ts';
import type { QueueSharing } from '../rebalance/queue-sharing.ts';
import type { RebalanceRounds } from '../rebalance/rebalance-service.ts';
import { Rebalancer } from '../rebalance/rebalancer.ts';
import { StandstillDoubt } from '../rebalance/standstill-doubt.ts';
import { AssignedRounds } from './assigned-rounds.ts';
import { Deliveries } from './deliveries.ts';
import type { LiteContext } from './lite-context.ts';
import { LiteGate } from './lite-gate.ts';
import { liteManner } from './lite-manner.ts';
import { MessageBuffer } from './message-buffer.ts';
import { Positions } from './positions.ts';
import { TopicWatch } from './topic-watch.ts';

/** The parts of a running lite pull consumer. */
export interface LiteParts {
  readonly buffer: MessageBuffer;
  readonly deliveries: Deliveries;
  readonly gate: LiteGate;
  readonly store: OffsetStore;
  readonly committer: OffsetCommitter;
  readonly ownerships: Ownerships;
  readonly sharing: QueueSharing;
  readonly rebalancer: Rebalancer;
  readonly rounds: RebalanceRounds;
  readonly positions: Positions;
  readonly topicWatch: TopicWatch;
  /** None in broadcasting: nobody takes a queue from another. */
  readonly doubt: StandstillDoubt | undefined;
}

/** Puts them together. `role` is asked for rounds. */
export function liteParts(
  consumer: LiteContext,
  pauses: Pauses,
  role: Pick<ConsumerRole, 'wake'>,
): LiteParts {
  const { options, clock, selection } = consumer;
  const { store, sharing } = messageModelParts(consumer);
  const doubt =
    options.messageModel === 'clustering'
      ? // Queues that the user named are his, whatever the group says.
        new StandstillDoubt(clock, role, () => selection.mode === 'subscribe')
      : undefined;
  const committer = new OffsetCommitter(consumer, store, doubt, options.autoCommit);
  const buffer = new MessageBuffer(clock, (owned) => !pauses.has(owned));
  const allOwned = (): readonly OwnedQueue[] => ownerships.all();
  const gate = new LiteGate(options, pauses, allOwned);
  const deliveries = new Deliveries(
    consumer,
    buffer,
    () => gate.released(),
    new UserNames(options.namespace),
  );
  const offer = (owned: OwnedQueue): void => buffer.offer(owned);
  const manner = liteManner(consumer);
  const offsets = { store, committer, doubt };
  const ownerships = new Ownerships(consumer, offsets, offer, undefined, gate.judge, manner);
  pauses.onChange(() => {
    for (const owned of allOwned()) {
      buffer.offer(owned);
      owned.mayPullAgain();
    }
  });
  const onGone = (isAwaited: boolean): void => {
    gate.released();
    if (isAwaited) role.wake({ kind: 'unbalanced', at: clock.now() });
  };
  const rebalancer = new Rebalancer(consumer, ownerships, sharing, softHandover, { onGone });
  const assigned = new AssignedRounds(consumer, ownerships, onGone);
  const rounds = {
    run: async (cause: RebalanceTrigger, isUnsettled: boolean) => {
      const isAssigned = selection.mode === 'assign';
      const balanced = await (isAssigned ? assigned.run() : rebalancer.run(cause, isUnsettled));
      gate.released();
      return balanced;
    },
    stop: async () => {
      await Promise.all([rebalancer.stop(), assigned.stop()]);
    },
  };
  const positions = new Positions(consumer, { ownerships, store, committer, deliveries, doubt });
  const topicWatch = new TopicWatch(consumer);
  return {
    buffer,
    deliveries,
    gate,
    store,
    committer,
    ownerships,
    sharing,
    rebalancer,
    rounds,
    positions,
    topicWatch,
    doubt,
  };
}
