import { readFileSync } from 'node:fs';

/** Rows of JSON; enough of them take several blocks with tables of their own and with tables of earlier blocks. */
const rows = (count: number): Buffer =>
  Buffer.from(
    Array.from(
      { length: count },
      (_, i) => `{"id":${i},"name":"user ${(i * 7919) % 1000}","ok":${i % 3 === 0}}`,
    ).join('\n'),
  );

/** Bytes without a pattern, the same each time. */
const noise = (size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, (_, index) => Math.imul(index + 1, 2_654_435_761) >>> 24));

const plain: Readonly<Record<string, () => Buffer>> = {
  rows: () => rows(8_000),
  zeros: () => Buffer.alloc(300_000),
  noise: () => Buffer.concat([noise(700), rows(40), noise(900)]),
  one: () => Buffer.from('x'),
  empty: () => Buffer.alloc(0),
};

/**
 * What `zstd` 1.5.4 made of them: `zstd -c -LEVEL --no-check` (and with checks where the name ends in `check`). The
 * files are in the folder zstd.
 */
export const zstdSamples = [
  'rows-1',
  'rows-3',
  'rows-19',
  'zeros-3',
  'noise-9',
  'one-3-check',
  'empty-3-check',
].map((name) => ({
  name,
  packed: readFileSync(new URL(`./zstd/${name}.zst`, import.meta.url)),
  plain: (plain[name.split('-')[0] ?? ''] ?? ((): Buffer => Buffer.alloc(0)))(),
}));
