import type { OwnedQueue } from './owned-queue.ts';

/** Says of which queues it is not known that they are this member's: another may have one, and may have committed more. */
export interface Doubt {
  isInDoubt(owned: OwnedQueue): boolean;
  /** Resolves when it is known, or the ownership has ended. Rejects when that takes too long. */
  settled(owned: OwnedQueue): Promise<void>;
}

/** Where nobody else can have a queue. */
export const NO_DOUBT: Doubt = { isInDoubt: () => false, settled: async () => {} };
