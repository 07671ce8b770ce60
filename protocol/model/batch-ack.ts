import { ProtocolError } from '../errors.ts';
import { flag, integer, listOf, shape, text, time } from '../schema/shape.ts';
import type { Member, ShapeOf } from '../schema/shape.ts';

/** A pop answer has at most 32 messages; this is far beyond what any broker accepts. */
const maxBitSetSize = 8_192;

/**
 * Bits as their numbers in ascending order, from the base64 of Java's `BitSet.toByteArray()`: bit 0 is the least
 * significant of the first byte.
 */
export function readBitSet(base64: string): readonly number[] {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > maxBitSetSize)
    throw new ProtocolError('bit set', `has ${bytes.length} bytes; at most ${maxBitSetSize} are allowed`);
  const bits: number[] = [];
  for (const [index, byte] of bytes.entries())
    for (let bit = 0; bit < 8; bit++) if (((byte >> bit) & 1) === 1) bits.push(index * 8 + bit);
  return bits;
}

/** Writes what {@link readBitSet} reads. Throws a {@link ProtocolError} for numbers no bit set of the protocol has. */
export function writeBitSet(bits: readonly number[]): string {
  const last = Math.max(-1, ...bits);
  const bytes = Buffer.alloc((last >> 3) + 1 > maxBitSetSize ? 0 : (last >> 3) + 1);
  for (const bit of bits) {
    if (!Number.isInteger(bit) || bit < 0 || bit >> 3 >= bytes.length)
      throw new ProtocolError('bit set', `cannot hold the bit ${bit}`);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return bytes.toString('base64');
}

const bitSet: Member<readonly number[]> = {
  present: true,
  names: ['b', 'bitSet'],
  read: (value) => readBitSet(typeof value === 'string' ? value : ''),
  write: (value) => JSON.stringify(writeBitSet(value)),
};

/** Messages of one pop of one queue that are done. Java: `BatchAck`. */
export const batchAck = shape('BatchAck', {
  consumerGroup: text().named('c', 'consumerGroup'),
  topic: text().named('t', 'topic'),
  /** 0 the topic itself, 1 and 2 its retry topic of version 1 and 2. */
  retry: text('0').named('r', 'retry'),
  startOffset: integer().named('so', 'startOffset'),
  queueId: integer().named('q', 'queueId'),
  reviveQueueId: integer().named('rq', 'reviveQueueId'),
  popTime: time().named('pt', 'popTime'),
  invisibleTime: time().named('it', 'invisibleTime'),
  /** Offsets from `startOffset` of the messages that are acknowledged. */
  bitSet,
});
/** See the shape of the same name. */
export type BatchAck = ShapeOf<typeof batchAck>;

/** Body of BATCH_ACK_MESSAGE. Java: `BatchAckMessageRequestBody`. */
export const batchAckMessageRequestBody = shape('BatchAckMessageRequestBody', {
  brokerName: text(),
  acks: listOf(batchAck),
});
/** See the shape of the same name. */
export type BatchAckMessageRequestBody = ShapeOf<typeof batchAckMessageRequestBody>;

/** What a broker remembers of a pop until it is acknowledged; the body of messages in its revive topic. Java: `PopCheckPoint`. */
export const popCheckPoint = shape('PopCheckPoint', {
  startOffset: integer().named('so', 'startOffset'),
  popTime: time().named('pt', 'popTime'),
  invisibleTime: time().named('it', 'invisibleTime'),
  /** Bit i: the i-th message is acknowledged. */
  bitMap: integer().named('bm', 'bitMap'),
  /** Messages of the pop. */
  num: integer().named('n', 'num'),
  queueId: integer().named('q', 'queueId'),
  topic: text().named('t', 'topic'),
  consumerGroup: text().named('c', 'cid'),
  reviveOffset: integer().named('ro', 'reviveOffset'),
  /** Offsets of the messages from `startOffset`; absent when they are consecutive. */
  queueOffsetDiff: listOf(integer()).named('d', 'queueOffsetDiff').optional(),
  brokerName: text().named('bn', 'brokerName').optional(),
  /** How often the check point itself was put back. */
  rePutTimes: text().named('rp', 'rePutTimes').optional(),
  suspend: flag().named('sp', 'suspend').optional(),
});
/** See the shape of the same name. */
export type PopCheckPoint = ShapeOf<typeof popCheckPoint>;

/** An acknowledgement in a broker's revive topic; `ackOffsets` when it is one of several. Java: `AckMsg`, `BatchAckMsg`. */
export const popAck = shape('AckMsg', {
  ackOffset: integer().named('ao', 'ackOffset'),
  ackOffsets: listOf(integer()).named('aol', 'ackOffsetList').optional(),
  startOffset: integer().named('so', 'startOffset'),
  consumerGroup: text().named('c', 'consumerGroup'),
  topic: text().named('t', 'topic'),
  queueId: integer().named('q', 'queueId'),
  popTime: time().named('pt', 'popTime'),
  brokerName: text().named('bn', 'brokerName').optional(),
});
/** See the shape of the same name. */
export type PopAck = ShapeOf<typeof popAck>;
