import { expect } from 'chai';
import { describe, it } from 'mocha';
import { describeLong } from '../support/long.ts';
import { describeMutant, misfits, MUTANTS, tryMutant } from './mutants.ts';

describe('Mutants of the client', () => {
  it('are changes of the sources as they are', async () => {
    for (const mutant of MUTANTS) expect(await misfits(mutant), mutant.name).to.deep.equal([]);
  });
});

describeLong('Simulation of a client without one of its guards', () => {
  for (const mutant of MUTANTS) {
    it(`notices: ${mutant.name}`, async function () {
      this.timeout(1_200_000);
      const result = await tryMutant(mutant);
      console.log(`      ${describeMutant(result)}`);
      expect(result.isCaught, describeMutant(result)).to.equal(true);
    });
  }
});
