import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isLongRun } from '../support/long.ts';
import { describeReport, runFuzz } from './run-fuzz.ts';

/** `npm run fuzz` runs more. */
const EXECUTIONS = isLongRun ? 300_000 : 10_000;

describe('fuzzing the protocol', () => {
  it(`${EXECUTIONS} inputs: nothing but ProtocolError, no hang, no memory`, async function () {
    this.timeout(1_200_000);
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
    const report = await runFuzz({ executions: EXECUTIONS, seed });
    console.log(describeReport(report).replaceAll(/^/gm, '      '));
    expect(
      report.findings.map(({ detail, input, kind, target }) => `${target} ${kind} ${input}\n${detail}`),
    ).to.deep.equal([]);
    expect(report.executions).to.be.at.least(EXECUTIONS);
    // A mutator or an instrumentation that does nothing would find nothing.
    expect(report.features).to.be.above(1500);
    for (const { corpus, target } of report.targets) expect(corpus, target).not.to.be.empty;
  });
});
