import { expect } from 'chai';
import { it } from 'mocha';

import { describeReal } from '../../support/real/target.ts';
import { runExample } from '../../support/run-example.ts';

await describeReal('The example pull-iterator', (target) => {
  it('does the same on a cluster that it is told of', async function () {
    this.timeout(120_000);
    const { nameServers } = await target.cluster();
    expect(await runExample('pull-iterator', '--namesrv', nameServers)).to.include('As it should be.');
  });
});
