/** Who says that it owns which queue. */
export class OwnershipBoard {
  readonly queueCount: number;
  readonly #owned = new Map<string, readonly number[]>();

  constructor(queueCount: number) {
    this.queueCount = queueCount;
  }

  /** A member owns these queues now. */
  set(member: string, queues: readonly number[]): void {
    this.#owned.set(member, queues);
  }

  /** A member is gone. */
  remove(member: string): void {
    this.#owned.delete(member);
  }

  ownedBy(member: string): readonly number[] {
    return this.#owned.get(member) ?? [];
  }

  /** One, unless a queue is between owners, or two members have not agreed yet. */
  ownersOf(queueId: number): readonly string[] {
    return [...this.#owned].filter(([, queues]) => queues.includes(queueId)).map(([member]) => member);
  }

  /** The owner of each queue that has exactly one. */
  soleOwners(): ReadonlyMap<number, string> {
    const owners = new Map<number, string>();
    for (let queueId = 0; queueId < this.queueCount; queueId++) {
      const [owner, ...others] = this.ownersOf(queueId);
      if (owner !== undefined && others.length === 0) owners.set(queueId, owner);
    }
    return owners;
  }

  /** Sizes of the shares, such as `3/3/2`. */
  shares(members: readonly string[]): string {
    return members.map((member) => this.ownedBy(member).length).join('/');
  }
}
