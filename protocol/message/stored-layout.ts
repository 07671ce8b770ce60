import { ProtocolError } from '../errors.ts';
import { readInt16, readInt32 } from '../serialization/integers.ts';
import { SysFlag } from './sys-flag.ts';

/** Second word of a stored message. V2 has a topic length of 16 bits, for topics longer than 127 bytes. */
export const StoredMagic = { v1: 0xdaa320a7 | 0, v2: 0xdaa320ab | 0 } as const;

/** Places of the fields before the born host, from the start of the record. */
export const StoredField = {
  size: 0,
  magic: 4,
  bodyCrc: 8,
  queueId: 12,
  flag: 16,
  queueOffset: 20,
  commitLogOffset: 28,
  sysFlag: 36,
  bornTimestamp: 40,
  bornHost: 48,
} as const;

/** Bytes of an address with its port. */
export const hostSize = (sysFlag: number, v6Flag: number): number => ((sysFlag & v6Flag) === 0 ? 8 : 20);

/** Where the parts of variable length begin, from the start of the record. */
export interface StoredLayout {
  readonly storeHostAt: number;
  readonly bodyAt: number;
  readonly bodySize: number;
  readonly topicAt: number;
  readonly topicSize: number;
  readonly propertiesAt: number;
  readonly propertiesSize: number;
}

/** Reads an i64 that is below 2^53 as all real offsets and times are; beyond, the result is not exact and not safe. */
export function readLong(bytes: Buffer, at: number): number {
  return readInt32(bytes, at) * 0x1_0000_0000 + (readInt32(bytes, at + 4) >>> 0);
}

/** Finds the parts of the record that lies at `at` and is `size` bytes long; checks every length against it. */
export function measureStoredMessage(bytes: Buffer, at: number, size: number): StoredLayout {
  const magic = size >= StoredField.bornHost ? readInt32(bytes, at + StoredField.magic) : 0;
  if (magic !== StoredMagic.v1 && magic !== StoredMagic.v2)
    throw damaged(`has the unknown magic code 0x${(magic >>> 0).toString(16)}`);
  const sysFlag = readInt32(bytes, at + StoredField.sysFlag);
  const storeHostAt = StoredField.bornHost + hostSize(sysFlag, SysFlag.bornHostV6) + 8;
  const bodyAt = storeHostAt + hostSize(sysFlag, SysFlag.storeHostV6) + 16;
  if (bodyAt > size) throw damaged(`is cut off after ${size} bytes`);
  const bodySize = readInt32(bytes, at + bodyAt - 4);
  const topicLengthSize = magic === StoredMagic.v1 ? 1 : 2;
  const topicAt = bodyAt + bodySize + topicLengthSize;
  if (bodySize < 0 || topicAt > size) throw damaged(`has a body of ${bodySize} bytes in a record of ${size}`);
  const topicSize =
    topicLengthSize === 1 ? (bytes[at + topicAt - 1] ?? 0) : readInt16(bytes, at + topicAt - 2);
  const propertiesAt = topicAt + topicSize + 2;
  if (topicSize < 0 || propertiesAt > size)
    throw damaged(`has a topic of ${topicSize} bytes in a record of ${size}`);
  const propertiesSize = readInt16(bytes, at + propertiesAt - 2);
  if (propertiesSize < 0 || propertiesAt + propertiesSize > size)
    throw damaged(`has properties of ${propertiesSize} bytes in a record of ${size}`);
  return { storeHostAt, bodyAt, bodySize, topicAt, topicSize, propertiesAt, propertiesSize };
}

/** The error of a record that cannot be read. */
export function damaged(problem: string): ProtocolError {
  return new ProtocolError('stored message', problem);
}
