import { expect } from 'chai';
import { describe, it } from 'mocha';

import { clampRest, judgeOrderly } from '../../../../../lib/consumer/consume/orderly-verdict.ts';

describe('judgeOrderly', () => {
  const rest = 1_000;
  const rows: readonly [unknown, object, object?][] = [
    [undefined, { kind: 'done' }],
    ['success', { kind: 'done' }],
    [7, { kind: 'done' }],
    [null, { kind: 'done' }],
    [{}, { kind: 'done' }],
    ['later', { kind: 'suspend', rest }],
    [{ suspend: 250 }, { kind: 'suspend', rest: 250 }],
    [{ suspend: 1 }, { kind: 'suspend', rest: 10 }],
    [{ suspend: 90_000 }, { kind: 'suspend', rest: 30_000 }],
    [{ suspend: 'soon' }, { kind: 'suspend', rest }],
    [{ delayLevel: 5 }, { kind: 'suspend', rest }],
    [{ delayLevel: -1 }, { kind: 'deadLetter' }],
    ['deadLetter', { kind: 'deadLetter' }],
    [{ ackIndex: 2 }, { kind: 'suspend', rest, ackIndex: 2 }],
    [{ ackIndex: 'x' }, { kind: 'suspend', rest }],
    ['commit', { kind: 'done' }, { kind: 'commit' }],
    ['rollback', { kind: 'suspend', rest }, { kind: 'rollback', rest }],
  ];
  for (const [result, automatic, manual = automatic] of rows) {
    it(`reads ${JSON.stringify(result) ?? 'nothing'}`, () => {
      expect(judgeOrderly(result, { autoCommit: true, rest })).to.deep.equal(automatic);
      expect(judgeOrderly(result, { autoCommit: false, rest })).to.deep.equal(manual);
    });
  }

  it('takes what the listener has set in its context where the result says nothing', () => {
    const rules = { autoCommit: true, rest, ackIndex: 1 };
    expect(judgeOrderly(undefined, rules)).to.deep.equal({ kind: 'suspend', rest, ackIndex: 1 });
    expect(judgeOrderly('later', rules)).to.deep.equal({ kind: 'suspend', rest });
    const unset = { ...rules, ackIndex: Number.MAX_SAFE_INTEGER };
    expect(judgeOrderly(undefined, unset)).to.deep.equal({ kind: 'done' });
  });

  it("keeps a rest within Java's bounds", () => {
    expect([-1, 10, 1_500, 30_001].map(clampRest)).to.deep.equal([10, 10, 1_500, 30_000]);
  });
});
