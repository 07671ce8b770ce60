import { matchesTags, type SubscriptionData } from '../../../protocol/model/subscription-data.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { PoppedRecord } from '../../api/pop-message.ts';

type Popped = Extract<PoppedRecord, { ok: true }>;
type Bad = Extract<PoppedRecord, { ok: false }>;

/** What one pop's answer amounts to. */
export interface SiftedPop {
  /** For listeners. */
  readonly wanted: readonly Popped[];
  /** Not what the subscription asks for: acknowledged, as brokers compare tags by hash only. */
  readonly unwanted: readonly Popped[];
  /** Delivered more often than allowed: members died over them, or took too long. */
  readonly exhausted: readonly Popped[];
  readonly bad: readonly Bad[];
}

/** Picks the messages a subscription wants, and `isWanted` does. Pure. Java: `DefaultMQPushConsumerImpl.processPopResult`. */
export function siftPopped(
  records: readonly PoppedRecord[],
  subscription: SubscriptionData,
  mostTries: number,
  isWanted: (message: ReceivedMessage) => boolean = () => true,
): SiftedPop {
  const wanted: Popped[] = [];
  const unwanted: Popped[] = [];
  const exhausted: Popped[] = [];
  const bad: Bad[] = [];
  const wantsAll = subscription.expressionType !== 'TAG' || subscription.tagsSet.length === 0;
  for (const record of records) {
    if (!record.ok) bad.push(record);
    else if (!wantsAll && !matchesTags(subscription, record.message.tags)) unwanted.push(record);
    else if (record.message.reconsumeTimes > mostTries) exhausted.push(record);
    else (isWanted(record.message) ? wanted : unwanted).push(record);
  }
  return { wanted, unwanted, exhausted, bad };
}
