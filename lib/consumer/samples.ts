/** Counters as they were at a moment, by the clock's uptime in ms. */
export interface Sample<C> {
  readonly at: number;
  readonly counters: C;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** How far apart samples are kept, by their age: so a day costs a few dozen. Java keeps one per 10 s, 10 min and hour. */
const KEPT: readonly { readonly upTo: number; readonly apart: number }[] = [
  { upTo: MINUTE, apart: 0 },
  { upTo: HOUR, apart: 5 * MINUTE },
  { upTo: DAY, apart: HOUR },
];

/** Samples of the last day, dense for the last minute and sparse before. */
export class Samples<C> {
  #samples: Sample<C>[];

  constructor(first: Sample<C>) {
    this.#samples = [first];
  }

  get size(): number {
    return this.#samples.length;
  }

  /** Where the window begins that reaches back to `at` at least; or else the oldest. */
  first(at: number): Sample<C> {
    const found = this.#samples.findLast((sample) => sample.at <= at) ?? this.#samples[0];
    if (found === undefined) throw new Error('There is always a sample');
    return found;
  }

  add(sample: Sample<C>): void {
    this.#samples.push(sample);
    this.#samples = thinned(this.#samples, sample.at);
  }
}

/** What is to be kept at `now`. Pure. One that is older than a day stays until the next is, too: it is the beginning of the day. */
export function thinned<S extends { readonly at: number }>(samples: readonly S[], now: number): S[] {
  const kept: S[] = [];
  for (const [index, sample] of samples.entries()) {
    const last = kept.at(-1);
    const next = samples[index + 1];
    const age = now - sample.at;
    const row = KEPT.find(({ upTo }) => age <= upTo);
    // Older than a day: only the youngest of them is of use.
    if (row === undefined) {
      if (next === undefined || now - next.at <= DAY) kept.push(sample);
      continue;
    }
    // The last before a denser part begins is where that window begins.
    const isEdge = next !== undefined && KEPT.some(({ upTo }) => age > upTo && now - next.at <= upTo);
    if (last === undefined || isEdge || sample.at - last.at >= row.apart) kept.push(sample);
  }
  return kept;
}
