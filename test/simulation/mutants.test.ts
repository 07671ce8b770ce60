import { expect } from 'chai';
import { it } from 'mocha';
import { describeLong } from '../support/long.ts';
import { describeMutant, MUTANTS, tryMutant } from './mutants.ts';

describeLong('Simulation of a client without one of its guards', () => {
  for (const mutant of MUTANTS) {
    it(`notices: ${mutant.name}`, async function () {
      this.timeout(180_000);
      const result = await tryMutant(mutant);
      console.log(`      ${describeMutant(result)}`);
      expect(result.isCaught, describeMutant(result)).to.equal(true);
    });
  }
});
