import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import type { ProtocolError, RocketMQError } from '../../protocol/errors.ts';
import type { ConsumeError } from '../errors.ts';
import type { FilterError } from './filter/filter-error.ts';
import type { RebalanceTrigger } from '../instance/roles.ts';
import type { RouteChange } from '../routing/route-table.ts';

/** How long the stages of a rebalance took, in ms. */
export interface RebalanceTimings {
  /** From the trigger to the beginning of the run. */
  readonly waited: number;
  /** Asking for the members of the group. */
  readonly look: number;
  /** The strategy. */
  readonly plan: number;
  /** Draining and committing what is given up. */
  readonly revoke: number;
  /** From the trigger to this event. */
  readonly total: number;
}

/** The queues of a topic that this member owns have changed. What a plan gives is told at once, what it takes when that has been given up, in an event of its own. */
export interface RebalanceEvent {
  readonly topic: string;
  readonly consumerGroup: string;
  /** What set it off. */
  readonly cause: RebalanceTrigger;
  readonly gained: readonly MessageQueue[];
  readonly lost: readonly MessageQueue[];
  readonly owned: readonly MessageQueue[];
  /** The members as the broker listed them. */
  readonly members: readonly string[];
  readonly strategy: string;
  readonly timings: RebalanceTimings;
  /**
   * Messages that listeners had begun with and that are not committed, because one before them was still at work or because the
   * last commit failed: another member will see them again.
   */
  readonly expectedRepeats: number;
}

/** A message that could not be read: broken record, foreign compression, or more bytes than allowed when inflated. */
export interface UndecodableEvent {
  readonly queue: MessageQueue;
  readonly queueOffset: number;
  readonly error: ProtocolError;
  /** `stopped`: the queue delivers nothing from this offset on. `skipped`: this one message alone was passed over. `left`: popped, it comes again when its invisible time is over. */
  readonly action: 'stopped' | 'skipped' | 'left';
}

