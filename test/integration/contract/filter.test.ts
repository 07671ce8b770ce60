import { expect } from 'chai';
import { it } from 'mocha';

import { Commands } from '../../../protocol/commands/index.ts';
import { sqlSubscription } from '../../../protocol/model/subscription-data.ts';
import { describeEverywhere } from '../../support/everywhere.ts';
import { RawCluster, textsOf } from './raw-cluster.ts';

await describeEverywhere('Filter', (target) => {
  it('compares the hash codes of tags only, and moves on over what does not match', async () => {
    await using raw = await RawCluster.open(target);
    // Two tags with one hash code.
    for (const tag of ['Aa', 'BB', 'C']) await raw.send(tag, { TAGS: tag });
    await raw.send('none');
    const found = await raw.pull({ subscription: 'Aa || X' });
    expect(textsOf(found)).to.deep.equal(['Aa', 'BB']);
    expect(found.extFields?.['nextBeginOffset']).to.equal('4');
    const nothing = await raw.pull({ subscription: 'X' });
    expect([nothing.code, nothing.remark]).to.deep.equal([20, 'NO_MATCHED_MESSAGE']);
    expect(nothing.extFields?.['nextBeginOffset']).to.equal('4');
  });

  it('evaluates SQL92 over properties', async () => {
    await using raw = await RawCluster.open(target);
    await raw.send('1', { a: '1', s: 'x' });
    await raw.send('2', { a: '2', s: 'y' });
    await raw.send('3', { s: 'z', d: '1.5' });
    const passing = async (subscription: string): Promise<string[]> =>
      textsOf(await raw.pull({ subscription, expressionType: 'SQL92' }));
    const expected: Readonly<Record<string, string[]>> = {
      'a > 1': ['2'],
      'a >= 1 AND a < 2': ['1'],
      'a BETWEEN 1 AND 2': ['1', '2'],
      'a NOT BETWEEN 1 AND 1': ['2'],
      "s IN ('x', 'z')": ['1', '3'],
      "s NOT IN ('x', 'z')": ['2'],
      "s = 'x' OR d = 1.5": ['1', '3'],
      'a IS NULL': ['3'],
      'a IS NOT NULL': ['1', '2'],
      "NOT (s <> 'x')": ['1'],
      TRUE: ['1', '2', '3'],
      'a = 1 -- a remark': ['1'],
    };
    for (const [expression, texts] of Object.entries(expected))
      expect(await passing(expression), expression).to.deep.equal(texts);
    if (raw.isFive) expect(await passing("s STARTSWITH 'x'")).to.deep.equal(['1']);
  });

  it('says before a pull whether an expression is one', async () => {
    await using raw = await RawCluster.open(target);
    const check = async (expression: string): Promise<number> => {
      const subscriptionData = sqlSubscription(raw.topic, expression, 1);
      const body = { clientId: 'c@1', group: raw.group, subscriptionData };
      return (await raw.ask(Commands.checkClientConfig, {}, body)).code;
    };
    expect([await check('a > 1'), await check('a >')]).to.deep.equal([0, 23]);
  });

  it('filters by the expression of the heartbeat', async () => {
    await using raw = await RawCluster.open(target);
    await raw.send('1', { a: '1' });
    await raw.send('2', { a: '2' });
    await raw.heartbeat('c@1', { subscriptionDataSet: [sqlSubscription(raw.topic, 'a = 2', 1)] });
    const answer = await raw.pull({ sysFlag: 0, subscription: undefined, expressionType: 'SQL92' });
    expect(textsOf(answer)).to.deep.equal(['2']);
  });
});
