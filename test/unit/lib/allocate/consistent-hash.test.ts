import { expect } from 'chai';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { consistentHash } from '../../../../lib/allocate/consistent-hash.ts';
import { HashRing, md5RingHash } from '../../../../lib/allocate/hash-ring.ts';
import { groups, input, shares, THREE } from './fixtures.ts';

describe('allocate: consistentHash', () => {
  it('is called CONSISTENT_HASH', () => expect(consistentHash().strategyName).to.equal('CONSISTENT_HASH'));

  it('gives the queues that lie before the points of a member', () => {
    expect(shares(consistentHash())).to.deep.equal(['a1 a2 b1 b3', 'b2', 'a0 a3 b0']);
  });

  it('gives nothing without virtual nodes', () => {
    expect(shares(consistentHash({ virtualNodes: 0 }))).to.deep.equal(['', '', '']);
  });

  it('puts each member at 10 points unless told otherwise', () => {
    const hashed: string[] = [];
    consistentHash({ hash: (key) => hashed.push(key) })(input());
    const points = hashed.filter((key) => key.startsWith('10.0.0.2@2-'));
    expect(points).to.deep.equal(Array.from({ length: 10 }, (_, index) => `10.0.0.2@2-${index}`));
  });

  it('moves only queues of a member that leaves', () => {
    fc.assert(
      fc.property(groups, (group) => {
        const [leaving, ...clientIds] = group.clientIds;
        fc.pre(leaving !== undefined && clientIds.length > 0);
        for (const clientId of clientIds) {
          const before = consistentHash()({ ...group, clientId });
          expect(consistentHash()({ ...group, clientId, clientIds })).to.include.members([...before]);
        }
      }),
    );
  });

  it('refuses a number of virtual nodes that cannot be', () => {
    for (const virtualNodes of [-1, 1.5, Number.NaN]) {
      expect(() => consistentHash({ virtualNodes }))
        .to.throw('virtualNodes')
        .with.property('fault', 'invalid-option');
    }
  });

  it('refuses a hash that has no place on the ring', () => {
    for (const hash of [() => 0.5, () => Number.NaN, () => 2 ** 60]) {
      expect(() => consistentHash({ hash })(input()))
        .to.throw('10.0.0.1@1-0')
        .with.property('fault', 'invalid-hash');
    }
  });

  it('orders 64-bit places and plain numbers on one ring', () => {
    const places: Readonly<Record<string, number | bigint>> = {
      'low-0': -(2n ** 63n),
      'middle-0': 7n,
      'high-0': 2n ** 63n - 1n,
      key: 7,
    };
    const ring = new HashRing(['high', 'low', 'middle'], 1, (key) => places[key] ?? 8);
    expect(ring.ownerOf('key')).to.equal('middle');
    expect(ring.ownerOf('beyond')).to.equal('high');
  });

  it('tells 64-bit places apart that are the same as a double', () => {
    const places: Readonly<Record<string, bigint>> = { 'a-0': 2n ** 60n, 'b-0': 2n ** 60n + 1n };
    const ring = new HashRing(['b', 'a'], 1, (key) => places[key] ?? 2n ** 60n + BigInt(key));
    expect([ring.ownerOf('0'), ring.ownerOf('1'), ring.ownerOf('2')]).to.deep.equal(['a', 'b', 'a']);
  });

  it('starts over where the ring ends', () => {
    const ring = new HashRing(THREE, 1, (key) => (key === 'last' ? 99 : key.charCodeAt(7)));
    expect(ring.ownerOf('last')).to.equal('10.0.0.1@1');
  });

  it('adds points for an id that occurs again, and gives a point hit twice to the later one', () => {
    const hashed: string[] = [];
    const ring = new HashRing(['a', 'b', 'a'], 2, (key) => {
      hashed.push(key);
      return key === 'b-0' ? 0 : hashed.indexOf(key);
    });
    // a's first point went to b, so Java counts one and hashes a-1 again.
    expect(hashed).to.deep.equal(['a-0', 'a-1', 'b-0', 'b-1', 'a-1', 'a-2']);
    expect(ring.ownerOf('b-0')).to.equal('b');
  });

  it("hashes with the first four bytes of MD5, and text as Java's UTF-8", () => {
    expect(md5RingHash('')).to.equal(0xd41d8cd9);
    expect(md5RingHash('abc')).to.equal(0x90015098);
    expect(md5RingHash('a\ud83d\ude00\ud83d-0')).to.equal(md5RingHash('a😀?-0'));
  });
});
