/**
 * Fuzzes the protocol for as long as wanted: `npm run fuzz -- --executions 10000000 [--seed N] [--target bodies] [--save]`.
 * `--save` rewrites the committed corpus with what this run kept. Exit code 1 when something was found.
 */
import { parseArgs } from 'node:util';
import { writeCorpus } from './corpus.ts';
import { describeReport, runFuzz } from './run-fuzz.ts';

const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '300000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    target: { type: 'string' },
    save: { type: 'boolean', default: false },
  },
});

const report = await runFuzz({
  executions: Number(values.executions),
  seed: Number(values.seed),
  target: values.target,
});
console.log(describeReport(report));
for (const finding of report.findings)
  console.log(`\n${finding.target} ${finding.kind}: ${finding.detail}\n  input ${finding.input}`);
if (values.save) writeCorpus(new Map(report.targets.map(({ corpus, target }) => [target, corpus])));
process.exitCode = report.findings.length > 0 ? 1 : 0;
