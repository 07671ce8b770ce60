import type { FlowLimits } from '../flow-control.ts';

/** Limits on a topic as a whole; -1 is none. */
export interface TopicLimits {
  /** Messages. */
  readonly pullThresholdForTopic: number;
  /** MiB of records. */
  readonly pullThresholdSizeForTopic: number;
}

/**
 * What one queue may hold: a limit of the topic, where there is one, is shared out among the owned queues of that topic, at least 1 each, and
 * goes before the limit of a queue. Pure. Java: `RebalancePushImpl.messageQueueChanged`, which divides by the queues of all topics.
 */
export function queueLimits(options: FlowLimits & TopicLimits, ownedQueues: () => number): FlowLimits {
  const { pullThresholdForTopic: messages, pullThresholdSizeForTopic: size } = options;
  if (messages === -1 && size === -1) return options;
  const share = (limit: number): number => Math.max(1, Math.floor(limit / Math.max(1, ownedQueues())));
  return {
    pullThresholdForQueue: messages === -1 ? options.pullThresholdForQueue : share(messages),
    pullThresholdSizeForQueue: size === -1 ? options.pullThresholdSizeForQueue : share(size),
    consumeConcurrentlyMaxSpan: options.consumeConcurrentlyMaxSpan,
  };
}
