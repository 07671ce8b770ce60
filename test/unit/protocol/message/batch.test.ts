import { expect } from 'chai';
import { describe, it } from 'mocha';
import { decodeBatch, encodeBatch, ProtocolError } from '../../../../protocol/index.ts';

const hex =
  '0000002c000000000000000000000001000000026d31001457414954017472756502544147530154616741020000002d000000000000000000000000000000036d323200145741495401747275650254414753015461674202';
const members = [
  { flag: 1, body: Buffer.from('m1'), properties: 'WAIT\u0001true\u0002TAGS\u0001TagA\u0002' },
  { flag: 0, body: Buffer.from('m22'), properties: 'WAIT\u0001true\u0002TAGS\u0001TagB\u0002' },
];

describe('batches', () => {
  it('are written as Java writes them', () => {
    expect(encodeBatch(members).toString('hex')).to.equal(hex);
  });

  it('are read', () => {
    expect(decodeBatch(Buffer.from(hex, 'hex'))).to.deep.equal(members);
    expect(decodeBatch(Buffer.alloc(0))).to.deep.equal([]);
  });

  it('are refused when a length is wrong or they are cut off', () => {
    const good = Buffer.from(hex, 'hex');
    for (const at of [0, 16, 22]) {
      const bad = Buffer.from(good);
      bad.writeInt16BE(0x7fff, at);
      expect(() => decodeBatch(bad), `at ${at}`).to.throw(ProtocolError);
    }
    for (const size of [1, 21, 43, 45, 80])
      expect(() => decodeBatch(good.subarray(0, size)), `cut at ${size}`).to.throw(ProtocolError);
  });

  it('refuse properties beyond 32,767 bytes', () => {
    expect(() => encodeBatch([{ flag: 0, body: Buffer.from('x'), properties: 'x'.repeat(32_768) }])).to.throw(
      ProtocolError,
      /32767/,
    );
  });
});
