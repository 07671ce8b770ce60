import type { OwnedQueue } from '../owned-queue.ts';

/** What the queues' owner does about their locks. */
export interface LockHandler {
  /** Another member has it: what this ownership has in hand belongs to nobody. */
  onLost(owned: OwnedQueue): void;
  /** Whether nobody got further than this ownership while its lock was in doubt. Rejects when that cannot be said. */
  isUpToDate(owned: OwnedQueue): Promise<boolean>;
  /** Listeners may go on. */
  onTrusted(owned: OwnedQueue): void;
}
