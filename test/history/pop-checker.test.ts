import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { HistoryEvent } from './event.ts';
import { checkPopHistory } from './pop-checker.ts';

const where = { topic: 'T', queue: 'b:0', offset: 0, value: 'v' };

/** A message that is done at 6,000, and a copy of it, made by the broker at `madeAt`, that a listener gets at 9,000. */
const repeated = (madeAt: number): HistoryEvent[] => [
  { at: 0, process: 'm', op: 'up', phase: 'ok' },
  { at: 100, process: 'p', op: 'send', phase: 'invoke', topic: 'T', value: 'v' },
  { at: 101, process: 'p', op: 'send', phase: 'ok', ...where },
  { at: 5_000, process: 'm', op: 'deliver', ...where, epoch: 1 },
  { at: 6_000, process: 'm', op: 'done', ...where, epoch: 1 },
  { at: 9_000, process: 'm', op: 'deliver', topic: 'T', queue: 'b:again', value: 'v', epoch: 2, madeAt },
  { at: 9_010, process: 'm', op: 'done', topic: 'T', queue: 'b:again', value: 'v', epoch: 2, madeAt },
];

/** Message 0 is held by a member that stands still, and another gets message 1. */
const overtaken = (between: HistoryEvent[]): HistoryEvent[] => [
  { at: 0, process: 'm', op: 'up', phase: 'ok' },
  { at: 1, process: 'p', op: 'send', phase: 'invoke', topic: 'T', value: 'v' },
  { at: 2, process: 'p', op: 'send', phase: 'ok', ...where },
  { at: 3, process: 'p', op: 'send', phase: 'invoke', topic: 'T', value: 'w' },
  { at: 4, process: 'p', op: 'send', phase: 'ok', ...where, offset: 1, value: 'w' },
  ...between,
  { at: 5_000, process: 'm', op: 'deliver', ...where, offset: 1, value: 'w', epoch: 1 },
  { at: 5_010, process: 'm', op: 'done', ...where, offset: 1, value: 'w', epoch: 1 },
  { at: 5_020, process: 'm', op: 'deliver', ...where, epoch: 2 },
  { at: 5_030, process: 'm', op: 'done', ...where, epoch: 2 },
];

describe('Checker of groups that pop', () => {
  it('lets a copy pass that was made before its broker could hear of the acknowledgement, however late it comes', () => {
    expect(checkPopHistory(repeated(6_010), false).violations).to.deep.equal([]);
  });

  it('finds a copy that was made of a message long after that was done', () => {
    const { violations } = checkPopHistory(repeated(7_500), false);
    expect(violations.map(({ rule }) => rule)).to.deep.equal(['V5']);
  });

  it('finds a message that is delivered in order before one that comes first, unless an operator passed over that', () => {
    const { violations } = checkPopHistory(overtaken([]), true);
    expect(violations.map(({ rule }) => rule)).to.deep.equal(['V9']);
    const reset: HistoryEvent = { at: 4_000, process: 'operator', op: 'reset', ...where, offset: 1 };
    expect(checkPopHistory(overtaken([reset]), true).violations).to.deep.equal([]);
  });
});
