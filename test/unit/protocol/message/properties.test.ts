import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  decodeProperties,
  encodeProperties,
  isReservedProperty,
  ProtocolError,
} from '../../../../protocol/index.ts';

describe('properties', () => {
  it('come out as they went in', () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((value) => !value.includes('\u0001') && !value.includes('\u0002'));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (entries) => {
        const map = new Map(entries);
        expect(decodeProperties(encodeProperties(map))).to.deep.equal(map);
      }),
    );
  });

  it('are written as Java writes them', () => {
    expect(
      encodeProperties([
        ['TAGS', 'TagA'],
        ['WAIT', 'true'],
      ]),
    ).to.equal('TAGS\u0001TagA\u0002WAIT\u0001true\u0002');
  });

  it('without a value are left out', () => {
    expect(
      encodeProperties([
        ['a', ''],
        ['', 'b'],
        ['c', 'd'],
      ]),
    ).to.equal('c\u0001d\u0002');
  });

  it('are dropped on reading as Java does: without value, name or separator', () => {
    expect([...decodeProperties('a\u0001\u0002\u0001b\u0002c\u0002x\u0001y')]).to.deep.equal([['x', 'y']]);
    expect(decodeProperties('')).to.have.property('size', 0);
    expect([...decodeProperties(Buffer.from('键\u0001值\u0002'))]).to.deep.equal([['键', '值']]);
  });

  it('of a repeated name count as last written', () => {
    expect([...decodeProperties('a\u00011\u0002a\u00012\u0002')]).to.deep.equal([['a', '2']]);
  });

  it('with a separator inside are refused', () => {
    for (const entry of [
      ['a\u0001', 'b'],
      ['a', 'b\u0002'],
    ] as const)
      expect(() => encodeProperties([entry])).to.throw(ProtocolError, /separates/);
  });

  it('may have names that objects have', () => {
    expect(decodeProperties('__proto__\u0001p\u0002toString\u0001t\u0002').get('__proto__')).to.equal('p');
  });

  it('are reserved as in Java', () => {
    expect(['TAGS', 'KEYS', 'UNIQ_KEY', 'POP_CK'].every(isReservedProperty)).to.equal(true);
    expect(['__SHARDINGKEY', 'mine', 'toString'].some(isReservedProperty)).to.equal(false);
  });
});
