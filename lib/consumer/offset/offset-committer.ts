import { notify } from '../../diagnostics.ts';
import { IllegalStateError, RocketMQError } from '../../errors.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import { type Doubt, NO_DOUBT } from '../doubt.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { OffsetStore } from '../../options/offset-store.ts';

/**
 * Stores how far each queue is done: never beyond the lowest offset that is not, never backwards, and never two commits of a queue at a
 * time, because the broker takes a later, lower one without asking.
 */
export class OffsetCommitter {
  readonly #emit: ConsumerContext['emit'];
  readonly #store: OffsetStore;
  readonly #isAutomatic: boolean;
  readonly #doubt: Doubt;
  /** By queue, not by ownership: the commits of two ownerships must not overtake each other either. */
  readonly #inFlight = new Map<string, Promise<unknown>>();
  readonly #last = new WeakMap<OwnedQueue, Promise<void>>();

  /**
   * @param doubt when another member may have a queue, and may have committed more; default never
   * @param isAutomatic whether consumed messages are committed without the user asking for it
   */
  constructor(
    { emit }: Pick<ConsumerContext, 'emit'>,
    store: OffsetStore,
    doubt: Doubt = NO_DOUBT,
    isAutomatic = true,
  ) {
    this.#emit = emit;
    this.#store = store;
    this.#isAutomatic = isAutomatic;
    this.#doubt = doubt;
  }

  /** Commits what is done. A failure is a warning; the next commit makes up for it. Resolves when the broker has answered. */
  async commit(owned: OwnedQueue): Promise<void> {
    // A queue that is being given up is left to its last commit: one that waited for another meanwhile would come after the end.
    // Nor is one committed that another member may have, or its lock: it may have committed more.
    await this.#commit(owned, () => owned.mayDeliver && !this.#doubt.isInDoubt(owned));
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

  /** Commits an offset that the broker, an operator or the user named; it may be lower than the last. */
  async commitExactly(owned: OwnedQueue, offset: number): Promise<void> {
    while (this.isCommitting(owned)) await this.#running(owned);
    if (!owned.isEnded) await this.#tell(owned, offset);
  }

  /**
   * Commits because the user asks for it: what is done, or the offset named. @throws {RocketMQError} when the broker may not have stored it,
   * {IllegalStateError} when the queue has been given up meanwhile, or it stays in doubt.
   */
  async commitNow(owned: OwnedQueue, named?: number): Promise<void> {
    for (;;) {
      if (this.isCommitting(owned)) await this.#running(owned);
      else if (!owned.isEnded && this.#doubt.isInDoubt(owned)) await this.#doubt.settled(owned);
      else break;
    }
    const last = this.#last.get(owned);
    if (last !== undefined) await last;
    const offset = named ?? owned.commitOffset;
    if (offset === undefined || offset === owned.committed) return;
    if (owned.isEnded || last !== undefined)
      throw new IllegalStateError(`Queue ${owned.key}`, 'given up', `committed at ${offset}`);
    const failure = await this.#send(owned, offset);
    if (failure !== undefined) throw failure;
  }

  isCommitting({ key }: OwnedQueue): boolean {
    return this.#inFlight.has(key);
  }

  async commitAll(owned: Iterable<OwnedQueue>): Promise<void> {
    await Promise.all([...owned].map(async (each) => this.commit(each)));
  }

  async #commit(owned: OwnedQueue, isDue: () => boolean): Promise<void> {
    while (this.isCommitting(owned)) await this.#running(owned);
    const offset = owned.commitOffset;
    if (!this.#isAutomatic || offset === undefined || !isDue()) return;
    if (owned.committed === undefined || offset > owned.committed) await this.#tell(owned, offset);
  }

  /** Others may wait for the same commit, and the first of them begins the next: look again afterwards. */
  async #running({ key }: OwnedQueue): Promise<void> {
    await this.#inFlight.get(key);
  }

  async #tell(owned: OwnedQueue, offset: number): Promise<void> {
    const error = await this.#send(owned, offset);
    if (error === undefined) return;
    const { queue, key } = owned;
    const message = `Committing offset ${offset} of ${key} failed and is tried again: ${error.message}`;
    this.#emit('warning', { kind: 'commitFailed', queue, message, error });
  }

  /** Resolves to what went wrong, if anything did. */
  async #send(owned: OwnedQueue, offset: number): Promise<RocketMQError | undefined> {
    const sending = this.#write(owned, offset);
    this.#inFlight.set(owned.key, sending);
    try {
      return await sending;
    } finally {
      this.#inFlight.delete(owned.key);
    }
  }

  async #write(owned: OwnedQueue, offset: number): Promise<RocketMQError | undefined> {
    try {
      await this.#store.write(owned.queue, offset);
      owned.committed = offset;
      notify('commit', () => ({ ...factsOf(owned), offset }));
      return undefined;
    } catch (error) {
      notify('commit', () => ({ ...factsOf(owned), offset, error }));
      if (error instanceof RocketMQError) return error;
      throw error;
    }
  }
}

const factsOf = ({ queue, context }: OwnedQueue): MessageQueue & { consumerGroup: string } => ({
  ...queue,
  consumerGroup: context.consumerGroup,
});
