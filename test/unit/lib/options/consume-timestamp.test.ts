import { expect } from 'chai';
import { describe, it } from 'mocha';

import { InvalidOptionError } from '../../../../lib/errors.ts';
import { resolvePushConsumerOptions } from '../../../../lib/options/push-consumer.ts';

const NOW = 1_700_000_000_000;
const resolve = (consumeTimestamp?: Date | number | string): number =>
  resolvePushConsumerOptions(
    { consumerGroup: 'Group', ...(consumeTimestamp !== undefined && { consumeTimestamp }) },
    NOW,
  ).consumeTimestamp;

describe('Option consumeTimestamp', () => {
  it('is a text as Java has it, in local time, a Date, or milliseconds', () => {
    const moment = new Date(2026, 10, 29, 20, 47, 11);
    for (const value of ['20261129204711', moment, moment.getTime()])
      expect(resolve(value)).to.equal(moment.getTime());
  });

  it('is half an hour before the start by default', () => {
    expect(resolve()).to.equal(NOW - 30 * 60_000);
  });

  for (const value of ['', '2026-11-29', '2026112920471', -1, 0.5, new Date(Number.NaN)])
    it(`cannot be ${String(value) || 'empty'}`, () => {
      expect(() => resolve(value)).to.throw(InvalidOptionError, 'consumeTimestamp');
    });
});
