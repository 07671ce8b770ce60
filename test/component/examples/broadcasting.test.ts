import { expect } from 'chai';
import { it } from 'mocha';

import { describeLong } from '../../support/long.ts';
import { runExample } from '../../support/run-example.ts';

describeLong('examples/broadcasting', function () {
  this.timeout(120_000);

  it('shows what its README says', async () => {
    const lines = await runExample('broadcasting');
    const said = (text: string): number => lines.filter((line) => line === text).length;
    for (const name of ['First', 'Second'])
      for (const price of [1, 2, 3, 4, 5]) expect(said(`[${name}] price ${price}`)).to.equal(1);
    expect(said('[First] failed, dropped') + said('[Second] failed, dropped')).to.equal(2);
    expect(lines.indexOf('[Second] price 4')).to.be.above(lines.indexOf('Second is back'));
    expect(lines.at(-1)).to.match(/^offsets\.json of Second: \{"offsetTable":\{\{.*"queueId":1,.*:3\}\}$/);
  });
});
