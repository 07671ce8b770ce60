import { expect } from 'chai';
import { it } from 'mocha';

import { describeLong } from '../../support/long.ts';
import { runExample } from '../../support/run-example.ts';

describeLong('examples/orderly', function () {
  this.timeout(120_000);

  it('shows what its README says', async () => {
    const lines = await runExample('orderly');
    expect(lines.filter((line) => line.includes('cannot be paid yet'))).to.have.length(1);
    expect(lines.filter((line) => /^\[(First|Second)\] queue \d order \d: /.test(line))).to.have.length(32);
    expect(lines.some((line) => line.startsWith('[Second] queue'))).to.equal(true);
    expect(lines.at(-1)).to.equal(
      'As it should be: 8 orders, each created, paid, packed, sent, each step once',
    );
  });
});
