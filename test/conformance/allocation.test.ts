import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { buildJava } from '../support/java.ts';
import { type AllocationVectors, javaOutcome, ourOutcome } from './allocation-vectors.ts';

const SAMPLE = new URL('./vectors/allocation.json', import.meta.url);
const STRATEGIES = [
  'AVG',
  'AVG_BY_CIRCLE',
  'CONSISTENT_HASH',
  'CONFIG',
  'MACHINE_ROOM',
  'MACHINE_ROOM_NEARBY',
] as const;
const FRESH_INPUTS = 500;

describe('conformance: allocation', () => {
  it("gives Java's answer to every input of the committed sample", async () => {
    const vectors = JSON.parse(await readFile(SAMPLE, 'utf8')) as AllocationVectors;
    expectJavasAnswers(vectors, 60);
  });

  for (const version of ['5.5.0', '4.9.7']) {
    it(`gives the answer of Java ${version} to fresh random inputs`, async function () {
      if (process.env['ROCKETMQ_JAVA'] !== '1') {
        console.log(`      not asking Java ${version}: set ROCKETMQ_JAVA=1 (needs Java 17 and Maven)`);
        this.skip();
      }
      this.timeout(300_000);
      const { runJava } = await buildJava(version);
      const seed = Math.floor(Math.random() * 2 ** 31);
      console.log(`      rmq.AllocationVectors ${seed} ${FRESH_INPUTS}`);
      const output = await runJava('rmq.AllocationVectors', [seed, FRESH_INPUTS]);
      expectJavasAnswers(JSON.parse(output) as AllocationVectors, FRESH_INPUTS);
    });
  }
});

function expectJavasAnswers(vectors: AllocationVectors, inputsPerStrategy: number): void {
  for (const strategy of STRATEGIES) {
    const cases = vectors.cases.filter(({ name }) => name.replace(/NEARBY-.*/, 'NEARBY') === strategy);
    expect(cases.length, strategy).to.equal(inputsPerStrategy);
    for (const vector of cases)
      expect(ourOutcome(vector), JSON.stringify(vector)).to.deep.equal(javaOutcome(vector));
  }
}
