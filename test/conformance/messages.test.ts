import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  bodyCrc,
  decodeBatch,
  decodeProperties,
  decodeStoredMessages,
  decodeTraceRecords,
  encodeBatch,
  encodeProperties,
  encodeStoredMessage,
  encodeTraceRecords,
  inflateBody,
  javaHashCode,
  offsetMessageId,
  parseOffsetMessageId,
  parseRecallHandle,
  parseReceiptHandle,
  ProtocolError,
  type ReceivedMessage,
  retryMark,
  SysFlag,
  tagSubscription,
  writeRecallHandle,
  writeReceiptHandle,
} from '../../protocol/index.ts';
import { GENERATIONS, type MessageValues, type MessageVector, messageVectors } from './golden-vectors.ts';

const maxBodySize = 1_000_000;

describe('conformance: messages', () => {
  for (const generation of GENERATIONS) {
    const vectors = messageVectors(generation);
    const ofKind = <K extends MessageVector['kind']>(kind: K): Extract<MessageVector, { kind: K }>[] =>
      vectors.filter((vector): vector is Extract<MessageVector, { kind: K }> => vector.kind === kind);

    it(`reads the stored messages of Java ${generation}`, () => {
      const counts = new Map<string, number>();
      for (const { kind } of vectors) counts.set(kind, (counts.get(kind) ?? 0) + 1);
      console.log(
        `      ${generation}: ${Array.from(counts, ([kind, count]) => `${count} ${kind}`).join(', ')}`,
      );
      for (const { name, record, value } of ofKind('stored message')) {
        const records = decodeStoredMessages(Buffer.from(record, 'hex'), { maxBodySize, verifyCrc: true });
        expect(
          records.map((entry) => (entry.ok ? valuesOf(entry.message) : entry.error)),
          name,
        ).to.deep.equal(value.map(normalize));
      }
    });

    it(`writes the stored messages of Java ${generation} byte for byte`, () => {
      for (const { name, record } of ofKind('stored message')) {
        const bytes = Buffer.from(record, 'hex');
        const [entry, ...more] = decodeStoredMessages(bytes, { maxBodySize });
        if (entry?.ok !== true || more.length > 0) continue;
        expect(encodeStoredMessage(storedFields(entry.message, bytes)).toString('hex'), name).to.equal(
          record,
        );
      }
    });

    it(`inflates what Java ${generation} compressed`, () => {
      for (const { bytes, content, crc32: crc, length, level, sysFlag, type } of ofKind('compressed')) {
        const raw = inflateBody(Buffer.from(bytes, 'hex'), sysFlag, maxBodySize);
        expect([raw.length, bodyCrc(raw)], `${type} ${level} ${content}`).to.deep.equal([length, crc]);
        expect(() => inflateBody(Buffer.from(bytes, 'hex'), sysFlag, length - 1)).to.throw(ProtocolError);
      }
    });

    it(`reads and writes the batches of Java ${generation}`, () => {
      for (const { bytes, members } of ofKind('batch')) {
        const ours = decodeBatch(Buffer.from(bytes, 'hex'));
        expect(ours.map((member) => ({ ...member, body: member.body.toString('hex') }))).to.deep.equal(
          members,
        );
        const written = encodeBatch(
          members.map((member) => ({ ...member, body: Buffer.from(member.body, 'hex') })),
        );
        expect(written.toString('hex')).to.equal(bytes);
      }
    });

    it(`reads properties as Java ${generation} does`, () => {
      for (const { text, value } of ofKind('properties')) {
        const ours = decodeProperties(text);
        expect(new Map(ours), JSON.stringify(text)).to.deep.equal(new Map(value));
        if (text.endsWith('\u0002') && ours.size > 3) expect(encodeProperties(ours)).to.equal(text);
      }
    });

    it(`reads and writes the handles and trace records of Java ${generation}`, () => {
      for (const { kind: _, text, topic, ...handle } of ofKind('receipt handle')) {
        const mark = retryMark(topic);
        expect(parseReceiptHandle(text)).to.deep.equal({ ...handle, mark });
        expect(writeReceiptHandle({ ...handle, mark })).to.equal(text);
      }
      for (const { kind: _, text, ...handle } of ofKind('recall handle')) {
        expect(parseRecallHandle(text)).to.deep.equal(handle);
        expect(writeRecallHandle(handle)).to.equal(text);
      }
      for (const { text, type } of ofKind('trace record')) {
        const records = decodeTraceRecords(text);
        expect(
          records.map((record) => record.type as string),
          text,
        ).to.deep.equal([type]);
        expect(encodeTraceRecords(records)).to.equal(text);
      }
    });

    it(`makes ids, hashes and subscriptions as Java ${generation} does`, () => {
      for (const { host, id, offset, port } of ofKind('offset message id')) {
        const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
        expect(offsetMessageId(address, offset)).to.equal(id);
        expect(parseOffsetMessageId(id)).to.deep.equal({ storeHost: address, commitLogOffset: offset });
      }
      for (const { hash, tag } of ofKind('tag hash')) expect(javaHashCode(tag), tag).to.equal(hash);
      for (const { expression, value } of ofKind('subscription')) {
        const ours = tagSubscription('TopicTest', expression, 7);
        expect(sorted(ours), expression).to.deep.equal(sorted(value));
      }
    });
  }
});

