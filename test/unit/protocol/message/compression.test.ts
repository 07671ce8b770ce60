import * as zlib from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  compress,
  compressionFlags,
  inflateBody,
  ProtocolError,
  SysFlag,
} from '../../../../protocol/index.ts';
import type { CompressionType } from '../../../../protocol/index.ts';
import { readZstd } from '../../../../protocol/message/zstd.ts';
import { zstdSamples } from './zstd-samples.ts';

const hello = 'hello hello hello hello hello';
const samples = {
  lz4: '04224d186070730f0000006e68656c6c6f2006005068656c6c6f00000000',
  zlib: '785ecb48cdc9c957c8c04e0200a3100ae5',
  zstd: '28b52ffd00586400003068656c6c6f200100a94b11010000',
};
/** Node 22.15 and later; on Node 20 nothing writes ZSTD, and the same is held by recorded frames below. */
const hasZstd = 'zstdCompressSync' in zlib;
const written = hasZstd ? (['lz4', 'zlib', 'zstd'] as const) : (['lz4', 'zlib'] as const);
const limit = 1 << 20;

describe('compressed bodies', () => {
  for (const type of written) {
    it(`of Java are inflated (${type})`, () => {
      expect(
        inflateBody(Buffer.from(samples[type], 'hex'), compressionFlags(type), limit).toString(),
      ).to.equal(hello);
    });

    it(`come out as they went in (${type})`, () => {
      const body = fc.oneof(
        fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
        fc
          .tuple(fc.string({ minLength: 1, maxLength: 30 }), fc.nat(3000))
          .map(([text, times]) => Buffer.from(text.repeat(times))),
      );
      fc.assert(
        fc.property(body, (plain) => {
          expect(inflateBody(compress(plain, type), compressionFlags(type), limit).equals(plain)).to.equal(
            true,
          );
        }),
        { numRuns: 300 },
      );
    });

    it(`may be empty, and then need no room (${type})`, () => {
      const packed = compress(Buffer.alloc(0), type);
      expect(inflateBody(packed, compressionFlags(type), 0)).to.have.length(0);
      expect(() => inflateBody(compress(Buffer.from('x'), type), compressionFlags(type), 0)).to.throw(
        ProtocolError,
        /more than the allowed 0 bytes/,
      );
    });

    it(`are refused beyond the limit, and accepted up to it (${type})`, () => {
      const packed = compress(Buffer.alloc(1000, 'x'), type);
      expect(inflateBody(packed, compressionFlags(type), 1000)).to.have.length(1000);
      expect(() => inflateBody(packed, compressionFlags(type), 999)).to.throw(
        ProtocolError,
        /more than the allowed 999 bytes/,
      );
    });

    it(`are refused when they are cut off or damaged, by ProtocolError alone (${type})`, () => {
      const packed = compress(Buffer.from(hello.repeat(20)), type);
      for (let size = 0; size < packed.length - 4; size++) {
        const cut = packed.subarray(0, size);
        if (type === 'lz4' && size === 0) continue;
        expect(() => inflateBody(cut, compressionFlags(type), limit), `cut at ${size}`).to.throw(
          ProtocolError,
        );
      }
      for (let at = 0; at < packed.length; at++) {
        const damaged = Buffer.from(packed);
        damaged[at] = (damaged[at] ?? 0) ^ 0xff;
        try {
          inflateBody(damaged, compressionFlags(type), limit);
        } catch (error) {
          expect(error).to.be.instanceOf(ProtocolError);
        }
      }
    });
  }

  it('of old producers have no type and mean zlib', () => {
    expect(inflateBody(Buffer.from(samples.zlib, 'hex'), SysFlag.compressed, limit).toString()).to.equal(
      hello,
    );
  });

  it('of zstd are inflated everywhere, and written where Node can', () => {
    const inflated = inflateBody(Buffer.from(samples.zstd, 'hex'), compressionFlags('zstd'), limit);
    expect(inflated.toString()).to.equal(hello);
    if (!hasZstd) expect(() => compress(inflated, 'zstd')).to.throw(ProtocolError, /use Node 22.15 or later/);
  });

  if (hasZstd) {
    it('of zstd that Node writes are read by the reader for Node 20', () => {
      const bodies = [
        '',
        'x',
        hello,
        hello.repeat(20_000),
        JSON.stringify(zstdSamples.map(({ plain }) => plain)),
      ];
      for (const body of bodies.map((text) => Buffer.from(text))) {
        const packed = compress(body, 'zstd');
        expect(readZstd(packed, body.length).equals(body)).to.equal(true);
        expect(inflateBody(packed, compressionFlags('zstd'), body.length).equals(body)).to.equal(true);
      }
    });
  }

  for (const { name, packed, plain } of zstdSamples) {
    it(`of zstd come out as they went in: ${name}`, () => {
      expect(readZstd(packed, plain.length).equals(plain)).to.equal(true);
      if (plain.length > 0)
        expect(() => readZstd(packed, plain.length - 1)).to.throw(ProtocolError, /more than the allowed/);
      for (let size = 0; size < packed.length - (name.endsWith('check') ? 4 : 0); size += 1 + (size >> 3))
        expect(() => readZstd(packed.subarray(0, size), limit), `cut at ${size}`).to.throw(ProtocolError);
    });
  }

  it('of zstd that are damaged are refused by ProtocolError alone, in time', () => {
    const small = zstdSamples.filter(({ packed }) => packed.length < 3_000).map(({ packed }) => packed);
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...small), changes, (packed, changed) => {
        const damaged = Buffer.from(packed);
        for (const [at, byte] of changed) damaged[4 + (at % (damaged.length - 4))] = byte;
        try {
          expect(readZstd(damaged, 400_000).length).to.be.at.most(400_000);
        } catch (error) {
          expect(error).to.be.instanceOf(ProtocolError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('of several zstd frames follow one another, others are skipped', () => {
    const one = zstdSamples.find(({ name }) => name === 'one-3-check')?.packed ?? Buffer.alloc(0);
    const skipped = Buffer.from('502a4d1803000000616263', 'hex');
    const several = Buffer.concat([one, skipped, one]);
    expect(readZstd(several, 2).toString()).to.equal('xx');
    expect(inflateBody(several, compressionFlags('zstd'), 2).toString()).to.equal('xx');
  });

  it('are written in the frame that Java writes (lz4)', () => {
    expect(compress(Buffer.from(hello), 'lz4').toString('hex')).to.match(/^04224d18607073/);
  });

  it('have the flags that Java sets', () => {
    const flags = (['zlib', 'lz4', 'zstd'] satisfies CompressionType[]).map(compressionFlags);
    expect(flags).to.deep.equal([0x301, 0x101, 0x201]);
  });

  it('need no work when the flag is not set', () => {
    const body = Buffer.from('plain');
    expect(inflateBody(body, SysFlag.compressionZlib, 1)).to.equal(body);
  });

  it('are read across blocks, stored blocks and frames (lz4)', () => {
    const random = Buffer.from(
      Array.from({ length: 5_000_000 }, (_, index) => Math.imul(index, 2_654_435_761) >>> 24),
    );
    expect(
      inflateBody(compress(random, 'lz4'), compressionFlags('lz4'), random.length).equals(random),
    ).to.equal(true);
    const two = Buffer.concat([compress(Buffer.from('a'), 'lz4'), compress(Buffer.from('b'), 'lz4')]);
    expect(inflateBody(two, compressionFlags('lz4'), 10).toString()).to.equal('ab');
  });
});
