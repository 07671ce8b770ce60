/** The only source of chance, so that a simulation can be run again from its seed. */
export interface Random {
  /** The next number, from 0 up to but not 1. */
  next(): number;
}

export const systemRandom: Random = { next: () => Math.random() };

/** A repeatable sequence (mulberry32): good enough for tests, not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

/** A whole number from 0 up to but not `count`. */
export const randomInteger = (random: Random, count: number): number => Math.floor(random.next() * count);
