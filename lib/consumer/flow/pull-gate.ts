import type { PushContext } from '../consumer-context.ts';
import { judgeFlow, type FlowLimits, type FlowVerdict } from '../flow-control.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import { queueLimits } from './queue-limits.ts';

/** Whether a queue may be pulled from now. */
export type PullGate = (owned: OwnedQueue) => FlowVerdict;

/** Closed while the cache is full, and while another member may work on the queue because the lock that it needs is not sure. */
export function cacheGate(limits: FlowLimits): PullGate {
  return (owned) => (owned.isLocked ? judgeFlow(owned.process, limits) : 'notLocked');
}

/** Closed for what rests by the user's order, too, and with limits of a topic shared out among its owned queues. */
export function pullGate(
  { options, pauses }: Pick<PushContext, 'options' | 'pauses'>,
  ownedQueuesOf: (topic: string) => number,
): PullGate {
  return (owned) => {
    if (pauses.has(owned)) return 'paused';
    if (!owned.isLocked) return 'notLocked';
    const limits = queueLimits(options, () => ownedQueuesOf(owned.queue.topic));
    return judgeFlow(owned.process, limits);
  };
}
