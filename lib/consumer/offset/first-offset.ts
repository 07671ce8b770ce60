import { isRetryTopic } from '../../../protocol/message/topic.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { BrokerNotFoundError } from '../../errors.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import type { OffsetStore } from '../../options/offset-store.ts';

/** Where a group that has no stored offset begins. */
export type ConsumeFromWhere = 'last' | 'first' | 'timestamp';

/** Java's names for it, as brokers and tools know them. */
export const javaFromWhere = {
  first: 'CONSUME_FROM_FIRST_OFFSET',
  last: 'CONSUME_FROM_LAST_OFFSET',
  timestamp: 'CONSUME_FROM_TIMESTAMP',
} as const satisfies Record<ConsumeFromWhere, string>;

/** What to ask the broker for when it has no stored offset. */
export type FirstOffsetQuestion = 'zero' | 'maxOffset' | 'searchByTime';

/** Java's rules for a queue without a stored offset. Pure. Java: `RebalancePushImpl.computePullFromWhereWithException`. */
export function firstOffsetQuestion(from: ConsumeFromWhere, topic: string): FirstOffsetQuestion {
  switch (from) {
    case 'first':
      return 'zero';
    case 'last':
      return isRetryTopic(topic) ? 'zero' : 'maxOffset';
    case 'timestamp':
      return isRetryTopic(topic) ? 'maxOffset' : 'searchByTime';
  }
}

/** Where to begin, and what is stored. */
export interface FirstOffset {
  readonly offset: number;
  readonly stored: number | undefined;
}

/** Where this queue begins for this group: at the stored position, else by Java's rules. @throws when that cannot be said: the caller tries again, and never takes "unknown" for 0. */
export async function findFirstOffset(
  consumer: ConsumerContext,
  store: OffsetStore,
  queue: MessageQueue,
  signal: AbortSignal,
): Promise<FirstOffset> {
  const { api, instance, options } = consumer;
  const address = instance.routes.addressOf(queue);
  if (address === undefined) throw new BrokerNotFoundError(queue.brokerName);
  const stored = await store.read(queue, signal);
  if (stored !== undefined && stored >= 0) return { offset: stored, stored };
  switch (firstOffsetQuestion(options.consumeFromWhere, queue.topic)) {
    case 'zero':
      return { offset: 0, stored: undefined };
    case 'maxOffset':
      return { offset: await api.maxOffset(address, queue, { signal }), stored: undefined };
    case 'searchByTime':
      return {
        offset: await api.searchOffset(address, queue, options.consumeTimestamp, { signal }),
        stored: undefined,
      };
  }
}
