import type { Prng } from './prng.ts';

const MAX_INPUT = 4096;

/** Numbers at which lengths and counters break. */
const INTERESTING = [
  0, 1, -1, 2, 3, 4, 7, 8, 9, 16, 20, 21, 32, 90, 91, 92, 100, 101, 127, 128, 255, 256, 1000, 4095, 32_767,
  32_768, 65_535, 65_536, 1_048_576, 16_777_215, 16_777_216, 2_147_483_647, -2_147_483_648, 4_294_967_295,
  2_097_151, 2_097_152,
];

/** Texts that are special in JavaScript, in JSON, in Java or in this protocol. */
const SPECIAL = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '$ref',
  '{"$ref":"$"}',
  '{"$ref":".."}',
  '{"$ref":"@"}',
  '\u0001',
  '\u0002',
  '\u0000',
  '\ud800',
  '\udc00',
  '😀',
  '\u2028',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '1e999',
  '-0',
  '0x10',
  'NaN',
  'Infinity',
  'null',
  'true',
  '[[[[[[[[',
  '{"a":{"a":{"a":',
  '{0:1}',
  '{{"queueId":0}:1}',
  '"\\u0000"',
  '"\\',
  ',',
  ':',
  '}',
  ']',
  '%RETRY%',
  '%DLQ%',
  '||',
  '*',
];

/** What the mutator may put into inputs. */
export class Dictionary {
  readonly #tokens: readonly Buffer[];

  constructor(texts: readonly string[], numbers: readonly number[]) {
    const words = [...SPECIAL, ...texts.filter((text) => text !== '')].map((text) =>
      Buffer.from(text, 'utf8'),
    );
    const raw = [
      ...INTERESTING,
      ...numbers.filter((number) => Number.isInteger(number) && Math.abs(number) < 2 ** 32),
    ];
    this.#tokens = [...words, ...raw.map(int32), ...raw.map((number) => Buffer.from(String(number)))];
  }

  token(random: Prng): Buffer {
    return random.pick(this.#tokens);
  }
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}

/** A changed copy of the input: one to eight changes of bytes, numbers, parts and tokens. */
export function mutate(input: Buffer, other: Buffer, dictionary: Dictionary, random: Prng): Buffer {
  let bytes: Buffer = Buffer.from(input);
  for (let changes = 1 + random.below(random.oneIn(4) ? 8 : 2); changes > 0; changes--)
    bytes = change(bytes, other, dictionary, random);
  return bytes.length > MAX_INPUT ? bytes.subarray(0, MAX_INPUT) : bytes;
}

function change(bytes: Buffer, other: Buffer, dictionary: Dictionary, random: Prng): Buffer {
  const at = random.below(bytes.length + 1);
  switch (random.below(10)) {
    case 0:
      return flipped(bytes, at, random);
    case 1:
      return replaced(bytes, at, Buffer.of(random.below(256)));
    case 2:
      return replaced(bytes, at, number(random));
    case 3:
      return replaced(bytes, at, dictionary.token(random));
    case 4:
      return inserted(bytes, at, dictionary.token(random));
    case 5:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(16))]);
    case 6:
      return inserted(bytes, at, part(bytes, random));
    case 7:
      return inserted(bytes, at, part(other, random));
    case 8:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random.below(other.length))]);
    default:
      return nudged(bytes, at, random);
  }
}

function flipped(bytes: Buffer, at: number, random: Prng): Buffer {
  if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
}

/** A length or a digit that is off by a little. */
function nudged(bytes: Buffer, at: number, random: Prng): Buffer {
  if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) + random.below(9) - 4;
  return bytes;
}

function number(random: Prng): Buffer {
  const value = int32(random.pick(INTERESTING));
  const size = random.pick([1, 2, 4, 8]);
  return size === 8
    ? Buffer.concat([Buffer.alloc(4, value[0] === 255 ? 255 : 0), value])
    : value.subarray(4 - size);
}

function part(bytes: Buffer, random: Prng): Buffer {
  const from = random.below(bytes.length);
  return bytes.subarray(from, from + 1 + random.below(random.oneIn(4) ? 200 : 16));
}

function inserted(bytes: Buffer, at: number, token: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), token, bytes.subarray(at)]);
}

function replaced(bytes: Buffer, at: number, token: Buffer): Buffer {
  token.copy(bytes, at);
  return bytes;
}