/** The sets of a subscription have no order. */
function sorted(subscription: object): object {
  const { tagsSet, codeSet, ...rest } = subscription as { tagsSet: string[]; codeSet: number[] };
  return { ...rest, tagsSet: [...tagsSet].sort(), codeSet: [...codeSet].sort((a, b) => a - b) };
}

function valuesOf(message: ReceivedMessage): object {
  return {
    topic: message.topic,
    queueId: message.queueId,
    flag: message.flag,
    queueOffset: message.queueOffset,
    commitLogOffset: message.commitLogOffset,
    sysFlag: message.sysFlag & ~SysFlag.compressed,
    bornTimestamp: message.bornTimestamp,
    bornHost: message.bornHost,
    storeTimestamp: message.storeTimestamp,
    storeHost: message.storeHost,
    reconsumeTimes: message.reconsumeTimes,
    preparedTransactionOffset: message.preparedTransactionOffset,
    bodyCrc: message.bodyCrc,
    storeSize: message.storeSize,
    offsetMessageId: message.offsetMessageId,
    body: message.body.toString('hex'),
    properties: new Map(message.properties),
  };
}

/** Java's values in our spelling of hosts; 4.9 leaves the compressed bit in the flags. */
function normalize(values: MessageValues): object {
  return {
    ...values,
    sysFlag: Number(values['sysFlag']) & ~SysFlag.compressed,
    bornHost: hostText(values.bornHost),
    storeHost: hostText(values.storeHost),
    properties: new Map(values.properties),
  };
}

/** `2001:db8:0:0:0:0:0:9 5555` → `[2001:db8::9]:5555`. */
function hostText(host: string): string {
  const [address = '', port = ''] = host.split(' ');
  return address.includes(':')
    ? `[${new URL(`http://[${address}]`).hostname.slice(1, -1)}]:${port}`
    : `${address}:${port}`;
}

function storedFields(message: ReceivedMessage, record: Buffer): Parameters<typeof encodeStoredMessage>[0] {
  const sysFlag = record.readInt32BE(36);
  const hosts =
    ((sysFlag & SysFlag.bornHostV6) === 0 ? 8 : 20) + ((sysFlag & SysFlag.storeHostV6) === 0 ? 8 : 20);
  const bodyAt = 72 + hosts;
  const body = record.subarray(bodyAt, bodyAt + record.readInt32BE(bodyAt - 4));
  // 4.9 leaves out the last separator, which readers do not need.
  const text = encodeProperties(message.properties);
  const properties = record.at(-1) === 2 ? text : text.slice(0, -1);
  return { ...pick(message), properties, sysFlag, body };
}

function pick(
  message: ReceivedMessage,
): Omit<Parameters<typeof encodeStoredMessage>[0], 'sysFlag' | 'body' | 'properties'> {
  const { topic, queueId, queueOffset, commitLogOffset, flag, bornTimestamp, bornHost } = message;
  const { storeTimestamp, storeHost, reconsumeTimes, preparedTransactionOffset } = message;
  return {
    topic,
    queueId,
    queueOffset,
    commitLogOffset,
    flag,
    bornTimestamp,
    bornHost,
    storeTimestamp,
    storeHost,
    reconsumeTimes,
    preparedTransactionOffset,
  };
}
