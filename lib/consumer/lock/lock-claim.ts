import type { OwnedQueue } from '../owned-queue.ts';
import type { QueueLock } from './queue-lock.ts';

/** What one ownership wants of the broker: the lock of its queue, from the first question until it is given back. */
export class LockClaim {
  readonly owned: OwnedQueue;
  readonly lock: QueueLock;
  /** Clock's `uptime` of the first question. */
  readonly since: number;
  /** When to ask next, by the clock's `uptime`. */
  dueAt: number;
  /** The broker has given it once; from then on it is renewed. */
  isHeld = false;
  /** Until when a refusal is not told (again), by the clock's `uptime`. */
  quietUntil = Infinity;
  /** That it ran out was told. */
  isExpiryTold = false;
  /** Counts the moments from which on the broker may have forgotten the lock. */
  doubts = 0;
  #waiting: (() => void)[] = [];

  constructor(owned: OwnedQueue, lock: QueueLock, now: number) {
    this.owned = owned;
    this.lock = lock;
    this.since = now;
    this.dueAt = now;
  }

  /** Calls back when the lock is given. */
  whenGranted(run: () => void): void {
    this.#waiting.push(run);
  }

  grant(askedAt: number): void {
    this.isHeld = true;
    this.isExpiryTold = false;
    this.lock.grant(askedAt);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) run();
  }

  /** The broker may have forgotten the lock: it is asked again before anything more is delivered. */
  doubt(dueAt: number): void {
    this.doubts++;
    this.lock.doubt();
    this.dueAt = dueAt;
  }
}
