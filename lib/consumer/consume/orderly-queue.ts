import type { OwnedQueue } from '../owned-queue.ts';
import type { CachedMessage } from '../process-queue.ts';

/** How far one ownership has come in orderly mode: what is handed out, held back, and committed. Java: `ProcessQueue.commit`, `rollback`, `makeMessageToConsumeAgain`. */
export class OrderlyQueue {
  readonly owned: OwnedQueue;
  /** A failed message is waited for: nothing is delivered. */
  isResting = false;
  /** A listener has a message of it, and has not said what became of that. */
  isAtWork = false;
  /** The user asked for it while a listener runs; it happens when that ends. */
  wanted: 'commit' | 'rollback' | undefined;
  /** Consumed, and not committed by the user. */
  #uncommitted: CachedMessage[] = [];

  constructor(owned: OwnedQueue) {
    this.owned = owned;
  }

  /** Listeners are through with these; they are done, or wait for the user's commit. */
  pass(batch: readonly CachedMessage[], autoCommit: boolean): void {
    const { process } = this.owned;
    for (const entry of batch) {
      if (autoCommit) process.complete(entry);
      else {
        process.abandon(entry);
        this.#uncommitted.push(entry);
      }
    }
  }

  /** These come again, first of all. */
  putBack(batch: readonly CachedMessage[]): void {
    const { process } = this.owned;
    for (const entry of batch) process.abandon(entry);
    const [first] = batch;
    if (first !== undefined) process.rewind(first.offset);
  }

  /** All that listeners are through with is done. */
  commit(): void {
    for (const entry of this.#uncommitted) this.owned.process.finish(entry);
    this.#uncommitted = [];
  }

  /** All that is not committed comes again. */
  rollback(): void {
    const [first] = this.#uncommitted;
    this.#uncommitted = [];
    if (first !== undefined) this.owned.process.rewind(first.offset);
  }
}
