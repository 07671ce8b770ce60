import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { ConsumerState } from '../consumer-life.ts';

/** What keeps a consumer from doing all of its work. */
export interface HealthReason {
  readonly kind:
    /** A topic has no route, or no readable queue in it. */
    | 'noRoute'
    /** There is no connection to a broker of a subscribed topic. */
    | 'noConnection'
    /** The brokers do not list this member, so it gets no queues. */
    | 'notInMemberList'
    /** A message that cannot be read holds the queue. */
    | 'queueStopped'
    /** Pulls of a queue fail, or the question for its first offset does. */
    | 'pullFailing'
    /** The broker's lock that a queue needs is lost. */
    | 'notLocked'
    /** The broker asks for fewer pulls. */
    | 'flowControlled'
    /** A listener is at work for longer than `listenerStalledAfter`. */
    | 'listenerStalled';
  readonly message: string;
  readonly topic?: string;
  readonly brokerName?: string;
  readonly queue?: MessageQueue;
}

/** Whether a consumer does its work. Plain data, so that a readiness probe can answer with it. */
export interface ConsumerHealth {
  /** starting: not started yet, or the first rebalance is not through. degraded: it runs, and not all is well. stopped: or on its way there, or never came up. */
  readonly state: 'starting' | 'ok' | 'degraded' | 'stopped';
  /** Why it is degraded. */
  readonly reasons: readonly HealthReason[];
  /** At rest by `suspend`; that is no reason to be degraded. */
  readonly isSuspended: boolean;
}

const phases: Readonly<Record<ConsumerState, 'starting' | 'running' | 'stopped'>> = {
  created: 'starting',
  starting: 'starting',
  running: 'running',
  failed: 'stopped',
  stopping: 'stopped',
  stopped: 'stopped',
};

/** What a consumer in this state, with these reasons, is. Pure. */
export function judgeHealth(
  life: ConsumerState,
  reasons: readonly HealthReason[],
  isSuspended: boolean,
): ConsumerHealth {
  const phase = phases[life];
  if (phase !== 'running') return { state: phase, reasons: [], isSuspended };
  return { state: reasons.length === 0 ? 'ok' : 'degraded', reasons, isSuspended };
}
