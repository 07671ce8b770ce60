import type { Clock } from '../../runtime/clock.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { CachedMessage } from '../process-queue.ts';

/** A message that is handed to the user, and the ownership that it belongs to. */
export interface Delivery {
  readonly owned: OwnedQueue;
  readonly entry: CachedMessage;
}

/** How long to wait for messages. */
export interface BufferWait {
  /** Ms; forever without it. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Waiter {
  readonly limit: number;
  readonly resolve: (deliveries: Delivery[]) => void;
}

/**
 * What was pulled and nobody has asked for yet, over all queues: handed out queue by queue in turn, in order within each. It holds no messages
 * itself, so that those of an ownership that has ended are gone with it. Java: `consumeRequestCache` of `DefaultLitePullConsumerImpl`.
 */
export class MessageBuffer {
  readonly #clock: Pick<Clock, 'timer'>;
  readonly #mayDeliver: (owned: OwnedQueue) => boolean;
  /** Queues with something to hand out, the next in turn first. */
  readonly #ready = new Set<OwnedQueue>();
  /** What was handed out and given back; it goes before the rest of its queue. */
  readonly #returned = new WeakMap<OwnedQueue, CachedMessage[]>();
  readonly #waiters = new Set<Waiter>();
  #isClosed = false;

  /** @param mayDeliver false while a queue is paused; it has to be offered again afterwards */
  constructor(clock: Pick<Clock, 'timer'>, mayDeliver: (owned: OwnedQueue) => boolean) {
    this.#clock = clock;
    this.#mayDeliver = mayDeliver;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** There may be something to hand out in this queue. */
  offer(owned: OwnedQueue): void {
    this.#ready.add(owned);
    for (const waiter of this.#waiters) {
      const deliveries = this.take(waiter.limit);
      if (deliveries.length === 0) return;
      waiter.resolve(deliveries);
    }
  }

  /** Up to `limit` messages that can be had at once. */
  take(limit: number): Delivery[] {
    const taken: Delivery[] = [];
    if (this.#isClosed) return taken;
    for (const owned of this.#ready) {
      if (taken.length >= limit) break;
      this.#ready.delete(owned);
      if (!owned.isConsumable || !this.#mayDeliver(owned)) continue;
      this.#takeFrom(owned, limit, taken);
      // At the end, so that the others have their turn first.
      if (this.#has(owned)) this.#ready.add(owned);
    }
    return taken;
  }

  /** Up to `limit` messages, as soon as there is one; none when the time is over or the buffer closed. Who came first is served first. Rejects with the signal's reason. */
  async wait(limit: number, { timeout, signal }: BufferWait = {}): Promise<Delivery[]> {
    signal?.throwIfAborted();
    const ready = this.take(limit);
    if (ready.length > 0 || this.#isClosed || timeout === 0) return ready;
    return new Promise<Delivery[]>((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter);
        timer?.cancel();
        signal?.removeEventListener('abort', abort);
      };
      const finish = (deliveries: Delivery[]): void => {
        leave();
        resolve(deliveries);
      };
      const abort = (): void => {
        leave();
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = { limit, resolve: finish };
      const timer = timeout === undefined ? undefined : this.#clock.timer(timeout, () => finish([]));
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** Takes back messages of one reader that it is not through with: they are handed out again, before those behind them. */
  giveBack(deliveries: readonly Delivery[]): void {
    const touched = new Set<OwnedQueue>();
    for (const { owned, entry } of deliveries) {
      if (owned.isEnded || entry.done) continue;
      owned.process.abandon(entry);
      const returned = this.#returned.get(owned) ?? [];
      returned.push(entry);
      this.#returned.set(
        owned,
        returned.sort((a, b) => a.offset - b.offset),
      );
      touched.add(owned);
    }
    for (const owned of touched) {
      // A queue that is being given up may wait for just these.
      owned.settled();
      if (owned.isConsumable) this.offer(owned);
    }
  }

  /** The message counts as handed out again, if it was given back before. */
  reclaim({ owned, entry }: Delivery): void {
    const returned = this.#returned.get(owned);
    const index = returned?.indexOf(entry) ?? -1;
    if (index < 0) return;
    returned?.splice(index, 1);
    owned.process.retake(entry);
  }

  /** Hands out nothing more, and lets all who wait go. */
  close(): void {
    this.#isClosed = true;
    for (const { resolve } of this.#waiters) resolve([]);
  }

  #takeFrom(owned: OwnedQueue, limit: number, taken: Delivery[]): void {
    const returned = this.#returned.get(owned);
    while (taken.length < limit) {
      const again = returned?.shift();
      if (again !== undefined) owned.process.retake(again);
      const entry = again ?? owned.process.takeOne();
      if (entry === undefined) return;
      taken.push({ owned, entry });
    }
  }

  #has(owned: OwnedQueue): boolean {
    return owned.process.waiting > 0 || (this.#returned.get(owned)?.length ?? 0) > 0;
  }
}
