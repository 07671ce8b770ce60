import { Worker } from 'node:worker_threads';
import type { FuzzReport } from './fuzz-loop.ts';

export interface RunOptions {
  readonly executions: number;
  readonly seed: number;
  readonly target?: string | undefined;
}

/** What the thread gets. */
export interface WorkerTask extends RunOptions {
  /** Executions so far. */
  readonly progress: SharedArrayBuffer;
  /** The input that is being read: 4 bytes length, 16 bytes target, the input. */
  readonly current: SharedArrayBuffer;
}

/** An input that is not done after this long never will be. */
const HANG = 20_000;

/** Runs the loop in a thread of its own, which is ended when an input does not come to an end. */
export async function runFuzz(options: RunOptions): Promise<FuzzReport> {
  const task: WorkerTask = {
    ...options,
    progress: new SharedArrayBuffer(4),
    current: new SharedArrayBuffer(8192),
  };
  const worker = new Worker(new URL('./worker-start.mjs', import.meta.url), { workerData: task });
  let watchdog: NodeJS.Timeout | undefined;
  try {
    return await new Promise<FuzzReport>((resolve, reject) => {
      watchdog = watch(task, reject);
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the fuzzing thread ended with ${code}`)));
    });
  } finally {
    clearInterval(watchdog);
    await worker.terminate();
  }
}

function watch({ current, progress }: WorkerTask, onHang: (error: Error) => void): NodeJS.Timeout {
  const count = new Int32Array(progress);
  let [before, since] = [-1, performance.now()];
  return setInterval(() => {
    const executions = Atomics.load(count, 0);
    if (executions !== before) [before, since] = [executions, performance.now()];
    // Until the first input, files are instrumented and loaded.
    else if (executions > 0 && performance.now() - since > HANG) {
      const bytes = Buffer.from(current);
      const input = bytes.subarray(20, 20 + bytes.readUInt32BE(0)).toString('hex');
      onHang(
        new Error(`input ${executions} of ${bytes.toString('latin1', 4, 20).trim()} does not end: ${input}`),
      );
    }
  }, 1000);
}

/** The figures of a run in a few lines. */
export function describeReport(report: FuzzReport): string {
  const {
    branches,
    branchesTaken,
    executions,
    features,
    hungriestBytes,
    rerun,
    seconds,
    seed,
    slowestMs,
    targets,
  } = report;
  const corpus = targets.reduce((sum, target) => sum + target.corpus.length, 0);
  const rate = Math.round(executions / seconds);
  return [
    `${executions} executions in ${seconds.toFixed(1)} s (${rate}/s), seed ${seed}: ${features} features, ${branchesTaken} of ${branches} branches, corpus ${corpus}`,
    `slowest ${slowestMs.toFixed(1)} ms, hungriest ${(hungriestBytes / 1_048_576).toFixed(1)} MiB, ${rerun} run again`,
    ...targets.map(
      ({ corpus: inputs, executions: runs, features: found, target }) =>
        `${target.padEnd(12)}${String(runs).padStart(8)} executions ${String(found).padStart(5)} features ${String(inputs.length).padStart(4)} inputs`,
    ),
  ].join('\n');
}
