import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';

import { Ledger } from '../../../../../lib/cli/demo/ledger.ts';

describe('Ledger', () => {
  let ledger: Ledger;

  beforeEach(() => {
    ledger = new Ledger();
  });

  it('counts what was acknowledged and not consumed, by queue', () => {
    ledger.acknowledge(1, 0);
    ledger.acknowledge(2, 3);
    ledger.acknowledge(3, 3);
    ledger.consume(2);
    expect(ledger.acknowledged).to.equal(3);
    expect(ledger.outstanding()).to.equal(2);
    expect(ledger.outstanding(0)).to.equal(1);
    expect(ledger.outstanding(3)).to.equal(1);
    expect(ledger.outstanding(7)).to.equal(0);
  });

  it('takes a message that is consumed before its acknowledgement comes for neither lost nor repeated', () => {
    ledger.consume(1);
    expect(ledger.outstanding()).to.equal(0);
    ledger.acknowledge(1, 0);
    expect(ledger.outstanding()).to.equal(0);
    expect(ledger.repeated).to.equal(0);
  });

  it('counts every delivery after the first as a repeat', () => {
    ledger.acknowledge(1, 0);
    for (let delivery = 0; delivery < 3; delivery++) ledger.consume(1);
    expect(ledger.repeated).to.equal(2);
    expect(ledger.consumed).to.equal(1);
    expect(ledger.outstanding()).to.equal(0);
  });
});
