import type { OwnedQueue } from '../owned-queue.ts';

/** Runs the listeners over what was pulled. Java: `ConsumeMessageService`. */
export interface ConsumeService {
  /** Listeners at work, those whose failed message is being sent back included. */
  readonly running: number;
  /** Listeners that may be at work at the same time; can be changed while they are. */
  concurrency: number;
  /** There is something to consume in this queue. */
  offer(owned: OwnedQueue): void;
}
