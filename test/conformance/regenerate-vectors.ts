/**
 * Rewrites the golden vectors: `npx tsx test/conformance/regenerate-vectors.ts`; with `--check` it only compares and
 * fails when Java writes something else than what is committed. Needs Java 17 and Maven.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { buildJava } from '../support/java.ts';
import { type Generation, GENERATIONS, KINDS, vectorFile } from './golden-vectors.ts';

/** What Java writes now, by file. */
export async function javaVectors(generation: Generation): Promise<ReadonlyMap<URL, string>> {
  const { runJava } = await buildJava(generation);
  const texts = new Map<URL, string>();
  for (const kind of KINDS)
    texts.set(vectorFile(generation, kind), await runJava('rmq.ProtocolVectors', [kind]));
  const dump = JSON.parse(await runJava('rmq.ProtocolDump', [])) as Record<string, unknown>;
  texts.set(vectorFile(generation, 'reflection'), layOut(dump));
  return texts;
}

/** Names of the committed files that differ from what Java writes now. */
export async function changedVectors(generation: Generation): Promise<string[]> {
  const changed: string[] = [];
  for (const [file, text] of await javaVectors(generation))
    if ((await readFile(file, 'utf8').catch(() => '')) !== text)
      changed.push(file.pathname.replace(/.*\/vectors\//, ''));
  return changed;
}

/** One line for each class and for each group of constants. */
function layOut(dump: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(dump).map(([name, value]) => {
    const isByClass = name === 'headers' || name === 'bodies';
    const lines = isByClass
      ? Object.entries(value as object).map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`)
      : [];
    return `${JSON.stringify(name)}:${isByClass ? `{\n${lines.join(',\n')}\n}` : JSON.stringify(value)}`;
  });
  return `{${members.join(',\n')}}\n`;
}

async function rewrite(): Promise<void> {
  for (const generation of GENERATIONS) {
    for (const [file, text] of await javaVectors(generation)) {
      await mkdir(new URL('.', file), { recursive: true });
      await writeFile(file, text);
      console.log(`${file.pathname}: ${text.length} characters`);
    }
  }
}

async function check(): Promise<void> {
  for (const generation of GENERATIONS) {
    const changed = await changedVectors(generation);
    console.log(`${generation}: ${changed.length === 0 ? 'as committed' : `changed: ${changed.join(', ')}`}`);
    if (changed.length > 0) process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await (process.argv.includes('--check') ? check() : rewrite());
