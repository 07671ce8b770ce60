import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  compress,
  compressionFlags,
  decodeStoredMessages,
  encodeBatch,
  encodeProperties,
  encodeStoredMessage,
  ProtocolError,
  SysFlag,
} from '../../../../protocol/index.ts';
import type { ReceivedMessage, StoredMessageFields, StoredRecord } from '../../../../protocol/index.ts';

const v4 =
  '000000a7daa320a73610a6860000000300000007000000000000006400000000075bcd15000000000000018bcfe568000a000009000015b30000018bcfe5687b0a00000100002a9f0000000000000000000000000000000568656c6c6f09546f70696354657374003e5441475301546167410257414954017472756502554e49515f4b455901304130303030303133303339303030304142434430303030303030313030303002';
const v6 =
  '000000bfdaa320a73610a6860000000300000007000000000000006400000000075bcd15000000300000018bcfe5680020010db8000000000000000000000009000015b30000018bcfe5687bfe80000000000000000000000000000100002a9f0000000000000000000000000000000568656c6c6f09546f70696354657374003e5441475301546167410257414954017472756502554e49515f4b455901304130303030303133303339303030304142434430303030303030313030303002';
const properties = new Map([
  ['TAGS', 'TagA'],
  ['WAIT', 'true'],
  ['UNIQ_KEY', '0A00000130390000ABCD000000010000'],
]);
const fields: StoredMessageFields = {
  topic: 'TopicTest',
  queueId: 3,
  queueOffset: 100,
  commitLogOffset: 123_456_789,
  sysFlag: 0,
  flag: 7,
  bornTimestamp: 1_700_000_000_000,
  bornHost: '10.0.0.9:5555',
  storeTimestamp: 1_700_000_000_123,
  storeHost: '10.0.0.1:10911',
  reconsumeTimes: 0,
  preparedTransactionOffset: 0,
  body: Buffer.from('hello'),
  properties,
};
const fieldsV6 = { ...fields, bornHost: '[2001:db8::9]:5555', storeHost: '[fe80::1]:10911' };
const options = { maxBodySize: 1 << 20, verifyCrc: true };

function messagesOf(records: readonly StoredRecord[]): ReceivedMessage[] {
  return records.map((record) => {
    if (!record.ok) throw record.error;
    return record.message;
  });
}

function decodeOne(record: Buffer): ReceivedMessage {
  return messagesOf(decodeStoredMessages(record, options))[0] as ReceivedMessage;
}

