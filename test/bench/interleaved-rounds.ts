/** Something whose cost is measured. */
export interface Operation {
  readonly name: string;
  readonly run: (index: number) => unknown;
  /** How many operations one run is; 1 by default. */
  readonly per?: number;
}

/** What was measured. */
export interface Costs {
  /** Nanoseconds of CPU time for each operation, by name: the least of all rounds. */
  readonly nanos: ReadonlyMap<string, number>;
  /**
   * How much longer a fixed loop of arithmetic took than its best: median and most of all rounds. 1 is a quiet machine;
   * CPU time counts less what others do, but a core that is shared with them is slower all the same.
   */
  readonly slowdown: { readonly median: number; readonly most: number };
}

const BATCH_MILLIS = 20;
const LOOP_ITERATIONS = 3_000_000;
let sink: unknown;

/** Measures all in turn, round after round, so that each has its share of the quiet moments. */
export function measureInRounds(operations: readonly Operation[], rounds: number): Costs {
  const counts = operations.map((operation) => calibrate(operation));
  const least = operations.map(() => Number.POSITIVE_INFINITY);
  const loops: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [index, { run, per = 1 }] of operations.entries()) {
      const count = counts[index] ?? 1;
      least[index] = Math.min(least[index] ?? 0, time(run, count) / count / per);
    }
    loops.push(time(() => calculate(), 1));
  }
  loops.sort((a, b) => a - b);
  const ratio = (at: number): number => Math.round(((loops[at] ?? 0) / (loops[0] ?? 1)) * 100) / 100;
  if (sink === Symbol.iterator) console.error(sink);
  return {
    nanos: new Map(operations.map(({ name }, index) => [name, least[index] ?? 0])),
    slowdown: { median: ratio(loops.length >> 1), most: ratio(loops.length - 1) },
  };
}

/** How many runs take a batch's time, once they are compiled. */
function calibrate({ run }: Operation): number {
  let count = 1;
  while (time(run, count) < BATCH_MILLIS * 1e6) count = Math.ceil(count * 1.7);
  return count;
}

/** CPU time in nanoseconds. */
function time(run: (index: number) => unknown, count: number): number {
  const start = process.cpuUsage();
  for (let index = 0; index < count; index++) sink = run(index & 63);
  const { user, system } = process.cpuUsage(start);
  return (user + system) * 1000;
}

function calculate(): number {
  let value = 2_463_534_242;
  for (let index = 0; index < LOOP_ITERATIONS; index++) {
    value ^= value << 13;
    value ^= value >>> 17;
    value ^= value << 5;
  }
  return value;
}
