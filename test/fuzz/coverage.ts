/** Which branches were taken how often: each branch and each power of two of its count is one feature. */
export class Coverage {
  readonly counters: Uint32Array;
  readonly #seen: Uint8Array;
  features = 0;

  constructor(branches: number) {
    this.counters = new Uint32Array(branches);
    this.#seen = new Uint8Array(branches);
  }

  /** Counts what the last input took that none took before, and forgets its counts. */
  collect(): number {
    let added = 0;
    const { counters } = this;
    for (let branch = 0; branch < counters.length; branch++) {
      const count = counters[branch] ?? 0;
      if (count === 0) continue;
      counters[branch] = 0;
      const bit = 1 << Math.min(7, 31 - Math.clz32(count));
      const seen = this.#seen[branch] ?? 0;
      if ((seen & bit) !== 0) continue;
      this.#seen[branch] = seen | bit;
      added++;
    }
    this.features += added;
    return added;
  }

  /** Branches that were taken at all. */
  get taken(): number {
    return this.#seen.reduce((sum, bits) => sum + (bits === 0 ? 0 : 1), 0);
  }
}
