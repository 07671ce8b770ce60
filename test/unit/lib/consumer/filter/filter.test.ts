import { expect } from 'chai';
import { describe, it } from 'mocha';

import { problemOf } from '../../../../../lib/consumer/filter/check-filter.ts';
import { FilterError } from '../../../../../lib/consumer/filter/filter-error.ts';
import { PullPace } from '../../../../../lib/consumer/flow/pull-pace.ts';
import { isSettling, pullDelay } from '../../../../../lib/consumer/pull/pull-delay.ts';
import { subscriptionData, type Filter } from '../../../../../lib/consumer/subscription.ts';
import { InvalidOptionError, ResponseError } from '../../../../../lib/errors.ts';

const answer = (code: number, remark = ''): ResponseError =>
  new ResponseError(code, remark, '127.0.0.1:10911', 'CHECK_CLIENT_CONFIG');

describe('subscriptionData', () => {
  it('takes tags as a text or a list, and SQL92', () => {
    expect(subscriptionData('T', 'A || B', 1)).to.include({ subString: 'A || B', expressionType: 'TAG' });
    expect(subscriptionData('T', { tags: ['A', 'B'] }, 1).tagsSet).to.deep.equal(['A', 'B']);
    expect(subscriptionData('T', { sql: 'a > 1' }, 1)).to.include({
      subString: 'a > 1',
      expressionType: 'SQL92',
    });
  });

  const refused: readonly (readonly [unknown, string])[] = [
    [{ sql: ' ' }, 'needs an expression in sql'],
    [{ sql: 5 }, 'needs an expression in sql'],
    [
      { filterClassSource: 'class F {}' },
      'is a class filter, which brokers do not evaluate any more; use tags or sql',
    ],
    [
      { fullClassName: 'com.example.F' },
      'is a class filter, which brokers do not evaluate any more; use tags or sql',
    ],
    [{ tag: 'A' }, "must be a string such as 'TagA || TagB', { tags }, or { sql }"],
  ];
  for (const [filter, reason] of refused)
    it(`refuses ${JSON.stringify(filter)} and says why`, () => {
      expect(() => subscriptionData('T', filter as Filter, 1)).to.throw(
        InvalidOptionError,
        `Option filter of topic T ${reason}`,
      );
    });
});

describe('problemOf', () => {
  it('knows the two refusals of a broker from other answers', () => {
    const disabled = 'The broker does not support consumer to filter message by SQL92';
    expect(problemOf(answer(1, disabled))).to.equal('disabled');
    expect(problemOf(answer(23, 'parse error'))).to.equal('malformed');
    for (const error of [answer(1, 'busy'), answer(3), answer(16), new Error(disabled)])
      expect(problemOf(error)).to.equal(undefined);
  });
});

describe('FilterError', () => {
  it('says what to do', () => {
    const address = '127.0.0.1:10911';
    const disabled = new FilterError('T', 'a = 1', { problem: 'disabled', address });
    expect(disabled.message).to.equal(
      'Broker 127.0.0.1:10911 refuses the filter of topic T: it does not filter by SQL92; set enablePropertyFilter=true in its configuration, or filter by tags',
    );
    const malformed = new FilterError('T', 'a =', {
      problem: 'malformed',
      address,
      cause: new Error('at 3'),
    });
    expect(malformed.message).to.equal(
      'Broker 127.0.0.1:10911 refuses the filter of topic T: it cannot read "a =": at 3',
    );
  });
});

describe('A pull after a change of subscription', () => {
  it('is repeated soon while the broker has not heard of the change, but not for ever', () => {
    for (const code of [25, 28]) {
      expect([isSettling(answer(code), 1), pullDelay(answer(code), new PullPace(), 20)]).to.deep.equal([
        true,
        50,
      ]);
      expect([isSettling(answer(code), 21), pullDelay(answer(code), new PullPace(), 21)]).to.deep.equal([
        false,
        1_000,
      ]);
    }
    expect(isSettling(answer(24), 1)).to.equal(false);
  });
});
