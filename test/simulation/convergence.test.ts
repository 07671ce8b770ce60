import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { isLongRun } from '../support/long.ts';
import { CASES, describeRows, measureAll, type ConvergenceRow } from './convergence.ts';

const SEEDS = Number(process.env['CONVERGENCE_SEEDS'] ?? (isLongRun ? 300 : 5));

describe(`Convergence of a group, in virtual time, ${SEEDS} seeds`, () => {
  let rows: readonly ConvergenceRow[] = [];

  before(async function () {
    this.timeout(1_200_000);
    rows = await measureAll(SEEDS);
  });

  for (const { change, notice, gate } of CASES) {
    it(`${change}, notice ${notice}: within ${gate} ms`, () => {
      const row = rows.find((each) => each.change === change && each.notice === notice);
      expect(row?.seeds).to.equal(SEEDS);
      expect(row?.max).to.be.at.most(gate);
    });
  }

  after(() => console.log(describeRows(rows).replaceAll(/^/gm, '      ')));
});
