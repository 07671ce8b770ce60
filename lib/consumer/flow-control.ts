/** Limits on what one queue may hold unconsumed. */
export interface FlowLimits {
  /** Messages. */
  readonly pullThresholdForQueue: number;
  /** MiB of records. */
  readonly pullThresholdSizeForQueue: number;
  /** Distance between the lowest and the highest offset that are not consumed. */
  readonly consumeConcurrentlyMaxSpan: number;
}

/** What is held of one queue. */
export interface QueueLoad {
  readonly count: number;
  readonly bytes: number;
  readonly span: number;
}

export type FlowVerdict =
  'pull' | 'paused' | 'notLocked' | 'tooManyMessages' | 'tooManyBytes' | 'spanTooWide';

const MIB = 1024 * 1024;

/** Whether a queue may be pulled from. Pure. Java: the checks at the head of `DefaultMQPushConsumerImpl.pullMessage`. */
export function judgeFlow(load: QueueLoad, limits: FlowLimits): FlowVerdict {
  if (load.count > limits.pullThresholdForQueue) return 'tooManyMessages';
  if (load.bytes > limits.pullThresholdSizeForQueue * MIB) return 'tooManyBytes';
  if (load.span > limits.consumeConcurrentlyMaxSpan) return 'spanTooWide';
  return 'pull';
}
