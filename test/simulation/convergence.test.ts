import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { isLongRun } from '../support/long.ts';
import { CASES, describeRows, measure, type ConvergenceRow } from './convergence.ts';

const SEEDS = Number(process.env['CONVERGENCE_SEEDS'] ?? (isLongRun ? 300 : 5));

describe('Convergence of a group, in virtual time', () => {
  const rows: ConvergenceRow[] = [];

  for (const which of CASES) {
    it(`${which.change}, notice ${which.notice}: within ${which.gate} ms for ${SEEDS} seeds`, async function () {
      this.timeout(240_000);
      const row = await measure(which, SEEDS);
      rows.push(row);
      expect(row.max).to.be.at.most(which.gate);
    });
  }

  after(() => console.log(describeRows(rows).replaceAll(/^/gm, '      ')));
});
