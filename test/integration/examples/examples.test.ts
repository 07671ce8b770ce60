import { expect } from 'chai';
import { it } from 'mocha';

import { Example } from '../../support/example.ts';
import { whenLong } from '../../support/long.ts';
import { describeReal, type Target } from '../../support/real/target.ts';

/** What an example prints and how it ends, on the cluster. */
async function run(
  target: Target,
  path: string,
): Promise<{ lines: readonly string[]; code: number | string }> {
  const { nameServers } = await target.cluster();
  await using example = new Example(path, ['--namesrv', nameServers]);
  const code = await example.ended;
  return { lines: example.lines, code };
}

const times = (lines: readonly string[], text: string): number =>
  lines.filter((line) => line === text).length;

/** Of each example, what has to be among the lines that it prints, so many times. */
const EXAMPLES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'broadcasting/main.ts': {
    '[First] price 1': 1,
    '[Second] price 1': 1,
    '[First] price 4': 1,
    '[Second] price 4': 1,
    '[First] failed, dropped': 1,
    '[Second] failed, dropped': 1,
  },
  'filter-sql/main.ts': {
    'FilterError malformed': 1,
    '[LargeOrders] a boat': 1,
    '[LargeOrders] a bicycle': 2,
  },
  'graceful-shutdown/main.ts': { 'As it should be: each order was done once.': 1 },
  'load-balance/run.ts': { 'As it should be.': 1 },
  'orderly/main.ts': { 'As it should be: 8 orders, each created, paid, packed, sent, each step once': 1 },
  'pop/main.ts': {
    "201 messages are done, 'flaky' at the try 2": 1,
    'First has left; 202 messages are done': 1,
  },
  'pull-iterator/main.ts': { '   5 6 7 8 9': 1, '   Committed at 10': 1, 'As it should be.': 1 },
  'retry-and-dlq/main.ts': { 'As it should be.': 1 },
};

await whenLong('Examples', async () =>
  describeReal('Examples, told of a cluster,', (target) => {
    for (const [path, expected] of Object.entries(EXAMPLES)) {
      const cannotBe = path.startsWith('pop') && target.version === '4.9.7';
      if (cannotBe) continue;
      // The same topic and names as the first time: it must not stumble over what that has left.
      for (const time of ['once', 'again']) {
        it(`do what they say: ${path}, ${time}`, async () => {
          const { lines, code } = await run(target, path);
          const printed = Object.fromEntries(Object.keys(expected).map((text) => [text, times(lines, text)]));
          expect(printed, lines.join('\n')).to.deep.equal(expected);
          expect(code, lines.join('\n')).to.equal(0);
        });
      }
    }

    if (target.version === '4.9.7')
      it('say what is missing: pop/main.ts', async () => {
        const { lines, code } = await run(target, 'pop/main.ts');
        expect(lines.join('\n')).to.include('pop consumption needs brokers of 5.0 or later');
        expect(code).to.equal(1);
      });
  }),
);
