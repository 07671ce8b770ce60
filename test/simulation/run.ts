/**
 * Simulated groups, as many as wanted:
 *
 *     npx tsx test/simulation/run.ts --schedules 500000 [--kind locked|mixed] [--seed 1] [--workers 2] [--all]
 *     npx tsx test/simulation/run.ts --seed 17 --path 31:2:0
 *     npx tsx test/simulation/run.ts --replay '{"seed":…}' [--about Topic/broker-a:0]
 */
import { parseArgs } from 'node:util';
import { replay, reportFailure, runBatch } from './batch.ts';
import { describeSummary, runSchedules } from './run-batches.ts';
import type { Schedule } from './schedule.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '5000' },
    seed: { type: 'string' },
    path: { type: 'string' },
    /** `soft`, `locked` for groups that consume in order or hand over by locks, or `mixed`. */
    kind: { type: 'string', default: 'soft' },
    workers: { type: 'string', default: '2' },
    replay: { type: 'string' },
    about: { type: 'string' },
    /** Goes on after a failure. */
    all: { type: 'boolean', default: false },
    /** Shows schedules as they were found, without making them smaller. */
    'as-found': { type: 'boolean', default: false },
  },
});
const kind = values.kind === 'locked' || values.kind === 'mixed' ? values.kind : 'soft';
const seed = Number(values.seed ?? Date.now() % 1_000_000_000);

if (values.replay !== undefined)
  console.log(await replay(JSON.parse(values.replay) as Schedule, values.about));
else if (values.path !== undefined) {
  const { failure } = await runBatch({ seed, runs: 1_000, kind, path: values.path, asFound: true });
  console.log(failure === undefined ? 'It does not fail' : reportFailure(failure));
} else await runMany();

async function runMany(): Promise<void> {
  let shown = 0;
  const summary = await runSchedules({
    schedules: Number(values.schedules),
    seed,
    kind,
    workers: Number(values.workers),
    stopAtFailure: !values.all,
    asFound: values['as-found'],
    onProgress: (soFar) => {
      for (const failure of soFar.failures.slice(shown)) console.log(`${reportFailure(failure)}\n`);
      shown = soFar.failures.length;
      if (soFar.schedules % 5_000 < 100) console.log(describeSummary(soFar));
    },
  });
  console.log(`seed ${seed}: ${describeSummary(summary)}; ${summary.failures.length} batches failed`);
  process.exitCode = summary.failures.length > 0 ? 1 : 0;
}
