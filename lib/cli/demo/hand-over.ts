import type { OwnershipBoard } from './ownership-board.ts';

/**
 * Watches a change of the group until it is over: every queue has one owner, the shares are even, and every queue that
 * changed hands has been consumed by its new owner.
 */
export class HandOver {
  /** Milliseconds since the epoch. */
  readonly began: number;
  readonly #members: readonly string[];
  readonly #before: ReadonlyMap<number, string>;
  readonly #firstConsumed = new Map<string, number>();
  #lastRebalance = 0;

  /** @param before the owner of each queue before the change */
  constructor(began: number, members: readonly string[], before: ReadonlyMap<number, string>) {
    this.began = began;
    this.#members = members;
    this.#before = before;
  }

  /** A member has gained or lost queues. */
  rebalanced(at: number): void {
    this.#lastRebalance = Math.max(this.#lastRebalance, at);
  }

  /** A member has consumed a message of a queue. */
  consumed(member: string, queueId: number, at: number): void {
    const key = `${member} ${queueId}`;
    if (at >= this.began && !this.#firstConsumed.has(key)) this.#firstConsumed.set(key, at);
  }

  /**
   * When the last queue that changed hands was consumed for the first time, or was given up by the last that owned it too;
   * undefined while the change is not over.
   */
  endedAt(board: OwnershipBoard): number | undefined {
    const owners = board.soleOwners();
    if (owners.size < board.queueCount || !this.#isEven(board)) return undefined;
    let end = Math.max(this.began, this.#lastRebalance);
    for (const [queueId, owner] of owners) {
      if (this.#before.get(queueId) === owner) continue;
      const at = this.#firstConsumed.get(`${owner} ${queueId}`);
      if (at === undefined) return undefined;
      end = Math.max(end, at);
    }
    return end;
  }

  #isEven(board: OwnershipBoard): boolean {
    const sizes = this.#members.map((member) => board.ownedBy(member).length);
    return Math.max(...sizes) - Math.min(...sizes) <= 1;
  }
}
