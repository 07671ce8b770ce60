import { expect } from 'chai';
import { describe, it } from 'mocha';
import { compileSql } from '../../../../lib/embedded/sql/parser.ts';
import { sqlSubscription } from '../../../../protocol/model/subscription-data.ts';
import { isPending, messagesOf, World } from './world.ts';

const messages = [{ a: '5' }, { a: '12', c: 'x' }, { b: 'hello' }, { a: '3.5', b: "it's" }, {}].map(
  (properties) => new Map(Object.entries(properties)),
);
const all = '01234';

/** What brokers 5.5.0 and 4.9.7 let pass of {@link messages}. */
const passing: Readonly<Record<string, string>> = {
  'a > 4': '01',
  'a >= 5': '01',
  'a < 4': '',
  'a = 5': '0',
  "a = '5'": '0',
  'a <> 5': '1',
  "b = 'hello'": '2',
  "b <> 'hello'": '3',
  'a BETWEEN 3 AND 5': '0',
  'a NOT BETWEEN 3 AND 5': '1',
  "b IN ('hello', 'x')": '2',
  "b NOT IN ('hello', 'x')": '3',
  'a IS NULL': '24',
  'a IS NOT NULL': '013',
  'NOT (a > 4)': '',
  "a > 4 OR b = 'hello'": '012',
  'a > 4 AND c IS NOT NULL': '1',
  TRUE: all,
  FALSE: '',
  "b CONTAINS 'ell'": '2',
  "b STARTSWITH 'he'": '2',
  "b ENDSWITH 'lo'": '2',
  "b NOT CONTAINS 'ell'": '3',
  "b NOT STARTSWITH 'he'": '3',
  "b = 'it''s'": '3',
  'a > 4L': '01',
  'a > 4.5E0': '01',
  'a > 1 -- comment': '01',
  '/* x */ a > 1': '01',
  'b > 4': '',
  'a = TRUE': '',
  'NOT a': '013',
  a: '',
  "'x' = 'x'": all,
  '5 > 3': all,
  '-5 < a': '01',
  'a>=-1': '01',
  'a between 1 and 4': '',
  'A > 4': '',
  'a = b': '4',
  'a > c': '',
  "c <> 'y'": '1',
  'a LIKE 5': '',
  'a + 1 > 2': '',
  'a > 4 and not b is null': '01',
  'b IS NULL OR a > 4 AND c IS NULL': '014',
  '.5 < a': '013',
  'NULL IS NULL': all,
  'TRUE AND a > 4': '01',
  'a > 0x1': '01',
};

const refused = [
  "a > 'x'",
  'a > 4 AND',
  '(a > 4',
  'a BETWEEN 5 AND 3',
  'a IN (5)',
  'NOT a > 4',
  'a <> NULL',
  'a = NULL',
  'a >',
  '',
];

describe('Embedded broker, SQL92', () => {
  for (const [expression, expected] of Object.entries(passing)) {
    it(`lets pass by ${expression} what real brokers let pass`, () => {
      const passes = compileSql(expression);
      expect(messages.flatMap((properties, index) => (passes(properties) ? [index] : [])).join('')).to.equal(
        expected,
      );
    });
  }

  for (const expression of refused) {
    it(`refuses ${JSON.stringify(expression)} as real brokers do`, () => {
      expect(() => compileSql(expression)).to.throw('SQL92: ');
    });
  }

  it('does not know text tests as 4.9', () => {
    expect(compileSql("b CONTAINS 'ell'", false)(new Map([['b', 'hello']]))).to.equal(false);
    expect(() => compileSql("b NOT CONTAINS 'ell'", false)).to.throw('SQL92: ');
    expect(compileSql("b NOT IN ('x')", false)(new Map([['b', 'hello']]))).to.equal(true);
  });

  it('filters pulls by their own expression, everything passing a bad one', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    for (const a of [1, 9]) await client.send('T', { properties: `a\u0001${a}\u0002` }, `a${a}`);
    const texts = async (subscription: string): Promise<string[]> =>
      messagesOf(await client.pull('T', { subscription, expressionType: 'SQL92' })).map((message) =>
        message.text(),
      );
    expect(await texts('a > 5')).to.deep.equal(['a9']);
    expect(await texts('a >')).to.deep.equal(['a1', 'a9']);
  });

  it('filters by the expression of the heartbeat, and refuses a bad one', async () => {
    await using world = await World.start({ topics: { T: 1 } });
    const client = world.client();
    await client.heartbeat('c@1', {
      groupName: 'G',
      subscriptionDataSet: [sqlSubscription('T', 'a > 5', 3)],
    });
    const pull = client.pull('T', { sysFlag: 2, subVersion: 3, suspendTimeoutMillis: 15_000 });
    await client.send('T', { properties: 'a\u00011\u0002' });
    expect(await isPending(pull)).to.equal(true);
    await client.send('T', { properties: 'a\u00019\u0002' }, 'a9');
    expect(messagesOf(await pull).map((message) => message.text())).to.deep.equal(['a9']);
    await client.heartbeat('c@1', { groupName: 'G', subscriptionDataSet: [sqlSubscription('T', 'a >', 4)] });
    expect((await client.pull('T', { sysFlag: 0, subVersion: 4 })).code).to.equal(27);
  });
});
