import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const FOLDER = new URL('./corpus/', import.meta.url);

/** Of each target so many inputs, none longer than this, are worth keeping in the repository. */
const KEPT = { inputs: 120, bytes: 600 } as const;

/** The committed inputs, by target: each took branches that those before it did not. */
export function readCorpus(): ReadonlyMap<string, readonly Buffer[]> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return new Map(
    files.map((name) => {
      const inputs = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as readonly string[];
      return [name.slice(0, -5), inputs.map((input) => Buffer.from(input, 'hex'))];
    }),
  );
}

/** Keeps the short ones of what a run found. */
export function writeCorpus(corpus: ReadonlyMap<string, readonly string[]>): void {
  mkdirSync(FOLDER, { recursive: true });
  for (const [target, inputs] of corpus) {
    const kept = inputs.filter((input) => input.length <= KEPT.bytes * 2).slice(0, KEPT.inputs);
    writeFileSync(new URL(`${target}.json`, FOLDER), `${JSON.stringify(kept, undefined, 2)}\n`);
  }
}
