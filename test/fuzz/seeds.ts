import fc from 'fast-check';
import {
  encodeBatch,
  encodeCommand,
  encodeProperties,
  encodeStoredMessage,
  compress,
  SerializeType,
} from '../../protocol/index.ts';
import { arbitraryHeader, rowHeaders } from '../conformance/arbitrary-headers.ts';
import { bodyVectors, headerVectors, messageVectors } from '../conformance/golden-vectors.ts';
import type { Prng } from './prng.ts';
import { bodiesOf, headersOf, type Protocol } from './targets.ts';

const EACH = 60;

/** Well-formed inputs for every target: Java's vectors, and values that fast-check makes of the declarations. */
export function makeSeeds(protocol: Protocol, seed: number): ReadonlyMap<string, readonly Buffer[]> {
  const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns = EACH): T[] =>
    fc.sample(arbitrary, { seed, numRuns });
  return new Map([
    ['frames', [...vectorFrames(), ...rowHeaders().flatMap((row) => frames(row, sample))]],
    ['headers', headerLines(protocol, sample)],
    [
      'messages',
      [...vectorRecords(), ...sample(message).map((fields) => prefixed(0, encodeStoredMessage(fields)))],
    ],
    ['bodies', bodies(protocol, sample)],
    ['json', [...texts(), ...sample(fc.json()).map((text) => Buffer.from(text))]],
    ['properties', sample(properties).map((map) => Buffer.from(encodeProperties(map)))],
    ['batches', sample(fc.array(member, { minLength: 1, maxLength: 3 })).map(encodeBatch)],
    [
      'compressed',
      [
        ...vectorBodies(),
        ...sample(fc.uint8Array({ maxLength: 300 })).flatMap((bytes) => compressed(Buffer.from(bytes))),
      ],
    ],
    ['texts', smallTexts()],
  ]);
}

type Sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns?: number) => T[];

const prefixed = (first: number, rest: Buffer): Buffer => Buffer.concat([Buffer.of(first), rest]);

function vectorFrames(): Buffer[] {
  const vectors = headerVectors('5.5.0').filter((_, index) => index % 9 === 2);
  return vectors.flatMap(({ binary, json }) => [Buffer.from(json, 'hex'), Buffer.from(binary, 'hex')]);
}

function frames(
  { code, header, isResponse }: ReturnType<typeof rowHeaders>[number],
  sample: Sample,
): Buffer[] {
  const form =
    code > 0x7fff ? SerializeType.JSON : code % 2 === 0 ? SerializeType.ROCKETMQ : SerializeType.JSON;
  return sample(arbitraryHeader(header, 1), 1).map((value) =>
    encodeCommand({
      code,
      version: 479,
      opaque: code,
      flag: isResponse ? 1 : 0,
      language: 'OTHER',
      serializeType: form,
      extFields: header.encode(value),
    }),
  );
}

function headerLines(protocol: Protocol, sample: Sample): Buffer[] {
  return headersOf(protocol).flatMap((header, index) =>
    sample(arbitraryHeader(header, 0), 1).map((value) => {
      const lines = Object.entries(header.encode(value) ?? {})
        .flat()
        .map((text) => text.replaceAll('\n', ' '));
      return prefixed(index, Buffer.from(lines.join('\n')));
    }),
  );
}

function vectorRecords(): Buffer[] {
  return messageVectors('5.5.0').flatMap((vector) =>
    vector.kind === 'stored message' ? [prefixed(1, Buffer.from(vector.record, 'hex'))] : [],
  );
}

function vectorBodies(): Buffer[] {
  return messageVectors('5.5.0').flatMap((vector) =>
    vector.kind === 'compressed' && vector.bytes.length < 5000
      ? [prefixed(['', 'LZ4', 'ZSTD', 'ZLIB'].indexOf(vector.type), Buffer.from(vector.bytes, 'hex'))]
      : [],
  );
}

function texts(): Buffer[] {
  return bodyVectors('4.9.7')
    .filter(({ text }, index) => text.length < 1500 && index % 3 === 1)
    .map(({ text }) => Buffer.from(text));
}

