import { deflateSync } from 'node:zlib';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  compress,
  decodeBatch,
  decodeStoredMessages,
  encodeBatch,
  encodeCommand,
  encodeStoredMessage,
  FrameDecoder,
  inflateBody,
  parseFastjson,
  ProtocolError,
} from '../../../protocol/index.ts';

const mebibyte = 1 << 20;

/** Runs it, which must end in a ProtocolError, and prints what it cost. */
function refuse(
  title: string,
  problem: RegExp,
  run: () => unknown,
  most = { millis: 500, mebibytes: 64 },
): void {
  const before = process.memoryUsage();
  const start = process.cpuUsage();
  let error: unknown;
  try {
    run();
  } catch (caught) {
    error = caught;
  }
  const { user, system } = process.cpuUsage(start);
  const after = process.memoryUsage();
  const millis = Math.round((user + system) / 1000);
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  console.log(`      ${title}: ${millis} ms CPU, ${Math.max(0, Math.round(grown / mebibyte))} MiB`);
  expect(error).to.be.instanceOf(ProtocolError);
  expect((error as ProtocolError).message).to.match(problem);
  expect((error as ProtocolError).where).to.not.equal('');
  expect(millis).to.be.below(most.millis);
  expect(grown / mebibyte).to.be.below(most.mebibytes);
}

/** A frame with this header, and lengths as they are given. */
function frameOf(header: Buffer, serializeType = 0): Buffer {
  const frame = Buffer.alloc(8 + header.length);
  frame.writeInt32BE(4 + header.length, 0);
  frame.writeUInt32BE(((serializeType << 24) | header.length) >>> 0, 4);
  header.copy(frame, 8);
  return frame;
}
const push = (frame: Buffer): void => new FrameDecoder().push(frame, ({ extFields }) => void extFields);

/** A ZSTD frame whose blocks each repeat one byte 128 KiB times. */
function zstdBomb(blocks: number): Buffer {
  const head = Buffer.from('28b52ffd0050', 'hex');
  const block = (isLast: boolean): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUIntLE((131_072 << 3) | 2 | (isLast ? 1 : 0), 0, 3);
    return bytes;
  };
  return Buffer.concat([head, ...Array.from({ length: blocks }, (_, index) => block(index === blocks - 1))]);
}

