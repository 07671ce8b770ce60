import { getHeapStatistics } from 'node:v8';

/** What one input may cost. */
const LIMITS = { time: 50, memory: 64 * 1_048_576 } as const;

/** What an input did that it must not do. */
export interface Breach {
  readonly kind: 'throw' | 'hang' | 'memory';
  readonly detail: string;
}

let requested = 0;

/** Counts the bytes that buffers are asked for, in this thread; gives what ends it. */
export function watchBuffers(): () => void {
  const original = { ...Buffer };
  Buffer.alloc = (size, ...rest) => ((requested += size), original.alloc(size, ...rest));
  Buffer.allocUnsafe = (size) => ((requested += size), original.allocUnsafe(size));
  Buffer.allocUnsafeSlow = (size) => ((requested += size), original.allocUnsafeSlow(size));
  return () => Object.assign(Buffer, original);
}

const heapUsed = (): number => {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
};

/** Runs one input; `isExpected` tells which errors may be thrown. */
export class Guard {
  readonly #isExpected: (error: unknown) => boolean;
  slowest = 0;
  hungriest = 0;
  reruns = 0;

  constructor(isExpected: (error: unknown) => boolean) {
    this.#isExpected = isExpected;
  }

  check(run: () => void): Breach | undefined {
    requested = 0;
    const before = performance.now();
    const thrown = this.#run(run);
    if (thrown !== undefined) return thrown;
    const time = performance.now() - before;
    this.hungriest = Math.max(this.hungriest, requested);
    if (requested > LIMITS.memory) return { kind: 'memory', detail: `${requested} bytes of buffers` };
    // Nothing takes 64 MiB of the heap within two milliseconds.
    if (time < 2) {
      this.slowest = Math.max(this.slowest, time);
      return undefined;
    }
    return this.#checkAgain(run, time);
  }

  /** Other processes and the garbage collector take time too: the least of four counts, by the CPU's clock. */
  #checkAgain(run: () => void, firstTime: number): Breach | undefined {
    this.reruns++;
    let [time, memory] = [firstTime, Infinity];
    for (let again = 0; again < 3 && (time > LIMITS.time || memory > LIMITS.memory); again++) {
      const [cpu, heap] = [process.cpuUsage(), heapUsed()];
      this.#run(run);
      const { user, system } = process.cpuUsage(cpu);
      time = Math.min(time, (user + system) / 1000);
      memory = Math.min(memory, Math.max(0, heapUsed() - heap));
    }
    this.slowest = Math.max(this.slowest, Math.min(time, firstTime));
    this.hungriest = Math.max(this.hungriest, memory);
    if (time > LIMITS.time) return { kind: 'hang', detail: `${time.toFixed(0)} ms of CPU time` };
    return memory > LIMITS.memory ? { kind: 'memory', detail: `${memory} bytes of heap` } : undefined;
  }

  #run(run: () => void): Breach | undefined {
    try {
      run();
      return undefined;
    } catch (error) {
      if (this.#isExpected(error)) return undefined;
      return {
        kind: 'throw',
        detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
      };
    }
  }
}
