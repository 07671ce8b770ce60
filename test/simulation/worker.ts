/** A process that runs batches of schedules for `run-batches.ts`. */
import { runBatch, type BatchOrder, type BatchResult } from './batch.ts';

const answer = (result: BatchResult | { readonly error: string }): void => {
  process.send?.(result);
};

process.on('message', (order: BatchOrder) => {
  runBatch(order).then(answer, (error: unknown) =>
    answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.once('disconnect', () => process.exit());