function bodies(protocol: Protocol, sample: Sample): Buffer[] {
  const vectors = bodyVectors('5.5.0');
  return bodiesOf(protocol).flatMap((body, index) => {
    const own = vectors
      .filter((vector) => vector.class === body.typeName && vector.text.length < 3000)
      .map(({ text }) => text);
    const made = own.length > 0 ? own : sample(fc.json(), 1);
    return made.map((text) => prefixed(index, Buffer.from(text)));
  });
}

const word = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .map((text) => text.replaceAll('\u0001', '_').replaceAll('\u0002', '_'));
const properties = fc.array(fc.tuple(word, word), { maxLength: 6 }).map((entries) => new Map(entries));
const bytes = fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array));
const member = fc.record({ flag: fc.integer(), body: bytes, properties: properties.map(encodeProperties) });
const host = fc.constantFrom('10.0.0.1:10911', '[2001:db8::9]:5555');
const offset = fc.nat();

const message = fc.record({
  topic: fc.constantFrom('T', 't'.repeat(130), '%RETRY%group'),
  queueId: fc.nat(10),
  queueOffset: offset,
  commitLogOffset: offset,
  flag: fc.integer(),
  sysFlag: fc.constantFrom(0, 4, 8, 12, 0xc0, 0x100),
  bornTimestamp: offset,
  bornHost: host,
  storeTimestamp: offset,
  storeHost: host,
  reconsumeTimes: fc.nat(20),
  preparedTransactionOffset: offset,
  body: bytes,
  properties,
});

function compressed(body: Buffer): Buffer[] {
  const zstd = Buffer.from('28b52ffd00586400003068656c6c6f200100a94b11010000', 'hex');
  return [prefixed(0, compress(body, 'zlib')), prefixed(1, compress(body, 'lz4')), prefixed(2, zstd)];
}

/** The first byte names the parser, see `runText`. */
function smallTexts(): Buffer[] {
  const samples = [
    '0A00000100002A9F00000000075BCD15',
    '100 1700000000000 60000 3 0 broker-a 1 102',
    'djEgVG9waWNUZXN0IGJyb2tlci1hIDE3MDAwMDAwMDAwMDAgMEEwMDAwMDEzMDM5MDAwMEFCQ0QwMDAwMDAwMTAwMDA=',
    '0 1 100;1 2 200',
    '0 1 100,101;2 0 7',
    '0 1 3;0 qo1%5 2',
    'Pub\u00011700000000000\u0001region\u0001group\u0001topic\u0001id\u0001tag\u0001key\u0001host\u00015\u00012\u00010\u0001id\u0001true\u0002',
    'a=1\nb=2\n#c\n',
    'CQI=',
    '{"offsetTable":{{"brokerName":"b","queueId":1,"topic":"T"}:6}}',
    'TagA || TagB',
    '%RETRY%group',
    '[fe80::1]:10911',
  ];
  return samples.map((text, index) => prefixed(index, Buffer.from(text)));
}

/** A JSON text with one of its values replaced, moved, or made a key; the input itself when it is not JSON. */
export function mutateJson(text: string, random: Prng): string {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return text;
  }
  const places: [Record<string, unknown>, string][] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      visit((value as Record<string, unknown>)[key]);
    }
  };
  visit(root);
  if (places.length === 0) return text;
  const [holder, key] = random.pick(places);
  const [other, otherKey] = random.pick(places);
  const values = [
    null,
    0,
    -1,
    1.5,
    1e21,
    '',
    'text',
    true,
    [],
    {},
    [[]],
    { $ref: '$' },
    { $ref: `$.${otherKey}` },
    '9007199254740993',
    other[otherKey],
  ];
  const way = random.below(5);
  if (way === 0) define(holder, random.pick(['__proto__', '$ref', '1', otherKey]), other[otherKey]);
  else if (way === 1) Reflect.deleteProperty(holder, key);
  else holder[key] = random.pick(values);
  return stringify(root) ?? text;
}

/** Assigning `__proto__` would change the prototype. */
function define(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

/** A value that contains itself has no text. */
function stringify(root: unknown): string | undefined {
  try {
    return JSON.stringify(root);
  } catch {
    return undefined;
  }
}
