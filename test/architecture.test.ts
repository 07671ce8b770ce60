import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import { config as chaiConfig, expect } from 'chai';
import { describe, it } from 'mocha';

chaiConfig.truncateThreshold = 0;

/** Layers from the bottom up, by path. A file may import from its own part and from layers below, not from a neighbour. */
const layers: readonly (readonly string[])[] = [
  ['protocol/'],
  ['lib/allocate/'],
  ['lib/runtime/'],
  ['lib/remoting/'],
  ['lib/routing/'],
  ['lib/api/'],
  ['lib/instance/'],
  ['lib/producer/', 'lib/consumer/', 'lib/admin/', 'lib/trace/'],
  ['lib/embedded/', 'lib/tap/', 'lib/testcontainers/'],
  ['lib/index.ts', 'lib/cli/'],
];

/** What everything above `protocol` may import. These know nothing above `remoting` themselves. */
const shared = ['lib/errors.ts', 'lib/logger.ts', 'lib/diagnostics.ts', 'lib/options/'];

/** The client's end of remoting, which the embedded cluster does without. */
const clientEnd = [
  'lib/remoting/remoting-client.ts',
  'lib/remoting/peer.ts',
  'lib/remoting/connection-pool.ts',
];

/** Outside things and the only files that may import them as values. */
const owners: Readonly<Record<string, readonly RegExp[]>> = {
  'node:net': [/^lib\/remoting\/tcp-transport\.ts$/],
  'node:tls': [/^lib\/remoting\/tcp-transport\.ts$/],
  'generic-pool': [/^lib\/remoting\/connection-pool\.ts$/],
  pino: [/^lib\/logger\.ts$/],
  'node:fs': [/^lib\/consumer\/offset\/[\w-]*file[\w-]*\.ts$/, /^lib\/tap\//, /^lib\/cli\//],
  'node:fs/promises': [/^lib\/consumer\/offset\/[\w-]*file[\w-]*\.ts$/, /^lib\/tap\//, /^lib\/cli\//],
  commander: [/^lib\/cli\//],
  picocolors: [/^lib\/cli\//, /^lib\/tap\//],
  ws: [/^lib\/tap\//],
  testcontainers: [/^lib\/testcontainers\//],
};

/** What `protocol` may import besides itself; one file there loads optional codecs. */
const protocolImports = ['node:buffer', 'node:crypto', 'node:zlib', 'node:module', 'node:util'];

/** Where something public begins, and the command table. */
const indexFiles = new Set([
  'protocol/index.ts',
  'protocol/commands/index.ts',
  'lib/index.ts',
  'lib/embedded/index.ts',
  'lib/testcontainers/index.ts',
]);

interface Import {
  readonly target: string;
  readonly isType: boolean;
}

interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const importStatement =
  /^(?:import|export)\s+(type\s+)?(?:[\w*{][^;'"]*?\sfrom\s+)'([^']+)'|^import\s+'([^']+)'|(typeof\s+)?\bimport\('([^']+)'\)/gm;

function readSource(path: string): Source {
  const text = readFileSync(path, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const imports = [...text.matchAll(importStatement)].map(([, type, from, bare, typeOf, dynamic]) => {
    const name = from ?? bare ?? dynamic ?? '';
    return {
      target: name.startsWith('.') ? normalize(join(dirname(path), name)) : name,
      isType: (type ?? typeOf) !== undefined,
    };
  });
  return { path, text, imports };
}

const sources = ['protocol', 'lib'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readSource(join(root, name))),
);
const byPath = new Map(sources.map((source) => [source.path, source]));

const isIn = (path: string, parts: readonly string[]): boolean =>
  parts.some((part) => path === part || path.startsWith(part));
const isLocal = (target: string): boolean => target.startsWith('lib/') || target.startsWith('protocol/');
const layerOf = (path: string): number => layers.findIndex((parts) => isIn(path, parts));
const partOf = (path: string): string | undefined => layers.flat().find((part) => isIn(path, [part]));

/** Why a file may not import another, or `undefined`. */
function objection(from: string, to: string): string | undefined {
  if (isIn(from, shared))
    return isIn(to, shared) || layerOf(to) <= layerOf('lib/remoting/') ? undefined : 'is above';
  if (isIn(to, shared)) return isIn(from, ['protocol/', 'lib/allocate/']) ? 'is above' : undefined;
  if (partOf(from) === partOf(to)) return undefined;
  if (isIn(from, ['lib/embedded/'])) {
    if (isIn(to, clientEnd)) return 'is the client end of remoting';
    return layerOf(to) <= layerOf('lib/remoting/') ? undefined : 'is not for the embedded cluster';
  }
  if (isIn(from, ['lib/runtime/']) && isIn(to, ['lib/allocate/'])) return 'is not for runtime';
  return layerOf(to) < layerOf(from) || isIn(from, ['lib/cli/']) ? undefined : 'is not below';
}

/** The first cycle of imports found, as the files on it. */
function findCycle(): readonly string[] | undefined {
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (finished.has(path)) return undefined;
    for (const { target } of byPath.get(path)?.imports ?? []) {
      const cycle = visit(target, [...trail, path]);
      if (cycle !== undefined) return cycle;
    }
    finished.add(path);
    return undefined;
  };
  for (const { path } of sources) {
    const cycle = visit(path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Everything that is loaded when `entry` is imported. */
function loadedBy(entry: string): ReadonlySet<string> {
  const loaded = new Set<string>();
  const visit = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { target, isType } of byPath.get(path)?.imports ?? []) if (!isType) visit(target);
  };
  visit(entry);
  return loaded;
}

const lineCount = (text: string): number => text.split('\n').length;

describe('architecture', () => {
  it('gives every file a layer', () => {
    expect(
      sources.map(({ path }) => path).filter((path) => layerOf(path) < 0 && !isIn(path, shared)),
    ).to.deep.equal([]);
  });

  it('lets files import only what lies below them', () => {
    const wrong = sources.flatMap(({ path, imports }) =>
      imports.flatMap(({ target }) => {
        const reason = isLocal(target) ? objection(path, target) : undefined;
        return reason === undefined ? [] : [`${path} -> ${target} ${reason}`];
      }),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('imports only files that exist', () => {
    const missing = sources.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => isLocal(target) && !byPath.has(target))
        .map(({ target }) => `${path} -> ${target}`),
    );
    expect(missing).to.deep.equal([]);
  });

  it('has no cycle of imports', () => {
    expect(findCycle()?.join(' -> ')).to.equal(undefined);
  });

  it('keeps protocol pure', () => {
    const foreign = sources
      .filter(({ path }) => path.startsWith('protocol/'))
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ target }) => target.startsWith('node:'))
          .map(({ target }) => `${path} -> ${target}`),
      )
      .filter((edge) => !protocolImports.some((name) => edge.endsWith(` ${name}`)));
    expect(foreign).to.deep.equal([]);
  });

  for (const [name, allowed] of Object.entries(owners)) {
    it(`has one owner of ${name}`, () => {
      const importers = sources.filter(({ imports, text }) => {
        const isRequired = text.includes(`require('${name}')`) || text.includes(`)('${name}')`);
        return isRequired || imports.some(({ target, isType }) => target === name && !isType);
      });
      expect(
        importers.map(({ path }) => path).filter((path) => !allowed.some((pattern) => pattern.test(path))),
      ).to.deep.equal([]);
    });
  }

  it('asks the time and sets timers only in the clock', () => {
    const clockwork =
      /\b(?:setTimeout|setInterval|setImmediate|performance\.now|Date\.now|Date\.parse|new Date)\b/;
    const offenders = sources
      .filter(({ path }) => path !== 'lib/runtime/clock.ts')
      .filter(({ text }) => clockwork.test(text.replaceAll(/\/\/.*$/gm, '')))
      .map(({ path }) => path);
    expect(offenders).to.deep.equal([]);
  });

  it('has index files only where they are wanted', () => {
    expect(
      sources.map(({ path }) => path).filter((path) => path.endsWith('/index.ts') && !indexFiles.has(path)),
    ).to.deep.equal([]);
  });

  it('exports no defaults and no enums', () => {
    const offenders = sources.filter(({ text }) =>
      /^export default\b|^(?:export )?(?:const )?enum\b/m.test(text),
    );
    expect(offenders.map(({ path }) => path)).to.deep.equal([]);
  });

  it('has small files', () => {
    const sizes = sources.map(({ text }) => lineCount(text)).toSorted((a, b) => a - b);
    const median = sizes[sizes.length >> 1] ?? 0;
    const long = sources
      .filter(({ text }) => lineCount(text) > 300)
      .map(({ path, text }) => `${path} (${lineCount(text)})`);
    console.log(
      `      ${sources.length} files, median ${median} lines, longest ${sizes.at(-1)}; above 300: ${long.join(', ') || 'none'}`,
    );
    expect(median).to.be.at.most(120);
  });

  it('loads nothing for tools and tests with the main entry', function () {
    // The entry point comes last; until then there is nothing to look at.
    if (!existsSync('lib/index.ts')) this.skip();
    const loaded = [...loadedBy('lib/index.ts')];
    const unwanted = [
      'commander',
      'ws',
      'picocolors',
      'testcontainers',
      'pino',
      'lib/embedded/',
      'lib/tap/',
      'lib/testcontainers/',
      'lib/cli/',
    ];
    expect(loaded.filter((target) => isIn(target, unwanted))).to.deep.equal([]);
  });
});