describe('stored messages', () => {
  it('are written as Java writes them', () => {
    expect(encodeStoredMessage(fields).toString('hex')).to.equal(v4);
    expect(encodeStoredMessage(fieldsV6).toString('hex')).to.equal(v6);
    expect(
      encodeStoredMessage({ ...fields, properties: encodeProperties(properties) }).toString('hex'),
    ).to.equal(v4);
  });

  for (const [title, hex, expected] of [
    ['IPv4', v4, fields],
    ['IPv6', v6, fieldsV6],
  ] as const) {
    it(`are read with hosts of ${title}`, () => {
      const message = decodeOne(Buffer.from(hex, 'hex'));
      const { sysFlag: _sysFlag, ...others } = expected;
      for (const [name, value] of Object.entries(others))
        expect(message[name as keyof ReceivedMessage], name).to.deep.equal(value);
      expect(message.bodyCrc).to.equal(907_060_870);
      expect(message.tags).to.equal('TagA');
      expect(message.messageId).to.equal('0A00000130390000ABCD000000010000');
      expect(message.storeSize).to.equal(hex.length / 2);
    });
  }

  it('have the offset id that Java computes', () => {
    expect(decodeOne(Buffer.from(v4, 'hex')).offsetMessageId).to.equal('0A00000100002A9F00000000075BCD15');
    expect(decodeOne(Buffer.from(v6, 'hex')).offsetMessageId).to.equal(
      'FE80000000000000000000000000000100002A9F00000000075BCD15',
    );
    expect(decodeOne(encodeStoredMessage({ ...fields, properties: '' })).messageId).to.equal(
      '0A00000100002A9F00000000075BCD15',
    );
  });

  it('with a topic beyond 127 bytes are of the second kind', () => {
    const topic = `%RETRY%${'g'.repeat(200)}`;
    const record = encodeStoredMessage({ ...fields, topic });
    expect(record.readUInt32BE(4)).to.equal(0xdaa320ab);
    expect(decodeOne(record).topic).to.equal(topic);
  });

  it('carry any content', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
    const arbitrary = fc.record({
      topic: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 255 }),
      queueId: fc.nat(),
      queueOffset: fc.nat(Number.MAX_SAFE_INTEGER),
      commitLogOffset: fc.nat(Number.MAX_SAFE_INTEGER),
      sysFlag: fc.constantFrom(0, SysFlag.transactionCommit),
      flag: fc.integer(),
      bornTimestamp: fc.nat(Number.MAX_SAFE_INTEGER),
      bornHost: fc
        .oneof(fc.ipV4(), fc.constant('[::1]'), fc.constant('[1:2:3:4:5:6:7:8]'))
        .map((host) => `${host}:80`),
      storeTimestamp: fc.nat(Number.MAX_SAFE_INTEGER),
      storeHost: fc.oneof(fc.ipV4(), fc.constant('[fe80::1:0:2]')).map((host) => `${host}:10911`),
      reconsumeTimes: fc.nat(100),
      preparedTransactionOffset: fc.nat(Number.MAX_SAFE_INTEGER),
      body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      properties: fc.array(fc.tuple(text, text)).map((entries) => new Map(entries)),
    });
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 4 }), (list) => {
        const messages = messagesOf(
          decodeStoredMessages(Buffer.concat(list.map(encodeStoredMessage)), options),
        );
        expect(messages).to.have.length(list.length);
        messages.forEach((message, index) => {
          const { sysFlag, ...others } = list[index] as StoredMessageFields;
          for (const [name, value] of Object.entries(others))
            expect(message[name as keyof ReceivedMessage], name).to.deep.equal(value);
          expect(message.sysFlag & sysFlag).to.equal(sysFlag);
        });
      }),
    );
  });

  for (const type of ['zlib', 'lz4'] as const) {
    it(`are inflated when their body is compressed by ${type}`, () => {
      const body = Buffer.from('消息 '.repeat(1000));
      const message = decodeOne(
        encodeStoredMessage({ ...fields, sysFlag: compressionFlags(type), body: compress(body, type) }),
      );
      expect(message.text()).to.equal(body.toString());
      expect(message.sysFlag & SysFlag.compressed).to.equal(0);
    });
  }

  it('that hold a batch are taken apart, with ascending offsets', () => {
    const body = encodeBatch([
      { flag: 1, body: Buffer.from('m1'), properties: 'TAGS\u0001A\u0002' },
      { flag: 2, body: Buffer.from('m2'), properties: 'TAGS\u0001B\u0002' },
    ]);
    const sysFlag = SysFlag.innerBatch | SysFlag.needUnwrap | compressionFlags('zlib');
    const record = encodeStoredMessage({ ...fieldsV6, sysFlag, body: compress(body) });
    const messages = messagesOf(
      decodeStoredMessages(record, { ...options, offsetDelta: 1000, brokerName: 'b' }),
    );
    expect(messages.map((item) => [item.text(), item.tags, item.flag, item.queueOffset])).to.deep.equal([
      ['m1', 'A', 1, 1100],
      ['m2', 'B', 2, 1101],
    ]);
    expect(messages[1]).to.include({
      topic: 'TopicTest',
      storeHost: '[fe80::1]:10911',
      commitLogOffset: 123_456_789,
      brokerName: 'b',
    });
    const damaged = encodeStoredMessage({ ...fields, sysFlag: SysFlag.innerBatch | SysFlag.needUnwrap });
    expect(decodeStoredMessages(damaged, options)[0]).to.include({ ok: false, queueOffset: 100 });
  });

  it('give body views, texts, JSON and keys', () => {
    const record = encodeStoredMessage({
      ...fields,
      body: Buffer.from('{"a":1}'),
      properties: 'KEYS\u0001k1 k2\u0002',
    });
    const message = decodeOne(record);
    expect(message.body.buffer).to.equal(record.buffer);
    expect(message.json<{ a: number }>().a).to.equal(1);
    expect(message.keys).to.deep.equal(['k1', 'k2']);
    expect(message.tags).to.equal(undefined);
  });

  it('take the broker, the offset delta and the restored topic from outside', () => {
    const record = encodeStoredMessage({ ...fields, topic: '%RETRY%g' });
    const [message] = messagesOf(
      decodeStoredMessages(record, { ...options, brokerName: 'broker-a', offsetDelta: 1000 }),
    );
    expect(message?.brokerName).to.equal('broker-a');
    expect(message?.queueOffset).to.equal(1100);
    expect(message?.withTopic('Original').withBroker('broker-b').topic).to.equal('Original');
    expect(message?.storedTopic).to.equal('%RETRY%g');
    expect(message?.brokerName).to.equal('broker-b');
  });

  it('show the time at which a listener was given them last, whenever their properties are looked at', () => {
    const record = encodeStoredMessage(fields);
    const bytes = Buffer.from(record);
    const later = decodeOne(record).withConsumeStart(1_700_000_000_500);
    expect([...later.properties]).to.deep.equal([...properties, ['CONSUME_START_TIME', '1700000000500']]);
    const before = decodeOne(record);
    expect([...before.properties]).to.deep.equal([...properties]);
    before.withConsumeStart(1_700_000_000_500).withConsumeStart(1_700_000_000_600);
    expect(before.properties.get('CONSUME_START_TIME')).to.equal('1700000000600');
    expect(before.tags).to.equal('TagA');
    expect(record.equals(bytes)).to.equal(true);
  });

  it('print and serialize as plain values', () => {
    const message = decodeOne(encodeStoredMessage(fields));
    expect(inspect(message)).to.include("topic: 'TopicTest'").and.to.include('queueOffset: 100');
    expect(JSON.parse(JSON.stringify(message))).to.include({
      body: 'hello',
      messageId: '0A00000130390000ABCD000000010000',
    });
  });
});

