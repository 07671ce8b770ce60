import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  javaHashCode,
  matchesTags,
  ProtocolError,
  sqlSubscription,
  tagSubscription,
} from '../../../../protocol/index.ts';

describe('subscriptions', () => {
  it('hash tags as Java does', () => {
    expect(['TagA', 'TagB', '', '消息', 'polygenelubricants'].map(javaHashCode)).to.deep.equal([
      2_598_919, 2_598_920, 0, 893_927, -2_147_483_648,
    ]);
    expect(javaHashCode('Aa')).to.equal(javaHashCode('BB'));
  });

  it('of everything have no tags', () => {
    for (const expression of ['*', '', ' * ']) {
      expect(tagSubscription('T', expression, 5)).to.deep.equal({
        classFilterMode: false,
        topic: 'T',
        subString: '*',
        tagsSet: [],
        codeSet: [],
        subVersion: 5,
        expressionType: 'TAG',
      });
    }
  });

  it('of tags take each once, without blanks', () => {
    const subscription = tagSubscription('T', 'TagA || TagB||TagA || ', 5);
    expect(subscription.tagsSet).to.deep.equal(['TagA', 'TagB']);
    expect(subscription.codeSet).to.deep.equal([2_598_919, 2_598_920]);
    expect(() => tagSubscription('T', ' || ', 5)).to.throw(ProtocolError);
  });

  it('compare the tags themselves, since hash codes collide', () => {
    const subscription = tagSubscription('T', 'Aa', 5);
    expect(['Aa', 'BB', undefined].map((tags) => matchesTags(subscription, tags))).to.deep.equal([
      true,
      false,
      false,
    ]);
    expect(matchesTags(tagSubscription('T', '*', 5), undefined)).to.equal(true);
    expect(matchesTags(sqlSubscription('T', 'a > 1', 5), 'x')).to.equal(true);
  });
});
