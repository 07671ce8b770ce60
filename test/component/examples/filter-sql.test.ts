import { expect } from 'chai';
import { it } from 'mocha';

import { describeLong } from '../../support/long.ts';
import { runExample } from '../../support/run-example.ts';

describeLong('examples/filter-sql', function () {
  this.timeout(120_000);

  it('shows what its README says', async () => {
    const lines = await runExample('filter-sql');
    expect(lines[0]).to.equal('FilterError malformed');
    const change = lines.indexOf('Now only those of the north or the west:');
    expect(lines.slice(2, change)).to.have.members(['[LargeOrders] a bicycle', '[LargeOrders] a boat']);
    expect(lines.slice(change + 1)).to.deep.equal(['[LargeOrders] a bicycle']);
  });
});
