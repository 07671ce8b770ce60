import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { GENERATIONS } from './golden-vectors.ts';
import { changedVectors } from './regenerate-vectors.ts';

describe('conformance: live Java', () => {
  before(function () {
    if (process.env['ROCKETMQ_JAVA'] === '1') return;
    console.log('      not asking Java: set ROCKETMQ_JAVA=1 (needs Java 17 and Maven)');
    this.skip();
  });

  for (const generation of GENERATIONS) {
    it(`Java ${generation} writes the committed vectors`, async function () {
      this.timeout(300_000);
      expect(await changedVectors(generation)).to.deep.equal([]);
    });
  }
});
