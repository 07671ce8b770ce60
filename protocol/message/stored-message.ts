import { crc32 } from 'node:zlib';
import { ProtocolError } from '../errors.ts';
import { readInt32 } from '../serialization/integers.ts';
import { inflateBody } from './compression.ts';
import { isInnerBatch, unwrapInnerBatch } from './inner-batch.ts';
import { ReceivedMessage } from './received-message.ts';
import { damaged, measureStoredMessage, readLong, StoredField } from './stored-layout.ts';
import type { StoredLayout } from './stored-layout.ts';
import { SysFlag } from './sys-flag.ts';

export { ReceivedMessage } from './received-message.ts';
export { encodeStoredMessage } from './stored-encoder.ts';
export type { StoredMessageFields } from './stored-encoder.ts';

/** One record of an answer: a message, or what can be told about a record that cannot be read. */
export type StoredRecord =
  | { readonly ok: true; readonly message: ReceivedMessage }
  | {
      readonly ok: false;
      readonly queueOffset?: number;
      readonly queueId?: number;
      readonly topic?: string;
      /** Bytes that could not be read. */
      readonly size: number;
      readonly error: ProtocolError;
    };

/** How the body of a pull answer is read. */
export interface DecodeOptions {
  /** Largest body after decompression, in bytes. */
  readonly maxBodySize: number;
  /** Bytes that all compressed bodies of the answer may have together. Default four times `maxBodySize`, or ten times the answer if that is more. */
  readonly maxTotalSize?: number;
  /** Compare each body with its CRC-32; costs about 0.4 µs per KiB. Default false. */
  readonly verifyCrc?: boolean;
  readonly brokerName?: string;
  /** Added to each queue offset; from the pull answer of a logical queue. */
  readonly offsetDelta?: number;
}

/** A record with IPv4 hosts and without body, topic and properties. */
const minSize = 91;

/** After so many unreadable records the answer is not worth reading on; each costs microseconds, and 16 MiB hold many. */
const maxFailures = 1000;

/**
 * Reads the concatenated records of an answer. A record that cannot be read becomes an entry with `ok: false` and does
 * not hide the others. Only a record whose own length is impossible ends the reading, as one such entry for the rest; so
 * do 1000 unreadable records.
 */
export function decodeStoredMessages(body: Buffer, options: DecodeOptions): StoredRecord[] {
  const budget = { left: options.maxTotalSize ?? Math.max(4 * options.maxBodySize, 10 * body.length) };
  return decodeRecords(body, options, budget);
}

/** What may still be inflated of an answer. */
interface Budget {
  left: number;
}

function decodeRecords(body: Buffer, options: DecodeOptions, budget: Budget): StoredRecord[] {
  const records: StoredRecord[] = [];
  let failures = 0;
  let at = 0;
  while (at < body.length) {
    const left = body.length - at;
    const size = left >= 4 ? readInt32(body, at) : left;
    if (size < minSize || size > left || failures > maxFailures) {
      const error = damaged(
        `has the length ${size}, ${left} bytes are left after ${failures} unreadable records`,
      );
      records.push(failed(body, at, left, options, error));
      break;
    }
    if (!decodeRecord(body, at, size, options, budget, records)) failures++;
    at += size;
  }
  return records;
}

/** Appends the record's message or messages, or its failure; answers whether it could be read. */
function decodeRecord(
  bytes: Buffer,
  at: number,
  size: number,
  options: DecodeOptions,
  budget: Budget,
  records: StoredRecord[],
): boolean {
  let layout: StoredLayout | undefined;
  try {
    layout = measureStoredMessage(bytes, at, size);
    const message = readRecord(bytes, at, layout, options, budget);
    if (!isInnerBatch(message.sysFlag)) records.push({ ok: true, message });
    else for (const member of unwrap(message, options, budget)) records.push(member);
    return true;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    records.push(failed(bytes, at, size, options, error, layout));
    return false;
  }
}

function unwrap(batch: ReceivedMessage, options: DecodeOptions, budget: Budget): StoredRecord[] {
  const members = unwrapInnerBatch(batch, batch.queueOffset - (options.offsetDelta ?? 0));
  return decodeRecords(members, { ...options, verifyCrc: false }, budget);
}

function readRecord(
  bytes: Buffer,
  at: number,
  layout: StoredLayout,
  options: DecodeOptions,
  budget: Budget,
): ReceivedMessage {
  checkLongs(bytes, at);
  if (options.verifyCrc === true) checkCrc(bytes, at, layout);
  const sysFlag = readInt32(bytes, at + StoredField.sysFlag);
  if ((sysFlag & SysFlag.compressed) === 0) {
    if (layout.bodySize > options.maxBodySize)
      throw damaged(`has a body of ${layout.bodySize} bytes; at most ${options.maxBodySize} are allowed`);
    return new ReceivedMessage(bytes, at, layout, options);
  }
  const start = at + layout.bodyAt;
  const inflatedBody = inflateBody(
    bytes.subarray(start, start + layout.bodySize),
    sysFlag,
    Math.min(options.maxBodySize, budget.left),
  );
  budget.left -= inflatedBody.length;
  return new ReceivedMessage(bytes, at, layout, { ...options, inflatedBody });
}

/** Offsets beyond 2^53 cannot be held exactly, so they must not be committed. */
function checkLongs(bytes: Buffer, at: number): void {
  const limit = 0x1f_ffff;
  const queueOffset = readInt32(bytes, at + StoredField.queueOffset);
  const commitLogOffset = readInt32(bytes, at + StoredField.commitLogOffset);
  if (queueOffset > limit || queueOffset < 0)
    throw damaged('has a queue offset that is negative or beyond 2^53');
  if (commitLogOffset > limit || commitLogOffset < 0)
    throw damaged('has a commit-log offset that is negative or beyond 2^53');
}

function checkCrc(bytes: Buffer, at: number, { bodyAt, bodySize }: StoredLayout): void {
  const expected = readInt32(bytes, at + StoredField.bodyCrc);
  const start = at + bodyAt;
  const actual = bodyCrc(bytes.subarray(start, start + bodySize));
  if (expected !== actual) throw damaged(`has a body whose CRC is ${actual}, not ${expected}`);
}

/** CRC-32 without its top bit, as Java keeps it in an `int`. */
export function bodyCrc(body: Buffer): number {
  return crc32(body) & 0x7fff_ffff;
}

function failed(
  bytes: Buffer,
  at: number,
  size: number,
  options: DecodeOptions,
  error: ProtocolError,
  layout?: StoredLayout,
): StoredRecord {
  const hasOffset = size >= StoredField.commitLogOffset;
  const queueOffset = hasOffset
    ? readLong(bytes, at + StoredField.queueOffset) + (options.offsetDelta ?? 0)
    : -1;
  return {
    ok: false,
    size,
    error,
    ...(queueOffset >= 0 && Number.isSafeInteger(queueOffset) ? { queueOffset } : undefined),
    ...(hasOffset ? { queueId: readInt32(bytes, at + StoredField.queueId) } : undefined),
    ...(layout === undefined
      ? undefined
      : { topic: bytes.toString('utf8', at + layout.topicAt, at + layout.topicAt + layout.topicSize) }),
  };
}
