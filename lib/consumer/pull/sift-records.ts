import type { ProtocolError } from '../../../protocol/errors.ts';
import { matchesTags, type SubscriptionData } from '../../../protocol/model/subscription-data.ts';
import type { ReceivedMessage, StoredRecord } from '../../../protocol/message/stored-message.ts';

/** A record that could not be read, and where it stands. */
export interface BadRecord {
  readonly queueOffset: number;
  readonly error: ProtocolError;
}

/** What one pull's answer amounts to. */
export interface SiftedRecords {
  readonly messages: readonly ReceivedMessage[];
  /** Where the next pull begins. */
  readonly nextOffset: number;
  readonly bad: readonly BadRecord[];
  /** The position behind which nothing is delivered, because the record there cannot be read. */
  readonly stopAt?: number;
}

/**
 * Picks the messages a subscription wants: brokers compare tags by hash only, so they are compared again. Pure.
 *
 * Under the policy `stop` everything from the first unreadable record on is left where it is; under `skip` that record
 * alone is passed over.
 */
export function siftRecords(
  records: readonly StoredRecord[],
  asked: { readonly offset: number; readonly nextOffset: number; readonly policy: 'stop' | 'skip' },
  subscription: SubscriptionData,
): SiftedRecords {
  const messages: ReceivedMessage[] = [];
  const bad: BadRecord[] = [];
  const wantsAll = subscription.expressionType !== 'TAG' || subscription.tagsSet.length === 0;
  let expected = asked.offset;
  for (const record of records) {
    if (record.ok) {
      const { message } = record;
      expected = message.queueOffset + 1;
      if (wantsAll || matchesTags(subscription, message.tags)) messages.push(message);
      continue;
    }
    const queueOffset = record.queueOffset ?? expected;
    expected = queueOffset + 1;
    bad.push({ queueOffset, error: record.error });
    if (asked.policy === 'stop') return { messages, bad, nextOffset: queueOffset, stopAt: queueOffset };
  }
  return { messages, bad, nextOffset: asked.nextOffset };
}
