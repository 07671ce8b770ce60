import { expect } from 'chai';
import { it } from 'mocha';

import { describeLong } from '../../support/long.ts';
import { runExample } from '../../support/run-example.ts';

describeLong('The example pull-iterator', () => {
  it('prints what its README says, on a cluster of its own', async function () {
    this.timeout(120_000);
    const printed = (await runExample('pull-iterator')).join('\n');
    expect(printed).to.include('The loop is left: the work on 消息 5 fails');
    expect(printed).to.match(/2\. A poll.*\n +5 6 7 8 9\n +Committed at 10\n/);
    expect(printed).to.match(/3\. A stream.*\n +10 11 12 13 14 15 16 17 18 19\n/);
    expect(printed).to.match(/4\. Back in time.*\n +0 1 2 .* 17 18 19\n/);
    expect(printed).to.match(/As it should be\.$/);
  });
});
