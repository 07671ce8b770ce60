const CEILING = 1_000_000;

/** Latencies counted to the microsecond up to one second; what is beyond counts as the longest seen. Recording is one increment. */
export class Histogram {
  readonly #counts = new Uint32Array(CEILING + 1);
  #total = 0;
  #longest = 0;

  record(milliseconds: number): void {
    const microseconds = milliseconds * 1000;
    if (microseconds > this.#longest) this.#longest = microseconds;
    const index = microseconds < CEILING ? Math.trunc(microseconds) : CEILING;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#total++;
  }

  get count(): number {
    return this.#total;
  }

  /** Microseconds. */
  get max(): number {
    return Math.round(this.#longest);
  }

  /** Microseconds below which the given part of all samples lies. */
  percentile(part: number): number {
    let rank = Math.max(1, Math.ceil(this.#total * part));
    for (let index = 0; index <= CEILING; index++) {
      rank -= this.#counts[index] ?? 0;
      if (rank <= 0) return index === CEILING ? this.max : index;
    }
    return this.max;
  }
}
