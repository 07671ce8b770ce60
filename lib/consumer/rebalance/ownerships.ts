import { compareQueues, queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import { RocketMQError } from '../../errors.ts';
import { within } from '../../runtime/within.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import { type Doubt, NO_DOUBT } from '../doubt.ts';
import { cacheGate, type PullGate } from '../flow/pull-gate.ts';
import type { LockHandler } from '../lock/lock-handler.ts';
import type { QueueLocks } from '../lock/queue-locks.ts';
import { findFirstOffset } from '../offset/first-offset.ts';
import type { OffsetCommitter } from '../offset/offset-committer.ts';
import type { OffsetStore } from '../../options/offset-store.ts';
import { OwnedQueue } from '../owned-queue.ts';
import { PullLoop, type PullHandler } from '../pull/pull-loop.ts';
import { pushManner, type PullManner } from '../pull/pull-manner.ts';

/** After a failed question for the first offset, in ms. */
const RETRY = 1_000;

/** The queues this member owns, each with its own ownership: how they begin, move, and end. */
export class Ownerships {
  readonly #consumer: ConsumerContext;
  readonly #store: OffsetStore;
  readonly #committer: OffsetCommitter;
  readonly #owned = new Map<string, OwnedQueue>();
  readonly #pullHandler: PullHandler;
  readonly #locks: QueueLocks | undefined;
  readonly #gate: PullGate;
  readonly #manner: PullManner;
  readonly #doubt: Doubt;

  /**
   * @param createLocks where a queue is worked on only with the broker's lock
   * @param gate when a queue may be pulled from; default: while it is locked, where it must be, and its cache has room
   * @param manner what is asked for in pulls; default: as push consumers do
   */
  constructor(
    consumer: ConsumerContext,
    offsets: {
      readonly store: OffsetStore;
      readonly committer: OffsetCommitter;
      readonly doubt?: Doubt | undefined;
    },
    onMessages: (owned: OwnedQueue) => void,
    createLocks?: (handler: LockHandler) => QueueLocks,
    gate: PullGate = cacheGate(consumer.options),
    manner: PullManner = pushManner(consumer.options),
  ) {
    this.#gate = gate;
    this.#manner = manner;
    this.#consumer = consumer;
    this.#store = offsets.store;
    this.#committer = offsets.committer;
    this.#doubt = offsets.doubt ?? NO_DOUBT;
    this.#pullHandler = {
      onMessages,
      onOffsetMoved: (owned, to, reason) => this.move(owned, to, reason),
    };
    this.#locks = createLocks?.({
      onLost: (owned) => this.#beginAnew(owned),
      isUpToDate: async (owned) => this.#isUpToDate(owned),
      onTrusted: (owned) => {
        onMessages(owned);
        owned.settled();
      },
    });
  }

  all(): readonly OwnedQueue[] {
    return [...this.#owned.values()];
  }

  get(key: string): OwnedQueue | undefined {
    return this.#owned.get(key);
  }

  ofQueue(queue: MessageQueue): OwnedQueue | undefined {
    return this.#owned.get(queueKey(queue));
  }

  /** The queues owned of one topic, in Java's order. */
  ofTopic(topic: string): readonly MessageQueue[] {
    return this.all()
      .map(({ queue }) => queue)
      .filter((queue) => queue.topic === topic)
      .sort(compareQueues);
  }

  /** How many queues of one topic are owned. */
  count(topic: string): number {
    let count = 0;
    for (const { queue } of this.#owned.values()) if (queue.topic === topic) count++;
    return count;
  }

  /** Takes a queue over after `delay` ms, which are for another member that may still be at work on it. */
  assign(queue: MessageQueue, delay: number): void {
    const owned = this.#own(queue);
    this.#owned.set(owned.key, owned);
    void this.#begin(owned, delay);
  }

  /**
   * Gives queues up: nothing more is delivered, running listeners have `deadline` ms, what is done is committed, and only then the ownership
   * ends. Returns how many messages were begun with and are not committed: those come again elsewhere. `isTaken`: another member is their owner by
   * the group's last word.
   */
  async revoke(queues: readonly OwnedQueue[], deadline: number, isTaken = false): Promise<number> {
    const repeats = await Promise.all(queues.map(async (owned) => this.#revokeOne(owned, deadline, isTaken)));
    return repeats.reduce((sum, each) => sum + each, 0);
  }

  /**
   * The group has named this member the owner of these queues at `askedAt` (clock's uptime) or later. Where that was in doubt, somebody else may have
   * worked on the queue meanwhile: if the stored offset is beyond ours, it begins anew there. Returns whether nothing is in doubt any more.
   */
  async confirm(queues: readonly MessageQueue[], askedAt: number): Promise<boolean> {
    const doubtful = queues
      .flatMap((queue) => this.#owned.get(queueKey(queue)) ?? [])
      .filter((owned) => this.#doubt.isInDoubt(owned));
    const confirmed = await Promise.all(doubtful.map(async (owned) => this.#confirmOne(owned, askedAt)));
    return confirmed.every(Boolean);
  }

  /** Goes on at another offset, by order of the broker or an operator: a new ownership, so that nothing of the old one counts. */
  move(owned: OwnedQueue, to: number, reason: string): void {
    if (owned.isEnded || this.#owned.get(owned.key) !== owned) return;
    if (owned.state === 'draining') {
      // It goes to another member, which begins there; a last commit of ours would undo that.
      owned.end();
      return;
    }
    const from = owned.process.pulledTo;
    const next = this.#replace(owned);
    this.#consumer.emit('offsetMoved', { queue: owned.queue, from, to, reason });
    void this.#move(next, to);
  }

  /** Goes on at an offset that the user chose; what was pulled before is void. Stored at once if `isStored`, else when the user commits. */
  seek(owned: OwnedQueue, to: number, isStored: boolean): void {
    if (owned.isEnded || owned.state === 'draining' || this.#owned.get(owned.key) !== owned) return;
    const next = this.#replace(owned);
    this.#start(next, to, isStored ? undefined : owned.committed);
    if (isStored) void this.#committer.commitExactly(next, to);
  }

  #replace(owned: OwnedQueue): OwnedQueue {
    owned.end();
    const next = this.#own(owned.queue);
    this.#owned.set(next.key, next);
    return next;
  }

  async #move(owned: OwnedQueue, to: number): Promise<void> {
    try {
      await this.#locks?.acquire(owned);
    } catch (error) {
      if (owned.isEnded) return;
      throw error;
    }
    await this.#committer.commitExactly(owned, to);
    if (owned.state === 'starting') this.#start(owned, to, owned.committed);
  }

  /** Nothing is asked of brokers on behalf of a queue any more. */
  stop(): void {
    this.#locks?.stop();
  }

  async #revokeOne(owned: OwnedQueue, deadline: number, isTaken: boolean): Promise<number> {
    await within(this.#consumer.clock, deadline, owned.drain());
    if (await this.#mayCommitLast(owned, isTaken)) await this.#committer.commitLast(owned);
    owned.end();
    if (this.#owned.get(owned.key) === owned) this.#owned.delete(owned.key);
    await this.#unlock(owned);
    return owned.repeats;
  }

  async #mayCommitLast(owned: OwnedQueue, isTaken: boolean): Promise<boolean> {
    if (this.#locks !== undefined) return this.#locks.confirm(owned);
    // Again if this process stood still over the answer.
    while (this.#doubt.isInDoubt(owned)) {
      // The new owner may have begun long ago, below what would be committed here.
      if (isTaken) return false;
      const askedAt = this.#consumer.clock.uptime();
      const stored = await this.#readStored(owned);
      if (stored === undefined || stored > (owned.commitOffset ?? 0)) return false;
      owned.knownAt = askedAt;
    }
    return true;
  }

  async #confirmOne(owned: OwnedQueue, askedAt: number): Promise<boolean> {
    const stored = await this.#readStored(owned);
    if (owned.isConsumable && stored !== undefined) {
      const from = owned.commitOffset ?? 0;
      // What this member stored itself may be beyond where its user went back to.
      if (stored > from && stored !== owned.committed) {
        const reason = 'another member consumed it while this process stood still';
        this.#beginAnew(owned);
        this.#consumer.emit('offsetMoved', { queue: owned.queue, from, to: stored, reason });
      } else owned.knownAt = askedAt;
    }
    return owned.isEnded || !this.#doubt.isInDoubt(owned);
  }

  /** Undefined when the broker does not say. */
  async #readStored({ queue, signal }: OwnedQueue): Promise<number | undefined> {
    try {
      return (await this.#store.read(queue, signal)) ?? 0;
    } catch (error) {
      if (signal.aborted || error instanceof RocketMQError) return undefined;
      throw error;
    }
  }

  /** Not while a listener is at work, however long it has had: the next owner would begin beside it. */
  async #unlock(owned: OwnedQueue): Promise<void> {
    const locks = this.#locks;
    if (locks === undefined) return;
    if (owned.process.running === 0) {
      await locks.release(owned);
      return;
    }
    const { queue, key } = owned;
    const message = `A listener of ${key} is still at work: its lock is given back when it ends, or runs out at the broker within 60 s`;
    this.#consumer.emit('warning', { kind: 'unlockLate', queue, message });
    if (owned.lock !== undefined) owned.lock.tryUnlockTimes++;
    void owned.idle().then(async () => locks.release(owned));
  }

  /** The same queue once more, from the stored offset on, with whatever it takes to begin. */
  #beginAnew(owned: OwnedQueue): void {
    const isOurs = owned.state !== 'draining' && this.#owned.get(owned.key) === owned;
    owned.end();
    if (isOurs) this.assign(owned.queue, 0);
  }

  async #isUpToDate({ queue, signal, commitOffset = 0 }: OwnedQueue): Promise<boolean> {
    return ((await this.#store.read(queue, signal)) ?? 0) <= commitOffset;
  }

  #own(queue: MessageQueue): OwnedQueue {
    const { consumerGroup, options } = this.#consumer;
    return new OwnedQueue(queue, consumerGroup, options.namespace);
  }

  async #begin(owned: OwnedQueue, delay: number): Promise<void> {
    const { clock, emit } = this.#consumer;
    const { signal, queue } = owned;
    let wait = delay;
    for (let failures = 0; ; failures++) {
      try {
        if (wait > 0) await clock.sleep(wait, signal);
        await this.#locks?.acquire(owned);
        owned.knownAt = clock.uptime();
        const { offset, stored } = await findFirstOffset(this.#consumer, this.#store, queue, signal);
        // A broker may answer 0 where nothing is stored: then the first commit makes it so, and tools see the group.
        if (owned.state === 'starting') this.#start(owned, offset, stored === 0 ? undefined : stored);
        return;
      } catch (error) {
        if (owned.state !== 'starting') return;
        owned.hold = 'pullFailing';
        if (failures === 0 && error instanceof RocketMQError) {
          const message = `The first offset of ${owned.key} could not be found and is asked for again: ${error.message}`;
          emit('warning', { kind: 'firstOffsetFailed', queue, message, error });
        }
        wait = RETRY;
      }
    }
  }

  #start(owned: OwnedQueue, offset: number, stored: number | undefined): void {
    owned.knownAt = Math.min(owned.knownAt, this.#consumer.clock.uptime());
    owned.begin(offset, stored);
    const how = { gate: this.#gate, manner: this.#manner };
    new PullLoop(this.#consumer, owned, this.#pullHandler, how).pull();
  }
}
