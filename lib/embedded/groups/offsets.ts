/** Committed offsets of consumer groups on one broker. Java: `ConsumerOffsetManager`. */
export class OffsetTable {
  readonly #committed = new Map<string, Map<number, number>>();
  /** Offsets set by a server-side reset that the group has not taken up yet. */
  readonly #resets = new Map<string, Map<number, number>>();

  /** Where the last pull of each queue ended; only told in statistics. */
  readonly #pulled = new Map<string, Map<number, number>>();

  /** The stored offset, a pending reset before all; -1 when there is none. */
  query(group: string, topic: string, queueId: number): number {
    const key = keyOf(group, topic);
    return this.#resets.get(key)?.get(queueId) ?? this.#committed.get(key)?.get(queueId) ?? -1;
  }

  /** Stores the offset as given; it may go backwards. */
  commit(group: string, topic: string, queueId: number, offset: number): void {
    put(this.#committed, keyOf(group, topic), queueId, offset);
  }

  /** Stores an offset that the next pull of the queue is told of. */
  reset(group: string, topic: string, queueId: number, offset: number): void {
    put(this.#resets, keyOf(group, topic), queueId, offset);
    this.commit(group, topic, queueId, offset);
  }

  hasReset(group: string, topic: string, queueId: number): boolean {
    return this.#resets.get(keyOf(group, topic))?.has(queueId) === true;
  }

  /** Takes a pending reset away and tells it. */
  takeReset(group: string, topic: string, queueId: number): number | undefined {
    if (this.#resets.size === 0) return undefined;
    const offsets = this.#resets.get(keyOf(group, topic));
    const offset = offsets?.get(queueId);
    offsets?.delete(queueId);
    return offset;
  }

  pulled(group: string, topic: string, queueId: number, offset: number): void {
    put(this.#pulled, keyOf(group, topic), queueId, offset);
  }

  /** 0 when nothing was pulled. */
  pulledTo(group: string, topic: string, queueId: number): number {
    return this.#pulled.get(keyOf(group, topic))?.get(queueId) ?? 0;
  }

  deleteTopic(topic: string): void {
    for (const table of [this.#committed, this.#resets, this.#pulled])
      for (const key of table.keys()) if (key.startsWith(`${topic}@`)) table.delete(key);
  }

  deleteGroup(group: string): void {
    for (const table of [this.#committed, this.#resets, this.#pulled])
      for (const key of table.keys()) if (key.endsWith(`@${group}`)) table.delete(key);
  }

  /** Gives a group the offsets of another. */
  clone(from: string, to: string, topic: string): void {
    const offsets = this.#committed.get(keyOf(from, topic));
    if (offsets !== undefined) this.#committed.set(keyOf(to, topic), new Map(offsets));
  }

  /** Groups that have committed something for the topic. */
  groupsOf(topic: string): string[] {
    const prefix = `${topic}@`;
    return [...this.#committed.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  }

  /** Topics the group has committed something for. */
  topicsOf(group: string): string[] {
    const suffix = `@${group}`;
    return [...this.#committed.keys()]
      .filter((key) => key.endsWith(suffix))
      .map((key) => key.slice(0, -suffix.length));
  }
}

/** Neither part can hold an `@`. */
const keyOf = (group: string, topic: string): string => `${topic}@${group}`;

function put(table: Map<string, Map<number, number>>, key: string, queueId: number, offset: number): void {
  const offsets = table.get(key);
  if (offsets === undefined) table.set(key, new Map([[queueId, offset]]));
  else offsets.set(queueId, offset);
}
