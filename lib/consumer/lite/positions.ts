import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import { IllegalStateError, InvalidOptionError } from '../../errors.ts';
import { withTimeout, type Deadline } from '../../runtime/clock.ts';
import type { WaitOptions } from '../consumer-life.ts';
import type { Doubt } from '../doubt.ts';
import type { OffsetCommitter } from '../offset/offset-committer.ts';
import type { OffsetStore } from '../../options/offset-store.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { Ownerships } from '../rebalance/ownerships.ts';
import { brokerOf } from './broker-of.ts';
import type { Deliveries } from './deliveries.ts';
import type { LiteContext } from './lite-context.ts';

/** Where to go: an offset, an end of the queue, or the first message stored at this time (ms since the epoch) or later. */
export type SeekTarget = number | 'begin' | 'end' | { readonly timestamp: number };

/** For questions about positions, in ms. */
const TIMEOUT = 10_000;

export interface PositionParts {
  readonly ownerships: Ownerships;
  readonly store: OffsetStore;
  readonly committer: OffsetCommitter;
  readonly deliveries: Deliveries;
  readonly doubt: Doubt | undefined;
}

/** Where the user stands in the queues, and where he wants to be. */
export class Positions {
  readonly #consumer: LiteContext;
  readonly #parts: PositionParts;

  constructor(consumer: LiteContext, parts: PositionParts) {
    this.#consumer = consumer;
    this.#parts = parts;
  }

  /** Goes on elsewhere. What was pulled before is void from then on. @throws {IllegalStateError} unless the queue is assigned, {InvalidOptionError} for an offset that the broker does not have. */
  async seek(queue: MessageQueue, target: SeekTarget, wait: WaitOptions): Promise<void> {
    this.#assigned(queue);
    using deadline = this.#deadline(wait);
    const offset = await this.#resolve(queue, target, deadline);
    // A position that is stored would undo what another owner has committed.
    await this.#parts.doubt?.settled(this.#assigned(queue));
    // It may have been given up meanwhile.
    this.#parts.ownerships.seek(this.#assigned(queue), offset, this.#consumer.options.autoCommit);
  }

  /** Offset of the first message stored at this time, in ms since the epoch, or later; the end if there is none. */
  async offsetForTimestamp(queue: MessageQueue, timestamp: number, wait: WaitOptions): Promise<number> {
    using deadline = this.#deadline(wait);
    const { signal } = deadline;
    const address = await brokerOf(this.#consumer, queue, signal);
    return await this.#consumer.api.searchOffset(address, queue, timestamp, { signal });
  }

  /** What is stored for the group, undefined if nothing is; of a queue that is assigned, what this consumer stored last. */
  async committed(queue: MessageQueue, wait: WaitOptions): Promise<number | undefined> {
    const known = this.#parts.ownerships.get(queueKey(queue))?.committed;
    if (known !== undefined) return known;
    using deadline = this.#deadline(wait);
    await brokerOf(this.#consumer, queue, deadline.signal);
    return await this.#parts.store.read(queue, deadline.signal);
  }

  /** Stores what was consumed, all that was given out included: of all queues, or of one; or just this offset of it. Rejects when a broker may not have stored it. */
  async commit(queue?: MessageQueue, offset?: number): Promise<void> {
    const { ownerships, committer, deliveries } = this.#parts;
    if (queue === undefined) {
      deliveries.ackHeld();
      await Promise.all(ownerships.all().map(async (owned) => this.#commitIfOurs(owned)));
      return;
    }
    const owned = ownerships.get(queueKey(queue));
    if (owned === undefined)
      throw new IllegalStateError(`Queue ${queueKey(queue)}`, 'not assigned', 'committed');
    if (offset !== undefined) checkCommit(owned, offset);
    deliveries.ackHeld(
      (delivery) => delivery.owned === owned && (offset === undefined || delivery.entry.offset < offset),
    );
    await committer.commitNow(owned, offset);
  }

  /** A queue that goes to another member just now has been left out, as one that went before would have been. */
  async #commitIfOurs(owned: OwnedQueue): Promise<void> {
    try {
      await this.#parts.committer.commitNow(owned);
    } catch (error) {
      if (!(error instanceof IllegalStateError) || owned.isConsumable) throw error;
    }
  }

  async #resolve(queue: MessageQueue, target: SeekTarget, { signal }: Deadline): Promise<number> {
    const { api } = this.#consumer;
    const address = await brokerOf(this.#consumer, queue, signal);
    if (target === 'begin') return api.minOffset(address, queue, { signal });
    if (target === 'end') return api.maxOffset(address, queue, { signal });
    if (typeof target === 'object') return api.searchOffset(address, queue, target.timestamp, { signal });
    const [min, max] = await Promise.all([
      api.minOffset(address, queue, { signal }),
      api.maxOffset(address, queue, { signal }),
    ]);
    if (Number.isSafeInteger(target) && target >= min && target <= max) return target;
    throw new InvalidOptionError(
      'offset',
      `must be from ${min} to ${max} in ${queueKey(queue)}, not ${target}`,
    );
  }

  #assigned(queue: MessageQueue): OwnedQueue {
    const key = queueKey(queue);
    const owned = this.#parts.ownerships.get(key);
    if (owned !== undefined && !owned.isEnded && owned.state !== 'draining') return owned;
    throw new IllegalStateError(`Queue ${key}`, 'not assigned', 'another position');
  }

  #deadline({ timeout = TIMEOUT, signal }: WaitOptions): Deadline {
    return withTimeout(this.#consumer.clock, timeout, signal);
  }
}

/** @throws {InvalidOptionError} beyond what was given out: what nobody has seen would be lost. */
function checkCommit({ key, process }: OwnedQueue, offset: number): void {
  const { givenTo } = process;
  if (Number.isSafeInteger(offset) && offset >= 0 && offset <= givenTo) return;
  throw new InvalidOptionError(
    'offset',
    `must be from 0 to ${givenTo}, up to where messages of ${key} were given out, not ${offset}; to skip messages, seek`,
  );
}
