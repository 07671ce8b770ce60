import type { ResolvedPushConsumerOptions } from '../../options/push-consumer.ts';

/** Members of a group that share queues; where every member reads all queues there is nothing to lock. */
const SHARING: ReadonlySet<string> = new Set(['clustering']);

/** Whether a consumer works on a queue only while it holds the broker's lock on it. Pure. Java: only in orderly mode. */
export const needsLocks = ({
  consumeMode,
  handover,
  messageModel,
}: Pick<ResolvedPushConsumerOptions, 'consumeMode' | 'handover' | 'messageModel'>): boolean =>
  SHARING.has(messageModel) && (consumeMode === 'orderly' || handover === 'locked');
