import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const declaration = /^export (?:abstract |async )?(?:const|function\*?|class|interface|type|let) (\w+)/;

/** Exported names of a source text that have no doc comment: neither right before them nor at a namesake (a value and its type). */
function undocumented(source: string): string[] {
  const lines = source.split('\n');
  const documented = new Set<string>();
  const bare: string[] = [];
  for (const [index, line] of lines.entries()) {
    const name = declaration.exec(line)?.[1];
    if (name === undefined) continue;
    if (lines[index - 1]?.trimEnd().endsWith('*/') === true) documented.add(name);
    else bare.push(name);
  }
  return bare.filter((name) => !documented.has(name));
}

describe('doc comments', () => {
  it('stand at every export of protocol', () => {
    const files = readdirSync('protocol', { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    expect(files).to.include('index.ts').and.to.have.lengthOf.above(80);
    const bare = files.flatMap((file) =>
      undocumented(readFileSync(join('protocol', file), 'utf8')).map((name) => `${file}: ${name}`),
    );
    expect(bare).to.deep.equal([]);
  });

  it('are missed where there are none', () => {
    const source = [
      'export const a = 1;',
      '/** B. */',
      'export class B {}',
      'export type B = number;',
      'export function c() {}',
    ];
    expect(undocumented(source.join('\n'))).to.deep.equal(['a', 'c']);
  });
});
