import { pause } from './closed-loop.ts';

const LOOPS = 9;
const ITERATIONS = 12_000_000;

/** Seconds after a sample until its processes are gone and the broker has nothing left to do: that is no noise. */
const CALM_DOWN = 0.7;

/** What the machine was like around a sample. */
export interface Noise {
  /** Time of the fixed loop around the sample, divided by the best of the whole run so far; 1 is a quiet machine. */
  readonly slowdown: number;
  readonly disturbed: boolean;
}

/** Tells whether the machine is as quick as it was: a fixed loop of arithmetic before and after each sample. */
export class NoiseGuard {
  #best = Number.POSITIVE_INFINITY;
  /** How many disturbed samples may still be taken again, in the whole run. */
  #repeatsLeft: number;
  #slowest = 1;
  readonly #tolerance: number;

  /** `tolerance`: a sample is disturbed when the fixed loop beside it took more than this many times its best. */
  constructor(repeats: number, tolerance = 1.05) {
    this.#tolerance = tolerance;
    this.#repeatsLeft = repeats;
    // The first loops are still being compiled.
    for (let turn = 0; turn < 3; turn++) this.#loop();
  }

  /** The largest slowdown that was seen. */
  get slowest(): number {
    return this.#slowest;
  }

  /** Takes a sample, again (up to twice) when the machine was disturbed and the run has time left for that. */
  async watch<T extends object>(take: () => Promise<T>): Promise<T & { readonly noise: Noise }> {
    for (let attempt = 1; ; attempt++) {
      const before = this.#loop();
      const sample = await take();
      await pause(CALM_DOWN);
      const slowdown = Math.round((Math.max(before, this.#loop()) / this.#best) * 1000) / 1000;
      const disturbed = slowdown > this.#tolerance;
      this.#slowest = Math.max(this.#slowest, slowdown);
      if (!disturbed || attempt === 3 || this.#repeatsLeft <= 0) {
        return { ...sample, noise: { slowdown, disturbed } };
      }
      this.#repeatsLeft--;
      console.error(`disturbed (the fixed loop took ${slowdown} times its best): taken again`);
    }
  }

  /** Milliseconds: the median, so that a process beside us shows and a single interruption does not. */
  #loop(): number {
    const times = Array.from({ length: LOOPS }, () => {
      const startedAt = performance.now();
      calculate();
      return performance.now() - startedAt;
    }).sort((a, b) => a - b);
    const middle = times[Math.floor(LOOPS / 2)] ?? 0;
    this.#best = Math.min(this.#best, middle);
    return middle;
  }
}

let sink = 0;

function calculate(): void {
  let value = 2_463_534_242;
  for (let index = 0; index < ITERATIONS; index++) {
    value ^= value << 13;
    value ^= value >>> 17;
    value ^= value << 5;
  }
  sink ^= value;
}
