import { type MessageQueue, queueKey } from '../../../protocol/model/message-queue.ts';
import type { Clock } from '../../runtime/clock.ts';

interface Lock {
  clientId: string;
  renewed: number;
}

/** Queue locks of consumer groups. Java: `RebalanceLockManager`. */
export class QueueLocks {
  readonly #clock: Clock;
  readonly #expiry: number;
  readonly #groups = new Map<string, Map<string, Lock>>();

  constructor(clock: Clock, expiry: number) {
    this.#clock = clock;
    this.#expiry = expiry;
  }

  /** Locks or renews what is free, expired or the client's own, and tells which queues those are. */
  lock(group: string, clientId: string, queues: readonly MessageQueue[]): MessageQueue[] {
    const now = this.#clock.uptime();
    const locks = this.#groups.get(group) ?? new Map<string, Lock>();
    this.#groups.set(group, locks);
    return queues.filter((queue) => {
      const key = queueKey(queue);
      const held = locks.get(key);
      if (held !== undefined && held.clientId !== clientId && !this.#isExpired(held)) return false;
      locks.set(key, { clientId, renewed: now });
      return true;
    });
  }

  /** Frees the client's own locks among the queues. */
  unlock(group: string, clientId: string, queues: readonly MessageQueue[]): void {
    const locks = this.#groups.get(group);
    for (const queue of queues) {
      const key = queueKey(queue);
      if (locks?.get(key)?.clientId === clientId) locks.delete(key);
    }
  }

  /** Whether any lock of the group is alive. */
  anyAlive(group: string): boolean {
    return [...(this.#groups.get(group)?.values() ?? [])].some((lock) => !this.#isExpired(lock));
  }

  #isExpired(lock: Lock): boolean {
    return this.#clock.uptime() - lock.renewed > this.#expiry;
  }
}
