/** A small fast generator of random numbers (xorshift32), so that a seed repeats a run. */
export class Prng {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e37_79b9) | 0 || 1;
  }

  /** An unsigned number of 32 bits. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** From 0 to `bound` - 1; 0 for a bound of 0. */
  below(bound: number): number {
    return bound <= 1 ? 0 : this.next() % bound;
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.next() % n === 0;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('there is nothing to pick from');
    return item;
  }
}
