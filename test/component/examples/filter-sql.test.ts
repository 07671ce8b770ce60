import { expect } from 'chai';
import { describe, it } from 'mocha';

import { Example } from '../../support/example.ts';

describe('examples/filter-sql', function () {
  this.timeout(60_000);

  it('shows what its README says', async () => {
    await using example = new Example('filter-sql/main.ts');
    await example.printed('[LargeOrders] a bicycle', 2);
    expect(await example.ended).to.equal(0);
    const { lines } = example;
    expect(lines[0]).to.equal('FilterError malformed');
    const change = lines.indexOf('Now only those of the north or the west:');
    expect(lines.slice(2, change)).to.have.members(['[LargeOrders] a bicycle', '[LargeOrders] a boat']);
    expect(lines.slice(change + 1)).to.deep.equal(['[LargeOrders] a bicycle']);
  });
});