/** The broker says the position is outside what it has, or was reset; consumption goes on from `to`. */
export interface OffsetMovedEvent {
  readonly queue: MessageQueue;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** A listener threw, or asked for a message to come again. */
export interface ConsumeFailedEvent {
  readonly queue: MessageQueue;
  readonly messageId: string;
  readonly reconsumeTimes: number;
  /**
   * `sentBack`: it is given back to the broker, to come again or to go to the dead-letter queue. `suspended`: in orderly mode it comes again here, after a rest of
   * its queue. `dropped`: broadcasting knows no second delivery.
   */
  readonly action: 'sentBack' | 'suspended' | 'dropped';
  /** There is one if the listener threw: its `cause` is what was thrown. */
  readonly error?: ConsumeError;
}

/** A listener was at work for longer than `consumeTimeout`: its messages were given back to the broker, and what it brings does not count. */
export interface ConsumeTimeoutEvent {
  readonly queue: MessageQueue;
  readonly messageIds: readonly string[];
  /** How long the listener has been at work, in ms. */
  readonly running: number;
  /** Whether the broker has all of them again; if not, it is tried again soon. */
  readonly returned: boolean;
}

/** A popped message whose invisible time was over before it was done: it comes again, to this member or another. */
export interface PopExpiredEvent {
  /** What was popped from; queue id -1 stands for all queues of the broker. */
  readonly queue: MessageQueue;
  readonly messageId: string;
  /** `waiting`: no listener had begun, and none will. `listener`: one took too long, its result is void. */
  readonly phase: 'waiting' | 'listener';
  /** In ms; option `popInvisibleTime`. */
  readonly invisibleTime: number;
}

/** Shutdown waits for listeners. */
export interface DrainingEvent {
  readonly queues: readonly MessageQueue[];
  /** Messages that they are at work on. */
  readonly running: number;
}

/**
 * Another member has the broker's lock of a queue that is due to this one. If that member lives, it gives the lock back when its listeners are through; if it is
 * dead, the lock ends by itself.
 */
export interface QueueLockedEvent {
  readonly queue: MessageQueue;
  /** When it was asked for first, in ms since the epoch. */
  readonly since: number;
  /** When the lock of a dead member ends at the latest, in ms since the epoch, on a broker that keeps locks for 60 s as by default. */
  readonly until: number;
}

/** A queue's lock can no longer be relied on; no listener begins with a message of it until there is one again. */
export interface LockLostEvent {
  readonly queue: MessageQueue;
  /** `taken`: another member has or had it; messages in work come again there. `expired`: the broker does not answer. */
  readonly reason: 'taken' | 'expired';
  /** When the broker gave or renewed it last, in ms since the epoch. */
  readonly lastLocked: number;
}

/** Something that a person should know, and that consumption goes on in spite of. */
export type ConsumerWarning =
  /** Two members share a client id: both think they own the same queues. */
  | { readonly kind: 'duplicateClientId'; readonly clientId: string; readonly message: string }
  /** The broker does not list this member, though it got its heartbeat. */
  | { readonly kind: 'notInMemberList'; readonly topic: string; readonly message: string }
  /** The broker's stored offset is not the one this member committed last. */
  | {
      readonly kind: 'foreignCommit';
      readonly queue: MessageQueue;
      readonly committed: number;
      readonly stored: number;
      readonly message: string;
    }
  /** Members of the group subscribe to different things; the broker keeps only the latest. */
  | { readonly kind: 'subscriptionsDiffer'; readonly topic: string; readonly message: string }
  /** Push and pull consumers are in one group; the broker keeps what the latest heartbeat said. */
  | { readonly kind: 'consumeTypesDiffer'; readonly message: string }
  | { readonly kind: 'topicMissing'; readonly topic: string; readonly message: string }
  | {
      readonly kind: 'routeFailed';
      readonly topic: string;
      readonly message: string;
      readonly error: unknown;
    }
  /** A listener is at work for longer than `listenerStalledAfter`; said once for each call. */
  | {
      readonly kind: 'listenerStalled';
      readonly queue: MessageQueue;
      readonly messageIds: readonly string[];
      /** How long, in ms. */
      readonly running: number;
      readonly message: string;
    }
  /** Nothing was pulled or popped from a queue for longer than `pullMaxIdleTime` and nobody knows why: it begins anew. */
  | {
      readonly kind: 'queueRecreated';
      readonly queue: MessageQueue;
      /** Since the last pull or pop, in ms. */
      readonly idle: number;
      readonly message: string;
    }
  /** A broker does not know pop: that topic is pulled, or not consumed where `messageRequestMode` says pop. */
  | { readonly kind: 'popUnsupported'; readonly topic: string; readonly message: string }
  /** No broker said which queues this member is to read; what it reads is kept. */
  | {
      readonly kind: 'assignmentFailed' | 'requestModeFailed';
      readonly topic: string;
      readonly message: string;
      readonly error?: unknown;
    }
  /** Option `filterMessage` threw; the message is kept. */
  | {
      readonly kind: 'filterMessageFailed';
      readonly queue: MessageQueue;
      readonly messageId: string;
      readonly message: string;
      readonly error: unknown;
    }
  | { readonly kind: 'noHandler'; readonly topic: string; readonly message: string }
  | {
      /** A broker does not filter by SQL92, or cannot read the expression, of a subscription that was made while running. */
      readonly kind: 'filterRefused';
      readonly topic: string;
      readonly message: string;
      readonly error: FilterError;
    }
  | {
      readonly kind: 'allocationFailed';
      readonly topic: string;
      readonly message: string;
      readonly error: unknown;
    }
  | {
      readonly kind: 'memberListFailed';
      readonly topic: string;
      readonly message: string;
      readonly error?: unknown;
    }
  | {
      /** The file with the positions of a broadcasting member was damaged, or is written by another process too. */
      readonly kind: 'offsetFileDamaged' | 'offsetFileShared';
      readonly path: string;
      readonly message: string;
    }
  | {
      readonly kind:
        | 'pullFailed'
        | 'commitFailed'
        | 'firstOffsetFailed'
        | 'sendBackFailed'
        | 'lockFailed'
        | 'popFailed'
        | 'ackFailed'
        | 'invisibleTimeFailed';
      readonly queue: MessageQueue;
      readonly message: string;
      readonly error: RocketMQError;
    }
  /** A listener did not end in time: the lock of its queue is given back when it does, or ends by itself. */
  | { readonly kind: 'unlockLate'; readonly queue: MessageQueue; readonly message: string };

/** The events of every consumer. */
export interface ConsumerEvents {
  rebalance: [RebalanceEvent];
  /** The route of a topic has changed: queue counts, permissions, brokers or their addresses. A rebalance follows. */
  routeChange: [RouteChange];
  undecodable: [UndecodableEvent];
  offsetMoved: [OffsetMovedEvent];
  /** A listener threw, or asked for a message to come again. */
  consumeFailed: [ConsumeFailedEvent];
  /** A listener took longer than `consumeTimeout`. */
  consumeTimeout: [ConsumeTimeoutEvent];
  /** A popped message was not done in time, and comes again. */
  popExpired: [PopExpiredEvent];
  /** Shutdown waits for these listeners. */
  draining: [DrainingEvent];
  /** A queue waits for another member's lock, orderly or with `handover: 'locked'`. */
  queueLocked: [QueueLockedEvent];
  /** A queue's lock was lost, orderly or with `handover: 'locked'`. */
  lockLost: [LockLostEvent];
  warning: [ConsumerWarning];
}

/** The events of a {@link PushConsumer}. */
export type PushConsumerEvents = ConsumerEvents;
