/** Every message by its sequence number: acknowledged to the producer, consumed by the group, or both. */
export class Ledger {
  readonly #acknowledged = new Map<number, number>();
  readonly #deliveries = new Map<number, number>();
  readonly #waiting = new Map<number, number>();
  #repeated = 0;

  /** The broker has stored a message. */
  acknowledge(sequence: number, queueId: number): void {
    this.#acknowledged.set(sequence, queueId);
    if (!this.#deliveries.has(sequence)) this.#wait(queueId, 1);
  }

  /** A member has consumed a message, perhaps before the producer heard of its acknowledgement, perhaps not for the first time. */
  consume(sequence: number): void {
    const before = this.#deliveries.get(sequence) ?? 0;
    this.#deliveries.set(sequence, before + 1);
    if (before > 0) this.#repeated++;
    const queueId = this.#acknowledged.get(sequence);
    if (before === 0 && queueId !== undefined) this.#wait(queueId, -1);
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** Different messages that were consumed. */
  get consumed(): number {
    return this.#deliveries.size;
  }

  /** Deliveries of messages that had been consumed before. */
  get repeated(): number {
    return this.#repeated;
  }

  /** Messages that were acknowledged and are not consumed, of all queues or one. At the end: lost. */
  outstanding(queueId?: number): number {
    if (queueId !== undefined) return this.#waiting.get(queueId) ?? 0;
    let sum = 0;
    for (const count of this.#waiting.values()) sum += count;
    return sum;
  }

  #wait(queueId: number, change: number): void {
    this.#waiting.set(queueId, (this.#waiting.get(queueId) ?? 0) + change);
  }
}