describe('stored messages that cannot be read', () => {
  const good = encodeStoredMessage(fields);
  const bad = (change: (record: Buffer) => void): Buffer => {
    const record = encodeStoredMessage({ ...fields, queueOffset: 101 });
    change(record);
    return record;
  };
  const bodyLengthAt = 84;
  const broken: [title: string, record: Buffer, message: RegExp][] = [
    ['of an unknown magic code', bad((record) => record.writeInt32BE(0x1234, 4)), /magic code 0x1234/],
    [
      'with a negative body length',
      bad((record) => record.writeInt32BE(-1, bodyLengthAt)),
      /body of -1 bytes/,
    ],
    [
      'with a body beyond the record',
      bad((record) => record.writeInt32BE(1 << 30, bodyLengthAt)),
      /body of 1073741824 bytes/,
    ],
    [
      'with a topic beyond the record',
      bad((record) => record.writeUInt8(255, bodyLengthAt + 9)),
      /topic of 255 bytes/,
    ],
    [
      'with properties beyond the record',
      bad((record) => record.writeInt16BE(0x7fff, bodyLengthAt + 19)),
      /properties of 32767 bytes/,
    ],
    [
      'with negative properties',
      bad((record) => record.writeInt16BE(-2, bodyLengthAt + 19)),
      /properties of -2 bytes/,
    ],
    ['with a wrong CRC', bad((record) => record.writeInt32BE(1, 8)), /CRC is 907060870, not 1/],
    [
      'with a commit-log offset beyond 2^53',
      bad((record) => record.writeInt32BE(0x7fff_ffff, 28)),
      /beyond 2\^53/,
    ],
    [
      'with a body that is not what it says',
      bad((record) => record.writeInt32BE(SysFlag.compressed | SysFlag.compressionZlib, 36)),
      /zlib body: is malformed/,
    ],
    ['with an unknown compression', bad((record) => record.writeInt32BE(0x701, 36)), /unknown way/],
  ];
  for (const [title, record, message] of broken) {
    it(`(${title}) are reported with queue and offset and do not hide the others`, () => {
      const [first, second, third, ...rest] = decodeStoredMessages(
        Buffer.concat([good, record, good]),
        options,
      );
      expect([first?.ok, third?.ok, rest]).to.deep.equal([true, true, []]);
      if (second === undefined || second.ok) throw new Error('the broken record was read');
      expect(second).to.include({ queueId: 3, queueOffset: 101, size: record.length });
      expect(second.error).to.be.instanceOf(ProtocolError);
      expect(second.error.message).to.match(message);
    });
  }

  it('end the reading only when their own length is impossible', () => {
    for (const length of [0, 7, 90, -5, 0x7fff_ffff]) {
      const record = bad((bytes) => bytes.writeInt32BE(length, 0));
      const [first, second, ...rest] = decodeStoredMessages(Buffer.concat([good, record, good]), options);
      expect([first?.ok, second?.ok, rest]).to.deep.equal([true, false, []]);
      expect(second).to.include({ queueId: 3, queueOffset: 101, size: record.length + good.length });
    }
  });

  it('are reported when the answer is cut off at any place', () => {
    for (let size = 1; size < good.length; size++) {
      const records = decodeStoredMessages(Buffer.concat([good, good.subarray(0, size)]), options);
      expect(
        records.map(({ ok }) => ok),
        `cut at ${size}`,
      ).to.deep.equal([true, false]);
    }
  });

  it('do not keep the reader busy when there are very many of them', () => {
    const record = Buffer.alloc(91);
    record.writeInt32BE(91, 0);
    const records = decodeStoredMessages(
      Buffer.concat(Array.from({ length: 100_000 }, () => record)),
      options,
    );
    expect(records).to.have.length.below(1100);
    expect(records.reduce((sum, item) => sum + (item.ok ? 0 : item.size), 0)).to.equal(9_100_000);
  });

  it('name the topic when only the body is at fault', () => {
    const [record] = decodeStoredMessages(broken[8]?.[1] ?? good, { maxBodySize: 100 });
    expect(record).to.include({ ok: false, topic: 'TopicTest' });
  });

  for (const type of ['zlib', 'lz4'] as const) {
    it(`are those that would inflate beyond the limit (${type})`, () => {
      const bomb = compress(Buffer.alloc(32 * 1024 * 1024), type);
      const record = encodeStoredMessage({ ...fields, sysFlag: compressionFlags(type), body: bomb });
      const before = process.memoryUsage().arrayBuffers;
      const [first, second] = decodeStoredMessages(Buffer.concat([record, good]), { maxBodySize: 1 << 20 });
      expect(first).to.include({ ok: false, queueOffset: 100, topic: 'TopicTest' });
      expect(second?.ok).to.equal(true);
      expect(process.memoryUsage().arrayBuffers - before).to.be.below(16 * 1024 * 1024);
    });
  }

  it('never make the decoder throw or loop, whatever the bytes are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length * 3 - 1), fc.nat(255)), { maxLength: 6 }),
        (changes) => {
          const bytes = Buffer.concat([good, good, good]);
          for (const [at, value] of changes) bytes[at] = value;
          for (const record of decodeStoredMessages(bytes, { maxBodySize: 10_000 })) {
            if (record.ok) inspect(record.message);
            else expect(record.error).to.be.instanceOf(ProtocolError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