describe('hostile input', function () {
  // What is measured is processor time; on a busy machine that takes longer.
  this.timeout(60_000);

  it('cannot inflate without bound', () => {
    const zeros = Buffer.alloc(256 * mebibyte);
    const zlib = deflateSync(zeros, { level: 9 });
    const lz4 = compress(zeros.subarray(0, 64 * mebibyte), 'lz4');
    const cap = 16 * mebibyte;
    refuse('zlib, 256 MiB of zeros', /yields more than the allowed/, () => inflateBody(zlib, 0x301, cap));
    refuse('LZ4, 64 MiB of zeros', /yields more than the allowed/, () => inflateBody(lz4, 0x101, cap));
    refuse('ZSTD, 256 MiB of zeros', /yields more than the allowed/, () =>
      inflateBody(zstdBomb(2048), 0x201, cap),
    );
    const promise = Buffer.from('28b52ffde0ffffffffffffff00010000', 'hex');
    refuse('ZSTD that promises 2^56 bytes', /yields more|malformed/, () => inflateBody(promise, 0x201, cap));
    const empty = Buffer.concat([Buffer.from('28b52ffd0050', 'hex'), Buffer.alloc(3 * mebibyte)]);
    refuse('ZSTD with a million empty blocks', /more blocks|malformed|cut off/, () =>
      inflateBody(empty, 0x201, cap),
    );
  });

  it('cannot make a message inflate either', () => {
    const body = deflateSync(Buffer.alloc(64 * mebibyte));
    const stored = encodeStoredMessage({
      topic: 'T',
      queueId: 0,
      queueOffset: 0,
      commitLogOffset: 0,
      sysFlag: 0x301,
      flag: 0,
      bornTimestamp: 0,
      bornHost: '1.1.1.1:1',
      storeTimestamp: 0,
      storeHost: '1.1.1.1:1',
      reconsumeTimes: 0,
      preparedTransactionOffset: 0,
      body,
      properties: '',
    });
    const [record] = decodeStoredMessages(stored, { maxBodySize: mebibyte });
    expect(record).to.include({ ok: false, topic: 'T' });
    const many = decodeStoredMessages(Buffer.concat(Array.from({ length: 8 }, () => stored)), {
      maxBodySize: 64 * mebibyte,
      maxTotalSize: 128 * mebibyte,
    });
    expect(many.map(({ ok }) => ok)).to.deep.equal([true, true, ...Array.from({ length: 6 }, () => false)]);
  });

  it('cannot make a header cost seconds', () => {
    const keys = Array.from({ length: 1_000_000 }, (_, index) => `"k${index}":""`).join(',');
    const large = Buffer.from(`{"extFields":{${keys}}}`);
    refuse('a JSON header of a million keys', /at most 1048576 are allowed/, () => push(frameOf(large)));
    const many = Buffer.from(`{"extFields":{${keys.slice(0, 900_000)}"}}`.replace(/,[^,]*"\}\}$/, '}}'));
    refuse('a JSON header of 70,000 keys', /more than 4096 fields/, () => push(frameOf(many)));
    const fields = Buffer.concat(Array.from({ length: 5_000 }, () => Buffer.from('00016b0000000176', 'hex')));
    const binary = Buffer.alloc(21);
    binary.writeInt32BE(fields.length, 17);
    refuse('a binary header of 5,000 fields', /more than 4096 fields/, () =>
      push(frameOf(Buffer.concat([binary, fields]), 1)),
    );
  });

  it('cannot nest or list without bound', () => {
    refuse('200,000 nested brackets', /nested deeper than 100/, () =>
      parseFastjson('['.repeat(200_000), 'Body'),
    );
    refuse('200,000 nested objects', /nested deeper than 100/, () =>
      parseFastjson('{"a":'.repeat(200_000), 'Body'),
    );
    refuse(
      'a JSON body of 8 million elements',
      /more than 2000000 values/,
      () => parseFastjson(`[${'0,'.repeat(8_000_000)}0]`, 'Body'),
      { millis: 2_000, mebibytes: 128 },
    );
    const batch = Buffer.concat(
      Array.from({ length: 66_000 }, () => encodeBatch([{ flag: 0, body: Buffer.alloc(0), properties: '' }])),
    );
    refuse('a batch of 66,000 members', /more than 65536 members/, () => decodeBatch(batch));
  });

  it('cannot lie about lengths', () => {
    const sound = encodeCommand({
      code: 1,
      language: 'JAVA',
      version: 1,
      opaque: 1,
      flag: 0,
      serializeType: 1,
      extFields: { a: 'b' },
    });
    for (const [at, value] of [
      [0, -1],
      [0, 0x7fff_ffff],
      [4, 0x01ff_ffff],
      [4, 0x0200_0000],
      [21, -1],
      [21, 1000],
      [25, -5],
      [25, 9],
      [32, -1],
      [32, 0x7fff_ffff],
    ] as const) {
      const frame = Buffer.from(sound);
      frame.writeInt32BE(value, at);
      expect(() => push(frame), `${value} at ${at}`).to.throw(ProtocolError);
    }
  });

  it('cannot reach prototypes by names', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
    const extFields = Object.fromEntries(names.map((name) => [name, 'x']));
    Object.defineProperty(extFields, '__proto__', {
      value: 'x',
      enumerable: true,
      configurable: true,
      writable: true,
    });
    for (const serializeType of [0, 1] as const) {
      const frame = encodeCommand({
        code: 1,
        language: 'JAVA',
        version: 1,
        opaque: 1,
        flag: 0,
        serializeType,
        extFields,
      });
      for (const lazy of [true, false]) {
        new FrameDecoder(undefined, { lazy }).push(frame, (command) => {
          expect(Object.keys(command.extFields ?? {}).toSorted()).to.deep.equal(names.toSorted());
          expect(Object.getPrototypeOf({})).to.equal(Object.prototype);
        });
      }
    }
    const parsed = parseFastjson('{"__proto__":{"polluted":1}}') as Record<string, unknown>;
    expect(Object.keys(parsed)).to.deep.equal(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
  });
});
