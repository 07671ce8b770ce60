import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import type { OwnedQueue, OwnershipState, PullHold } from './owned-queue.ts';

/** Where this member stands with one of its queues. */
export interface QueueStatus {
  readonly queue: MessageQueue;
  readonly state: OwnershipState;
  /** What the broker has stored for the group, as far as this member knows. */
  readonly committed: number | undefined;
  /** The lowest offset that is not consumed. */
  readonly consumed: number;
  /** One more than the broker's last message, as of the last pull. */
  readonly brokerMaxOffset: number;
  readonly lag: number;
  /** Messages pulled and not yet consumed. */
  readonly cached: number;
  /** Bytes that they hold in memory. */
  readonly cachedBytes: number;
  /** Why nothing is pulled at the moment, if there is a reason. */
  readonly hold: PullHold | undefined;
}

export const queueStatus = (owned: OwnedQueue): QueueStatus => ({
  queue: owned.queue,
  state: owned.state,
  committed: owned.committed,
  consumed: owned.process.commitOffset,
  brokerMaxOffset: owned.brokerMaxOffset,
  lag: owned.lag,
  cached: owned.process.count,
  cachedBytes: owned.process.bytes,
  hold: owned.hold,
});
