import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parsers } from 'prettier/plugins/babel';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A copy of `protocol/` that counts how often each of its branches is taken. */
export interface Instrumented {
  /** URL of the copy's `index.ts`. */
  readonly entry: string;
  /** Number of branches. */
  readonly branches: number;
  /** Texts and numbers that the source compares with: food for the mutator. */
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
}

/** Where the copy finds its counters. */
export const COUNTERS = '__rmqBranches';

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

/** Texts to put into the source, by place. */
type Insertion = readonly [at: number, text: string];

/**
 * Writes the copy to the temporary folder. The branches are blocks, cases, the arms of conditional expressions and the
 * right sides of logical ones, found in the syntax tree that prettier's parser makes.
 */
export function instrumentProtocol(): Instrumented {
  const files = readdirSync(join(ROOT, 'protocol'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const sources = files
    .sort()
    .map((name) => [name, readFileSync(join(ROOT, 'protocol', name), 'utf8')] as const);
  const hash = createHash('sha256')
    .update(JSON.stringify(sources))
    .update(readFileSync(import.meta.filename));
  const folder = join(tmpdir(), `rmq-fuzz-${hash.digest('hex').slice(0, 12)}`);
  const marker = new Marker();
  const copies = sources.map(([name, source]) => [name, marker.mark(source)] as const);
  publish(folder, copies);
  return {
    entry: `file://${join(folder, 'protocol', 'index.ts')}`,
    branches: marker.branches,
    texts: [...marker.texts],
    numbers: [...marker.numbers],
  };
}

/** Gives the folder its name when it is complete, because several runs may write it at a time. */
function publish(folder: string, copies: readonly (readonly [name: string, source: string])[]): void {
  const work = mkdtempSync(`${folder}-`);
  for (const [name, source] of copies) {
    const file = join(work, 'protocol', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source);
  }
  writeFileSync(join(work, 'package.json'), '{"type":"module"}');
  symlinkSync(join(ROOT, 'node_modules'), join(work, 'node_modules'));
  try {
    renameSync(work, folder);
  } catch {
    // Another run, or an earlier one, was faster with the same content.
    rmSync(work, { recursive: true });
  }
}

/** Numbers the branches of all files in turn. */
class Marker {
  branches = 0;
  readonly texts = new Set<string>();
  readonly numbers = new Set<number>();
  #insertions: Insertion[] = [];

  mark(source: string): string {
    this.#insertions = [];
    const { program } = parsers['babel-ts'].parse(source, {} as never) as { readonly program: Node };
    this.#visit(program);
    let marked = '';
    let from = 0;
    // At one place the outer expression, which was found first, opens first; what closes was put before what opens.
    for (const [at, text] of this.#insertions.sort((a, b) => a[0] - b[0])) {
      marked += source.slice(from, at) + text;
      from = at;
    }
    return `const ${COUNTERS} = (globalThis as unknown as { ${COUNTERS}: Uint32Array }).${COUNTERS};${marked}${source.slice(from)}`;
  }

  #visit(node: Node): void {
    this.#markNode(node);
    for (const [member, value] of Object.entries(node)) {
      if (member === 'loc' || member.endsWith('Comments') || node.type.startsWith('TSType')) continue;
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value])
        if (isNode(child)) this.#visit(child);
    }
  }

  #markNode(node: Node): void {
    if (node.type === 'BlockStatement') this.#insertions.push([node.start + 1, this.#count()]);
    if (node.type === 'SwitchCase') this.#markCase(node);
    if (node.type === 'ConditionalExpression')
      for (const arm of [node['consequent'], node['alternate']]) this.#wrap(arm);
    if (node.type === 'LogicalExpression') this.#wrap(node['right']);
    if (node.type === 'IfStatement')
      for (const arm of [node['consequent'], node['alternate']]) this.#wrapStatement(arm);
    if (/^(For|While|DoWhile)/.test(node.type)) this.#wrapStatement(node['body']);
    if (node.type === 'StringLiteral' && typeof node['value'] === 'string' && node['value'].length < 40)
      this.texts.add(node['value']);
    if (node.type === 'NumericLiteral') this.numbers.add(Number(node['value']));
  }

  #markCase(node: Node): void {
    const [first] = node['consequent'] as Node[];
    if (first !== undefined && first.type !== 'BlockStatement')
      this.#insertions.push([first.start, this.#count()]);
  }

  #wrap(arm: unknown): void {
    if (!isNode(arm)) return;
    this.#insertions.push([arm.start, `(${this.#count().slice(0, -1)},`], [arm.end, ')']);
  }

  #wrapStatement(arm: unknown): void {
    if (!isNode(arm) || arm.type === 'BlockStatement' || arm.type === 'IfStatement') return;
    this.#insertions.push([arm.start, `{${this.#count()}`], [arm.end, '}']);
  }

  #count(): string {
    return `${COUNTERS}[${this.branches++}]++;`;
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
