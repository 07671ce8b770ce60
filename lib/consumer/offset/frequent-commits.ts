import type { ConsumerContext } from '../consumer-context.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { OffsetCommitter } from './offset-committer.ts';

/** Rest between two commits of a queue that messages keep coming from, in ms. */
const REST = 200;

/**
 * Commits a queue while messages come from it, so that little is consumed again when this member dies. Java sends the offset along with each pull,
 * which the broker may carry out after a later commit; a request of its own, one at a time, cannot be overtaken.
 */
export class FrequentCommits {
  readonly #consumer: ConsumerContext;
  readonly #committer: OffsetCommitter;
  /** By the clock's uptime. */
  readonly #last = new WeakMap<OwnedQueue, number>();

  constructor(consumer: ConsumerContext, committer: OffsetCommitter) {
    this.#consumer = consumer;
    this.#committer = committer;
  }

  /** Messages have come; those before them may be done. */
  onMessages(owned: OwnedQueue): void {
    const now = this.#consumer.clock.uptime();
    if (now - (this.#last.get(owned) ?? 0) < REST || this.#committer.isCommitting(owned)) return;
    this.#last.set(owned, now);
    void this.#committer.commit(owned);
  }
}
