import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { parseFastjson, ProtocolError, queueMapEntries, writeQueueMap } from '../../../../protocol/index.ts';

const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? Number(item) : item)),
  );

describe('parseFastjson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        expect(plain(parseFastjson(text))).to.deep.equal(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('reads integer keys without quotes', () => {
    expect(plain(parseFastjson('{0:"10.0.0.1:10911",-1:"x"}'))).to.deep.equal({
      0: '10.0.0.1:10911',
      '-1': 'x',
    });
  });

  it('reads objects as keys, under their own text', () => {
    const document = parseFastjson('{"offsetTable":{{"brokerName":"b","queueId":3,"topic":"T"}:42}}');
    expect(plain(document)).to.deep.equal({
      offsetTable: { '{"brokerName":"b","queueId":3,"topic":"T"}': 42 },
    });
  });

  it('keeps integers beyond 2^53 exact', () => {
    expect(parseFastjson('[9007199254740993,9007199254740991,-9223372036854775808]')).to.deep.equal([
      9007199254740993n,
      9007199254740991,
      -9223372036854775808n,
    ]);
    expect(parseFastjson('[0.0,1.5e3]')).to.deep.equal([0, 1500]);
  });

  it('gives objects without a prototype, whatever their members are called', () => {
    const value = parseFastjson('{"__proto__":{"polluted":1},"toString":"x"}') as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).to.equal(null);
    expect(Object.keys(value)).to.deep.equal(['__proto__', 'toString']);
    expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
  });

  it('resolves references by path, to the parent and to the object itself', () => {
    const subscription = { a: 1 };
    expect(plain(parseFastjson('{"t":{"A":{"a":1},"B":{"$ref":"$.t.A"}}}'))).to.deep.equal({
      t: { A: subscription, B: subscription },
    });
    expect(plain(parseFastjson('{"list":[{"a":1},{"$ref":"$.list[0]"}]}'))).to.deep.equal({
      list: [subscription, subscription],
    });
    expect(plain(parseFastjson('{"%RETRY%g-1":{"a":1},"B":{"$ref":"$.%RETRY%g-1"}}'))).to.have.deep.property(
      'B',
      subscription,
    );
    expect(
      plain(parseFastjson(String.raw`{"10.0.0.1@x":{"a":1},"B":{"$ref":"$.10\\.0\\.0\\.1@x"}}`)),
    ).to.have.deep.property('B', subscription);
    const cyclic = parseFastjson(
      '{"self":{"me":{"$ref":"@"},"up":{"$ref":".."}},"root":{"$ref":"$"}}',
    ) as Record<string, Record<string, unknown>>;
    expect(cyclic['root']).to.equal(cyclic);
    expect(cyclic['self']?.['me']).to.equal(cyclic['self']);
    expect(cyclic['self']?.['up']).to.equal(cyclic);
  });

  for (const text of [
    '',
    '{',
    '[',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '[1,]',
    '"',
    '"\\"',
    '"\\x"',
    'tru',
    '-',
    '{a:1}',
    '[1]x',
    '{{}',
    '{{"a":1}}',
    '1'.repeat(50),
    '{"$ref":"$.x"}',
    '{"a":{"$ref":"nonsense"}}',
    '{"a":{"$ref":"$.b"},"b":{"$ref":"$.a"}}',
  ]) {
    it(`refuses ${text.slice(0, 40) || 'nothing'}`, () => {
      expect(() => parseFastjson(text, 'Thing')).to.throw(ProtocolError, /^Thing: /);
    });
  }

  it('refuses deep nesting instead of overflowing the stack', () => {
    for (const open of ['[', '{"a":', '{{"a":'])
      expect(() => parseFastjson(open.repeat(100_000))).to.throw(ProtocolError, /nested deeper/);
  });

  it('throws nothing but ProtocolError for any text', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"a"',
      '1',
      '-',
      '"',
      '\\',
      '{"$ref":"$"}',
      '{"$ref":".."}',
      'null',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (texts) => {
        try {
          parseFastjson(texts.join(''));
        } catch (error) {
          expect(error).to.be.instanceOf(ProtocolError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('maps keyed by message queues', () => {
  const queue = { topic: 'T', brokerName: 'b', queueId: 3 };

  it('are read from bare and from quoted keys', () => {
    for (const key of [
      '{"brokerName":"b","queueId":3,"topic":"T"}',
      String.raw`"{\"brokerName\":\"b\",\"queueId\":3,\"topic\":\"T\"}"`,
    ]) {
      expect(queueMapEntries(parseFastjson(`{${key}:42}`), Number, 'X')).to.deep.equal([[queue, 42]]);
    }
  });

  it('are read from an indented file', () => {
    const text =
      '{\n\t"offsetTable":{{\n\t\t\t"brokerName":"broker-a",\n\t\t\t"queueId":1,\n\t\t\t"topic":"TopicTest"\n\t\t}:6\n\t}\n}';
    const { offsetTable } = parseFastjson(text) as { offsetTable: unknown };
    expect(queueMapEntries(offsetTable, Number, 'X')).to.deep.equal([
      [{ topic: 'TopicTest', brokerName: 'broker-a', queueId: 1 }, 6],
    ]);
  });

  it('are written with bare keys', () => {
    expect(writeQueueMap([[queue, 42]], String)).to.equal('{{"brokerName":"b","queueId":3,"topic":"T"}:42}');
  });

  it('refuse other keys', () => {
    expect(() => queueMapEntries(parseFastjson('{"a":1}'), Number, 'X')).to.throw(
      ProtocolError,
      /not a message queue/,
    );
  });
});
