import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';

import { HandOver } from '../../../../../lib/cli/demo/hand-over.ts';
import { OwnershipBoard } from '../../../../../lib/cli/demo/ownership-board.ts';

describe('HandOver', () => {
  let board: OwnershipBoard;

  beforeEach(() => {
    board = new OwnershipBoard(4);
    board.set('A', [0, 1]);
    board.set('B', [2, 3]);
  });

  it('is over when every queue of a killed member is owned and consumed again', () => {
    const handOver = new HandOver(1_000, ['A'], board.soleOwners());
    board.remove('B');
    expect(handOver.endedAt(board)).to.equal(undefined);
    board.set('A', [0, 1, 2, 3]);
    handOver.rebalanced(1_010);
    expect(handOver.endedAt(board)).to.equal(undefined);
    handOver.consumed('A', 2, 1_020);
    expect(handOver.endedAt(board)).to.equal(undefined);
    handOver.consumed('A', 3, 1_030);
    handOver.consumed('A', 3, 1_040);
    expect(handOver.endedAt(board)).to.equal(1_030);
  });

  it('does not count what the old owner, or the new one before the change, consumed', () => {
    const handOver = new HandOver(1_000, ['A'], board.soleOwners());
    board.remove('B');
    board.set('A', [0, 1, 2, 3]);
    handOver.consumed('B', 2, 1_005);
    handOver.consumed('A', 2, 999);
    handOver.consumed('A', 3, 1_005);
    expect(handOver.endedAt(board)).to.equal(undefined);
  });

  it('is not over while two members own the same queue', () => {
    const handOver = new HandOver(1_000, ['A', 'B', 'C'], board.soleOwners());
    board.set('C', [3]);
    handOver.consumed('C', 3, 1_020);
    expect(handOver.endedAt(board)).to.equal(undefined);
    board.set('B', [2]);
    handOver.rebalanced(1_050);
    expect(handOver.endedAt(board)).to.equal(1_050);
  });

  it('is not over while the shares are uneven', () => {
    const handOver = new HandOver(1_000, ['A', 'B', 'C'], board.soleOwners());
    expect(handOver.endedAt(board)).to.equal(undefined);
  });
});

describe('OwnershipBoard', () => {
  it('knows the owners of each queue, and the sizes of the shares', () => {
    const board = new OwnershipBoard(3);
    board.set('A', [0, 1]);
    board.set('B', [1]);
    expect(board.ownersOf(1)).to.deep.equal(['A', 'B']);
    expect(board.ownersOf(2)).to.deep.equal([]);
    expect([...board.soleOwners()]).to.deep.equal([[0, 'A']]);
    expect(board.shares(['A', 'B', 'C'])).to.equal('2/1/0');
    board.remove('A');
    expect([...board.soleOwners()]).to.deep.equal([[1, 'B']]);
  });
});
