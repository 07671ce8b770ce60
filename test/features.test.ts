import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';

/** The cells of one row of a feature. */
interface Row {
  readonly id: string;
  readonly priority: string;
  readonly builtIn: string;
  readonly testedIn: string;
  readonly note: string;
}

const text = readFileSync('FEATURES.md', 'utf8');
const rows: readonly Row[] = text.split('\n').flatMap((line) => {
  const [, id = '', priority = '', , builtIn = '', testedIn = '', note = ''] = line
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
  return /^[A-Z]+-\d+$/.test(id) ? [{ id, priority, builtIn, testedIn, note }] : [];
});
const linked = [...text.matchAll(/\]\(([^)#]+)/g)].map(([, path = '']) => path);

describe('FEATURES.md', () => {
  it('names files that exist', () => {
    expect(linked).to.have.lengthOf.above(300);
    expect(linked.filter((path) => !existsSync(path))).to.deep.equal([]);
  });

  it('has each id once, without a gap', () => {
    expect(rows).to.have.lengthOf(152);
    const ids = rows.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).to.deep.equal([]);
    const known = new Set(ids);
    const gaps = ids.filter((id) => {
      const [letters = '', number = ''] = id.split('-');
      return number !== '01' && !known.has(`${letters}-${String(Number(number) - 1).padStart(2, '0')}`);
    });
    expect(gaps).to.deep.equal([]);
  });

  it('says of each row where it is built and tested, or why not', () => {
    const bare = rows.filter(({ builtIn, testedIn, note }) =>
      builtIn === 'not built'
        ? note === ''
        : !builtIn.includes('.ts](') || !testedIn.includes('.test.ts](test/'),
    );
    expect(bare).to.deep.equal([]);
    expect(rows.every(({ priority }) => ['M', 'S', 'C'].includes(priority))).to.equal(true);
  });

  it('counts them right', () => {
    for (const priority of ['M', 'S', 'C']) {
      const all = rows.filter((row) => row.priority === priority);
      const missing = all.filter(({ builtIn }) => builtIn === 'not built').length;
      const count = new RegExp(`\\| ${priority} +\\| ${all.length - missing} +\\| ${missing} +\\|`);
      expect(text).to.match(count);
    }
  });
});
