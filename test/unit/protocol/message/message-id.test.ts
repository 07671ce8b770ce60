import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  offsetMessageId,
  parseOffsetMessageId,
  ProtocolError,
  UniqueIds,
} from '../../../../protocol/index.ts';
import { OffsetIds } from '../../../../protocol/message/message-id.ts';

describe('offset ids', () => {
  it('are those of Java', () => {
    expect(offsetMessageId('10.0.0.1:10911', 123_456_789)).to.equal('0A00000100002A9F00000000075BCD15');
    expect(offsetMessageId('[fe80::1]:10911', 123_456_789)).to.equal(
      'FE80000000000000000000000000000100002A9F00000000075BCD15',
    );
  });

  it('are the same when they are made one after another for a broker', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(200_000), fc.nat(Number.MAX_SAFE_INTEGER))), (offsets) => {
        const ids = new OffsetIds('0A00000100002A9F');
        for (const offset of offsets)
          expect(ids.at(offset)).to.equal(offsetMessageId('10.0.0.1:10911', offset));
      }),
    );
  });

  it('can be taken apart', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(65_535), fc.nat(Number.MAX_SAFE_INTEGER), (ip, port, commitLogOffset) => {
        const storeHost = `${ip}:${port}`;
        expect(parseOffsetMessageId(offsetMessageId(storeHost, commitLogOffset))).to.deep.equal({
          storeHost,
          commitLogOffset,
        });
      }),
    );
    expect(parseOffsetMessageId('FE80000000000000000000000000000100002A9F00000000075BCD15')).to.deep.equal({
      storeHost: '[fe80::1]:10911',
      commitLogOffset: 123_456_789,
    });
  });

  it('are refused when they are no such ids', () => {
    for (const text of [
      '',
      '0A',
      'Z'.repeat(32),
      '0'.repeat(33),
      `${'0'.repeat(16)}FFFFFFFFFFFFFFFF`.slice(0, 31),
    ]) {
      expect(() => parseOffsetMessageId(text)).to.throw(ProtocolError);
    }
    expect(() => parseOffsetMessageId(`${'0'.repeat(16)}7FFFFFFFFFFFFFFF`)).to.throw(
      ProtocolError,
      /beyond 2\^53/,
    );
    for (const host of [
      '',
      'x',
      '1.2.3:1',
      '1.2.3.4',
      '256.1.1.1:1',
      '[::1::2]:1',
      '[1:2]:1',
      '[g::]:1',
      ':1',
    ]) {
      expect(() => offsetMessageId(host, 1), host).to.throw(ProtocolError, /host/);
    }
  });
});

describe('UniqueIds', () => {
  const source = { ip: Buffer.from([10, 0, 0, 1]), pid: 0x1_3039, random: () => 0.5 };

  it('begin with address, process and a random part', () => {
    const id = new UniqueIds({ ...source, now: () => Date.now() }).next();
    expect(id).to.match(/^0A000001303980000000[0-9A-F]{12}$/);
    const v6 = new UniqueIds({
      ...source,
      ip: Buffer.from('fd000000000000000000000000000002', 'hex'),
      now: () => Date.now(),
    }).next();
    expect(v6).to.match(/^FD000000000000000000000000000002[0-9A-F]{24}$/);
  });

  it('count the milliseconds of the local month, and the ids', () => {
    const now = new Date(2024, 1, 29, 13, 14, 15, 16).getTime();
    const ids = new UniqueIds({ ...source, now: () => now });
    const elapsed = now - new Date(2024, 1, 1).getTime();
    expect(
      [ids.next(), ids.next()].map((id) => [Number.parseInt(id.slice(20, 28), 16), id.slice(28)]),
    ).to.deep.equal([
      [elapsed, '0000'],
      [elapsed, '0001'],
    ]);
  });

  it('begin to count again when the month ends, in every month', () => {
    for (let month = 0; month < 30; month++) {
      let now = new Date(2023, month + 1, 1).getTime() - 1;
      const ids = new UniqueIds({ ...source, now: () => now });
      expect(Number.parseInt(ids.next().slice(20, 28), 16)).to.equal(
        now - new Date(2023, month, 1).getTime(),
      );
      now += 1;
      expect(ids.next().slice(20, 28)).to.equal('00000000');
    }
  });

  it('take a clock that is set back a little as the start of the month', () => {
    let now = new Date(2024, 5, 1, 0, 0, 1).getTime();
    const ids = new UniqueIds({ ...source, now: () => now });
    ids.next();
    now -= 5000;
    expect(ids.next().slice(20, 28)).to.equal('00000000');
  });

  it('are all different', () => {
    const ids = new UniqueIds({ ...source, now: () => 1_700_000_000_000 });
    expect(new Set(Array.from({ length: 65_536 }, () => ids.next())).size).to.equal(65_536);
  });
});
