import { notify } from '../../diagnostics.ts';
import { RocketMQError } from '../../errors.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { OffsetStore } from './offset-store.ts';

/**
 * Stores how far each queue is done: never beyond the lowest offset that is not, never backwards, and never two commits of a queue at a
 * time, because the broker takes a later, lower one without asking.
 */
export class OffsetCommitter {
  readonly #emit: ConsumerContext['emit'];
  readonly #store: OffsetStore;
  readonly #inFlight = new Map<OwnedQueue, Promise<void>>();
  readonly #last = new WeakMap<OwnedQueue, Promise<void>>();

  constructor({ emit }: Pick<ConsumerContext, 'emit'>, store: OffsetStore) {
    this.#emit = emit;
    this.#store = store;
  }

  /** Commits what is done. A failure is a warning; the next commit makes up for it. Resolves when the broker has answered. */
  async commit(owned: OwnedQueue): Promise<void> {
    // A queue that is being given up is left to its last commit: one that waited for another meanwhile would come after the end.
    // Nor is one committed whose lock another member may have: it may have committed more.
    await this.#commit(owned, () => owned.mayDeliver);
  }

  /** The last commit of an ownership, one however often it is asked for. Nothing follows it. */
  async commitLast(owned: OwnedQueue): Promise<void> {
    let last = this.#last.get(owned);
    if (last === undefined) {
      // 0 says that a group is there; from an owner that goes it would undo what the next one has committed.
      const saysSomething = (): boolean => owned.committed !== undefined || owned.commitOffset !== 0;
      last = this.#commit(owned, () => !owned.isEnded && saysSomething());
      this.#last.set(owned, last);
    }
    await last;
  }

  /** Commits an offset that the broker or an operator named; it may be lower than the last. */
  async commitExactly(owned: OwnedQueue, offset: number): Promise<void> {
    await this.#inFlight.get(owned);
    await this.#send(owned, offset);
  }

  isCommitting(owned: OwnedQueue): boolean {
    return this.#inFlight.has(owned);
  }

  async commitAll(owned: Iterable<OwnedQueue>): Promise<void> {
    await Promise.all([...owned].map(async (each) => this.commit(each)));
  }

  async #commit(owned: OwnedQueue, isDue: () => boolean): Promise<void> {
    for (;;) {
      const running = this.#inFlight.get(owned);
      if (running === undefined) break;
      await running;
    }
    const offset = owned.commitOffset;
    if (offset === undefined || !isDue() || (owned.committed !== undefined && offset <= owned.committed))
      return;
    const commit = this.#send(owned, offset);
    this.#inFlight.set(owned, commit);
    await commit;
  }

  async #send(owned: OwnedQueue, offset: number): Promise<void> {
    const { queue } = owned;
    try {
      await this.#store.write(queue, offset);
      owned.committed = offset;
      notify('commit', () => ({ ...factsOf(owned), offset }));
    } catch (error) {
      notify('commit', () => ({ ...factsOf(owned), offset, error }));
      if (!(error instanceof RocketMQError)) throw error;
      const message = `Committing offset ${offset} of ${owned.key} failed and is tried again: ${error.message}`;
      this.#emit('warning', { kind: 'commitFailed', queue, message, error });
    } finally {
      this.#inFlight.delete(owned);
    }
  }
}

const factsOf = ({ queue, context }: OwnedQueue): MessageQueue & { consumerGroup: string } => ({
  ...queue,
  consumerGroup: context.consumerGroup,
});
