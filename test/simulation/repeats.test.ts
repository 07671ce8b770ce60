import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { isLongRun } from '../support/long.ts';
import { CASES, describeRepeats, measureRepeats, type RepeatRow } from './repeats.ts';

const SEEDS = Number(process.env['REPEAT_SEEDS'] ?? (isLongRun ? 60 : 4));

describe('Repeats by their cause, in virtual time', () => {
  const rows: RepeatRow[] = [];

  for (const which of CASES) {
    it(`${which.change} with ${which.listener} listeners: within the bounds for ${SEEDS} seeds`, async function () {
      this.timeout(1_200_000);
      const row = await measureRepeats(which, SEEDS);
      rows.push(row);
      for (const { text, gone, handedOver, expected } of row.runs) {
        expect(text).to.equal('');
        expect(gone.repeats).to.be.at.most(gone.bound);
        expect(handedOver.repeats).to.be.at.most(handedOver.bound);
        expect(expected, 'what the members said').to.equal(handedOver.repeats);
      }
    });
  }

  it('are none in a quiet group, with a member that leaves, and where listeners are quick', () => {
    const none = rows.filter(({ change, listener }) => change === 'nothing' || listener === 'quick');
    for (const { change, runs } of none)
      for (const { handedOver } of runs) expect(handedOver.repeats, change).to.equal(0);
    for (const { runs } of rows.filter(({ change }) => change === 'leave'))
      for (const { gone } of runs) expect(gone.repeats).to.equal(0);
  });

  it('happen where they are allowed, so that the bounds are tried', () => {
    const slow = (change: string): RepeatRow['runs'] =>
      rows.find((row) => row.change === change && row.listener === 'slow')?.runs ?? [];
    expect(slow('handover').some(({ handedOver }) => handedOver.repeats > 0)).to.equal(true);
    expect(slow('crash').some(({ gone }) => gone.repeats > 0)).to.equal(true);
  });

  after(() => console.log(describeRepeats(rows).replaceAll(/^/gm, '      ')));
});
