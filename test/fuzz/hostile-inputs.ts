import { createDeflate } from 'node:zlib';
import { compress, encodeStoredMessage, SysFlag } from '../../protocol/index.ts';

const MiB = 1_048_576;

/** How the child reads an input. */
export type Reader = 'inflate' | 'messages' | 'frame' | 'frame with large headers' | 'json' | 'batch';

/** An input that costs its sender little. */
export interface HostileInput {
  readonly name: string;
  readonly reader: Reader;
  readonly bytes: Buffer;
  readonly sysFlag?: number;
  /** What the error must say; absent when the input is legal, and only its cost is bounded. */
  readonly error?: RegExp;
}

const flags = {
  zlib: SysFlag.compressed | SysFlag.compressionZlib,
  lz4: SysFlag.compressed | SysFlag.compressionLz4,
  zstd: SysFlag.compressed | SysFlag.compressionZstd,
} as const;

/** Everything that hung, or took gigabytes, in one client or another. */
export async function hostileInputs(): Promise<HostileInput[]> {
  const tooLarge = /yields more than the allowed|larger than|announces|Node 22\.15/;
  const bombs = [
    { name: 'zlib, 256 MiB of zeros', type: 'zlib', bytes: await zlibBomb(256) },
    { name: 'LZ4, 64 MiB of zeros', type: 'lz4', bytes: lz4Bomb(16) },
    { name: 'ZSTD, 64 MiB of zeros', type: 'zstd', bytes: zstdBomb(512) },
    { name: 'ZSTD that announces a terabyte', type: 'zstd', bytes: zstdAnnouncement() },
  ] as const;
  return [
    ...bombs.flatMap(({ name, type, bytes }): HostileInput[] => [
      { name, reader: 'inflate', bytes, sysFlag: flags[type], error: tooLarge },
      {
        name: `${name}, in a message`,
        reader: 'messages',
        bytes: storedBomb(bytes, flags[type]),
        error: tooLarge,
      },
    ]),
    {
      name: 'header of 14 MB, a million keys',
      reader: 'frame',
      bytes: frame(millionKeys()),
      error: /header of \d+ bytes/,
    },
    {
      name: 'the same with the limit raised',
      reader: 'frame with large headers',
      bytes: frame(millionKeys()),
      error: /more than \d+ fields/,
    },
    {
      name: '200,000 nested brackets',
      reader: 'json',
      bytes: Buffer.alloc(200_000, '['),
      error: /nested deeper/,
    },
    {
      name: '200,000 nested objects',
      reader: 'json',
      bytes: Buffer.from('{"a":'.repeat(200_000)),
      error: /nested deeper/,
    },
    {
      name: '200,000 nested brackets in a header',
      reader: 'frame',
      bytes: frame(`{"code":1,"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
    },
    {
      name: '200,000 nested brackets as fields',
      reader: 'frame',
      bytes: frame(`{"extFields":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
      error: /./,
    },
    { name: 'a number of a million digits', reader: 'json', bytes: Buffer.alloc(MiB, '7'), error: /digits/ },
    {
      name: 'a billion values by references',
      reader: 'json',
      bytes: referenceBomb(),
      error: /by references/,
    },
    { name: 'a chain of 9000 references', reader: 'json', bytes: referenceChain(), error: /by references/ },
    {
      name: 'a batch of 762,000 empty messages',
      reader: 'batch',
      bytes: emptyBatch(16 * MiB),
      error: /more than \d+ members/,
    },
    { name: '180,000 records without sense', reader: 'messages', bytes: brokenRecords(16 * MiB), error: /./ },
  ];
}

async function zlibBomb(megabytes: number): Promise<Buffer> {
  const deflate = createDeflate({ level: 9 });
  const parts: Buffer[] = [];
  deflate.on('data', (part: Buffer) => parts.push(part));
  const done = new Promise((resolve, reject) => deflate.once('end', resolve).once('error', reject));
  const zeros = Buffer.alloc(MiB);
  for (let written = 0; written < megabytes; written++)
    if (!deflate.write(zeros)) await new Promise((resolve) => deflate.once('drain', resolve));
  deflate.end();
  await done;
  return Buffer.concat(parts);
}

/** One block of 4 MiB again and again, each by itself. */
function lz4Bomb(blocks: number): Buffer {
  const single = compress(Buffer.alloc(4 * MiB), 'lz4');
  const [head, block] = [single.subarray(0, 7), single.subarray(7, -4)];
  return Buffer.concat([head, ...Array.from({ length: blocks }, () => block), Buffer.alloc(4)]);
}

const zstdMagic = Buffer.from('28b52ffd', 'hex');

/** Blocks that repeat one byte 128 KiB long take four bytes each. */
function zstdBomb(blocks: number): Buffer {
  const bytes = Buffer.alloc(blocks * 4);
  for (let block = 0; block < blocks; block++)
    bytes.writeUIntLE((131_072 << 3) | 2 | (block === blocks - 1 ? 1 : 0), block * 4, 3);
  return Buffer.concat([zstdMagic, Buffer.of(0x00, 0x58), bytes]);
}

function zstdAnnouncement(): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(1n << 40n);
  return Buffer.concat([zstdMagic, Buffer.of(0xe0), size, Buffer.of(0x0b, 0, 0, 0)]);
}

function storedBomb(body: Buffer, sysFlag: number): Buffer {
  const host = '10.0.0.1:10911';
  return encodeStoredMessage({
    topic: 'TopicTest',
    queueId: 0,
    queueOffset: 1,
    commitLogOffset: 1,
    flag: 0,
    sysFlag,
    bornTimestamp: 1,
    bornHost: host,
    storeTimestamp: 1,
    storeHost: host,
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body,
    properties: '',
  });
}

function millionKeys(): string {
  const keys = Array.from({ length: 1_000_000 }, (_, key) => `"k${key}":"1"`);
  return `{"code":1,"extFields":{${keys.join(',')}}}`;
}

function frame(header: string): Buffer {
  const bytes = Buffer.from(`\0\0\0\0\0\0\0\0${header}`);
  bytes.writeInt32BE(bytes.length - 4, 0);
  bytes.writeInt32BE(bytes.length - 8, 4);
  return bytes;
}

/** Four levels of two thousand references each. */
function referenceBomb(): Buffer {
  const many = <T>(make: (index: number) => T): string =>
    Array.from({ length: 2000 }, (_, index) => make(index)).join(',');
  const lists = ['a', 'b', 'c'].map(
    (name, level) => `"${name}":[${many(() => (level === 0 ? '0' : `{"$ref":"$.${'ab'[level - 1]}"}`))}]`,
  );
  return Buffer.from(`{${lists.join(',')},"d":[${many(() => '{"$ref":"$.c"}')}]}`);
}

function referenceChain(): Buffer {
  const links = Array.from({ length: 9000 }, (_, link) => `"a${link + 1}":{"x":{"$ref":"$.a${link}"}}`);
  return Buffer.from(`{"a0":{},${links.join(',')}}`);
}

function emptyBatch(size: number): Buffer {
  const member = Buffer.alloc(22);
  member.writeInt32BE(22, 0);
  return Buffer.alloc(size - (size % 22), member);
}

function brokenRecords(size: number): Buffer {
  const record = Buffer.alloc(91);
  record.writeInt32BE(91, 0);
  return Buffer.alloc(size - (size % 91), record);
}
