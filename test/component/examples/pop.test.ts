import { expect } from 'chai';
import { it } from 'mocha';

import { describeLong } from '../../support/long.ts';
import { runExample } from '../../support/run-example.ts';

describeLong('examples/pop', function () {
  this.timeout(120_000);

  it('shows what its README says', async () => {
    expect(await runExample('pop')).to.deep.equal([
      "201 messages are done, 'flaky' at the try 2",
      '4 members had work from one queue',
      'First has left; 202 messages are done',
    ]);
  });
});
