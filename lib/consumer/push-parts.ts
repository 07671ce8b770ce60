import type { ConsumerRole } from '../instance/roles.ts';
import type { OffsetStore } from '../options/offset-store.ts';
import type { ConsumeService } from './consume/consume-service.ts';
import type { ConsumeTimeout } from './consume/consume-timeout.ts';
import { createConsuming } from './consume/create-consuming.ts';
import type { PushContext } from './consumer-context.ts';
import { pullGate } from './flow/pull-gate.ts';
import type { LockHandler } from './lock/lock-handler.ts';
import { needsLocks } from './lock/needs-locks.ts';
import { QueueLocks } from './lock/queue-locks.ts';
import { messageModelParts } from './message-model.ts';
import { FrequentCommits } from './offset/frequent-commits.ts';
import { OffsetCommitter } from './offset/offset-committer.ts';
import type { OwnedQueue } from './owned-queue.ts';
import { mayPop, PopEngine } from './pop/pop-engine.ts';
import { PullWatchdog, watchedPulls } from './progress/pull-watchdog.ts';
import { GroupWatch } from './rebalance/group-watch.ts';
import { lockedHandover, softHandover } from './rebalance/handover.ts';
import { Ownerships } from './rebalance/ownerships.ts';
import { QueueChanges } from './rebalance/queue-changes.ts';
import type { QueueSharing } from './rebalance/queue-sharing.ts';
import { RebalanceService } from './rebalance/rebalance-service.ts';
import { Rebalancer } from './rebalance/rebalancer.ts';
import { StandstillDoubt } from './rebalance/standstill-doubt.ts';

/** The parts of a running push consumer. */
export interface PushParts {
  readonly store: OffsetStore;
  readonly committer: OffsetCommitter;
  readonly ownerships: Ownerships;
  readonly sharing: QueueSharing;
  readonly rebalancer: Rebalancer;
  readonly rebalance: RebalanceService;
  readonly consume: ConsumeService;
  readonly timeout: ConsumeTimeout;
  readonly watchdog: PullWatchdog<OwnedQueue>;
  readonly pop: PopEngine | undefined;
  readonly doubt: StandstillDoubt | undefined;
}

/** Puts them together. `role` is asked for rounds. */
export function pushParts(consumer: PushContext, role: ConsumerRole): PushParts {
  const { options, clock } = consumer;
  const isShared = options.messageModel === 'clustering';
  const isLocked = needsLocks(options);
  const { store, sharing: ownSharing } = messageModelParts(consumer);
  const doubt = isShared && !isLocked ? new StandstillDoubt(clock, role) : undefined;
  const committer = new OffsetCommitter(consumer, store, doubt);
  const frequent = new FrequentCommits(consumer, committer);
  const { service: consume, timeout } = createConsuming(consumer);
  const onMessages = (owned: OwnedQueue): void => {
    consume.offer(owned);
    // A file is written at leisure: nobody else goes on from there.
    if (isShared) frequent.onMessages(owned);
  };
  const pop = mayPop(options) ? new PopEngine(consumer, ownSharing, role) : undefined;
  const sharing = pop?.sharing ?? ownSharing;
  const pulled = pop?.pulled ?? consumer;
  const gate = pullGate(consumer, (topic) => ownerships.count(topic));
  const createLocks = isLocked ? (handler: LockHandler) => new QueueLocks(consumer, handler) : undefined;
  const ownerships = new Ownerships(pulled, { store, committer, doubt }, onMessages, createLocks, gate);
  // The rebalance that follows takes the queue again, if it still is this member's.
  const recreate = async (owned: OwnedQueue, drain: number): Promise<void> => {
    await ownerships.revoke([owned], drain);
    role.wake({ kind: 'queueRecreated', at: clock.now(), detail: owned.key });
  };
  const watchdog = new PullWatchdog(
    consumer,
    watchedPulls(gate, (owned, drain) => void recreate(owned, drain)),
  );
  const onGone = (isAwaited: boolean): void => {
    if (isAwaited) role.wake({ kind: 'unbalanced', at: clock.now() });
  };
  const changes = new QueueChanges(consumer, role);
  const handover = isLocked ? lockedHandover(options) : softHandover;
  const rebalancer = new Rebalancer(pulled, ownerships, sharing, handover, { onGone, onChange: changes.add });
  const watch = new GroupWatch(consumer, committer);
  const rounds = changes.told(pop?.rounds(rebalancer, changes.add) ?? rebalancer);
  const rebalance = new RebalanceService(consumer, rounds, () => {
    if (isShared) void watch.look(ownerships.all(), rebalancer.views);
  });
  return {
    store,
    committer,
    ownerships,
    sharing,
    rebalancer,
    rebalance,
    consume,
    timeout,
    watchdog,
    pop,
    doubt,
  };
}
