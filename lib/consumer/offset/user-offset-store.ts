import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { RocketMQError } from '../../errors.ts';
import type { OffsetStore } from '../../options/offset-store.ts';
import { abortable } from '../../runtime/abortable.ts';
import { withTimeout } from '../../runtime/clock.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import { OffsetStoreError } from './offset-store-error.ts';

/** One call may take so long, in ms: as long as a request to a broker for an offset. */
const TIMEOUT = 5_000;

/** A user's store, held to what the consumer relies on: an answer in time, an offset that is one, and errors of ours. */
export class UserOffsetStore implements OffsetStore {
  readonly #clock: ConsumerContext['clock'];
  readonly #store: OffsetStore;

  constructor({ clock }: Pick<ConsumerContext, 'clock'>, store: OffsetStore) {
    this.#clock = clock;
    this.#store = store;
  }

  async read(queue: MessageQueue, signal: AbortSignal): Promise<number | undefined> {
    const read = async (patience: AbortSignal): Promise<number | undefined> =>
      this.#store.read(queue, patience);
    const offset = await this.#call('could not be read', queue, read, signal);
    if (offset === undefined || (Number.isSafeInteger(offset) && offset >= 0)) return offset;
    throw new OffsetStoreError(`gave ${String(offset)}, not an offset from 0 or undefined,`, queue);
  }

  async write(queue: MessageQueue, offset: number): Promise<void> {
    await this.#call('could not be written', queue, async () => this.#store.write(queue, offset));
  }

  async open(): Promise<void> {
    await this.#call('could not be opened', undefined, async () => this.#store.open?.());
  }

  /** What goes wrong here has no effect any more. */
  async close(): Promise<void> {
    await this.#call('could not be closed', undefined, async () => this.#store.close?.()).catch(() => {});
  }

  async #call<T>(
    problem: string,
    queue: MessageQueue | undefined,
    work: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const late = (): Error => new OffsetStoreError(`did not answer within ${TIMEOUT} ms`, queue);
    using deadline = withTimeout(this.#clock, TIMEOUT, signal, late);
    try {
      return await abortable(work(deadline.signal), deadline.signal);
    } catch (error) {
      if (error instanceof RocketMQError || signal?.aborted === true) throw error;
      throw new OffsetStoreError(problem, queue, { cause: error });
    }
  }
}
