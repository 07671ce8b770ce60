import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { BrokerNotFoundError, InvalidOptionError } from '../../errors.ts';
import { withTimeout } from '../../runtime/clock.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import type { WaitOptions } from '../consumer-life.ts';
import type { Ownerships } from '../rebalance/ownerships.ts';

/** For all questions together, in ms. */
const TIMEOUT = 10_000;

/** A queue, and where it goes on. */
export interface QueueReset {
  readonly queue: MessageQueue;
  readonly offset: number;
}

/**
 * Goes on in every queue that is owned, those of the retry topic included, at the first message stored at `timestamp` (ms since the epoch) or later. All
 * brokers are asked before anything is moved: if one does not answer, nothing is. Resolves to where each queue goes on. Java: `resetOffsetByTimeStamp`.
 */
export async function resetToTimestamp(
  { api, instance, clock }: ConsumerContext,
  ownerships: Ownerships,
  timestamp: number,
  { timeout = TIMEOUT, signal }: WaitOptions,
): Promise<readonly QueueReset[]> {
  if (!Number.isSafeInteger(timestamp) || timestamp < 0)
    throw new InvalidOptionError('timestamp', `must be ms since the epoch, not ${timestamp}`);
  using deadline = withTimeout(clock, timeout, signal);
  const asked = ownerships.all().map(async ({ queue }): Promise<QueueReset> => {
    const address = instance.routes.addressOf(queue);
    if (address === undefined) throw new BrokerNotFoundError(queue.brokerName);
    const offset = await api.searchOffset(address, queue, timestamp, { signal: deadline.signal });
    return { queue, offset };
  });
  const resets = await Promise.all(asked);
  return resets.filter(({ queue, offset }) => {
    // It may have gone to another member meanwhile, who asks for nothing of the sort.
    const owned = ownerships.ofQueue(queue);
    if (owned === undefined) return false;
    ownerships.move(owned, offset, 'reset to a time by the user');
    return true;
  });
}
