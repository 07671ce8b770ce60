import { inflateSync } from 'node:zlib';

import { expect } from 'chai';
import { describe, it } from 'mocha';

import { InvalidMessageError } from '../../../../lib/errors.ts';
import { resolveProducerOptions } from '../../../../lib/options/producer.ts';
import { outgoingMessage } from '../../../../lib/producer/outgoing-message.ts';
import type { Message } from '../../../../protocol/message/message.ts';

const options = resolveProducerOptions({});
const id = '0A00000130390000ABCD000000010000';
const outgoing = (message: Partial<Message>, shardingKey?: string) =>
  outgoingMessage({ topic: 'TopicTest', body: 'hello', ...message }, id, options, shardingKey);
const names = (text: string) =>
  text
    .split('\u0002')
    .filter(Boolean)
    .map((entry) => entry.split('\u0001')[0]);

describe('outgoing message', () => {
  it('carries its id and WAIT, as Java writes them', () => {
    const message = outgoing({});
    expect(message.properties).to.equal(`UNIQ_KEY\u0001${id}\u0002WAIT\u0001true\u0002`);
    expect(message).to.include({ topic: 'TopicTest', messageId: id, sysFlag: 0, flag: 0 });
    expect(message.body.toString()).to.equal('hello');
  });

  it("writes tags and keys in the order of Java's map", () => {
    const { properties } = outgoing({ tags: 'TagA', keys: ['k1', 'k2'] });
    expect(properties).to.equal(
      `KEYS\u0001k1 k2\u0002UNIQ_KEY\u0001${id}\u0002WAIT\u0001true\u0002TAGS\u0001TagA\u0002`,
    );
  });

  it("writes user properties in the order of Java's map", () => {
    // Printed by a java.util.HashMap that got TAGS, KEYS, WAIT, these, and UNIQ_KEY.
    const properties = { a: 'v', b: 'v', orderId: 'v', DELAY: '3' };
    const { properties: text } = outgoing({ tags: 'TagA', keys: 'k', properties }, 'shard');
    expect(names(text)).to.deep.equal([
      'a',
      'b',
      'orderId',
      'KEYS',
      '__SHARDINGKEY',
      'UNIQ_KEY',
      'WAIT',
      'DELAY',
      'TAGS',
    ]);
  });

  it("keeps to that order when Java's map has grown", () => {
    const many = [...Array.from({ length: 12 }, (_, index) => `p${index + 1}`), '属性'];
    const properties = Object.fromEntries(many.map((name) => [name, 'v']));
    const { properties: text } = outgoing({ tags: 'TagA', keys: 'k', properties });
    const javas = 'p1 p2 属性 p3 p4 p5 p6 p7 p8 p9 p10 p12 p11 KEYS UNIQ_KEY WAIT TAGS';
    expect(names(text).join(' ')).to.equal(javas);
  });

  it('leaves out empty tags and keys', () => {
    expect(names(outgoing({ tags: '', keys: [] }).properties)).to.deep.equal(['UNIQ_KEY', 'WAIT']);
    expect(names(outgoing({ tags: '', keys: '', properties: {} }).properties)).to.deep.equal([
      'UNIQ_KEY',
      'WAIT',
    ]);
  });

  it('lets WAIT be overridden', () => {
    expect(outgoing({ properties: { WAIT: 'false' } }).properties).to.contain('WAIT\u0001false\u0002');
  });

  it('sends text as UTF-8 and a buffer as it is', () => {
    const body = Buffer.from([1, 2, 3]);
    expect(outgoing({ body }).body).to.equal(body);
    expect(outgoing({ body: '消息' }).body.toString('hex')).to.equal('e6b688e681af');
  });

  it('compresses from 4096 bytes on, by zlib of level 5', () => {
    expect(outgoing({ body: 'x'.repeat(4_095) }).sysFlag).to.equal(0);
    const { body, sysFlag } = outgoing({ body: 'x'.repeat(4_096) });
    expect(sysFlag).to.equal(0x301);
    expect(body.subarray(0, 2).toString('hex')).to.equal('785e');
    expect(inflateSync(body).toString()).to.equal('x'.repeat(4_096));
  });

  it('carries the flag', () => {
    expect(outgoing({ flag: -7 }).flag).to.equal(-7);
  });

  const refused: [string, Partial<Message>, RegExp][] = [
    ['an empty body', { body: '' }, /empty body/],
    ['a body over 4 MiB', { body: Buffer.alloc(4 * 1024 * 1024 + 1) }, /maxMessageSize/],
    ['an object as body', { body: { a: 1 } as unknown as string }, /JSON\.stringify/],
    ['a flag of more than 32 bits', { flag: 2 ** 31 }, /flag/],
    ['a separator in a tag', { tags: 'a\u0001b' }, /tags/],
    ['a separator in a key', { keys: 'a\u0002b' }, /keys/],
    ['a blank in one of several keys', { keys: ['a b'] }, /blank/],
    ['a separator in the name of a property', { properties: { 'a\u0001': 'b' } }, /separates/],
    ['a separator in the value of a property', { properties: { a: 'b\u0002' } }, /separates/],
    ['a reserved property', { properties: { UNIQ_KEY: 'x' } }, /UNIQ_KEY/],
    ['what a consumed message brings along', { properties: { POP_CK: 'x' } }, /POP_CK/],
    ['tags as a property', { properties: { TAGS: 'x' } }, /`tags`/],
    ['a blank value', { properties: { a: ' ' } }, /blank/],
    ['a value that is no text', { properties: { a: 1 } as unknown as Record<string, string> }, /not text/],
    ['properties over 32,767 bytes', { properties: { a: '消'.repeat(11_000) } }, /32767|32,767/],
  ];
  for (const [name, message, problem] of refused) {
    it(`is not made of ${name}`, () => {
      expect(() => outgoing(message)).to.throw(InvalidMessageError, problem);
    });
  }
});
