import { parentPort, workerData } from 'node:worker_threads';
import { readCorpus } from './corpus.ts';
import { fuzz } from './fuzz-loop.ts';
import type { WorkerTask } from './run-fuzz.ts';

const { executions, seed, target, progress, current } = workerData as WorkerTask;
const count = new Int32Array(progress);
const input = Buffer.from(current);

/** Shows the input before it is read, so that the watchdog can name one that never ends. */
function show(name: string, bytes: Buffer, executions: number): void {
  input.writeUInt32BE(bytes.length, 0);
  input.write(name.padEnd(16), 4, 'latin1');
  bytes.copy(input, 20);
  Atomics.store(count, 0, executions);
}

const corpus = readCorpus();
const report = await fuzz({
  executions,
  seed,
  corpus,
  onInput: show,
  ...(target === undefined ? undefined : { target }),
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(report);
