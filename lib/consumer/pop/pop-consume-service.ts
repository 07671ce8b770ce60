import type { HeldMessage, PopQueue } from './pop-queue.ts';

/** Runs the listeners over what was popped. Java: the methods of `ConsumeMessageService` that have "Pop" in their name. */
export interface PopConsumeService {
  /** Listeners that may be at work at the same time; can be changed while they are. */
  concurrency: number;
  /** What was at rest by the user's order may be so no longer. */
  goOn(): void;
  /** Popped messages of a queue; the service holds them. */
  offer(queue: PopQueue, entries: readonly HeldMessage[]): void;
  /** Takes back what no listener has begun with. */
  discardWaiting(queue: PopQueue): readonly HeldMessage[];
}
