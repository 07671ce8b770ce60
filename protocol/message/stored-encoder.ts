import { crc32 } from 'node:zlib';
import { ProtocolError } from '../errors.ts';
import { hostBytes, isV6Host } from './host.ts';
import { encodeProperties, MAX_PROPERTIES_SIZE } from './properties.ts';
import { StoredField, StoredMagic } from './stored-layout.ts';
import { SysFlag } from './sys-flag.ts';

/** What a broker stores of a message. */
export interface StoredMessageFields {
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly commitLogOffset: number;
  /** Bits of {@link SysFlag}; those of the hosts' families are set by their form. */
  readonly sysFlag: number;
  readonly flag: number;
  readonly bornTimestamp: number;
  /** `ip:port`; IPv6 in brackets. */
  readonly bornHost: string;
  readonly storeTimestamp: number;
  /** `ip:port`; IPv6 in brackets. */
  readonly storeHost: string;
  readonly reconsumeTimes: number;
  readonly preparedTransactionOffset: number;
  /** As it is stored: compressed if `sysFlag` says so. */
  readonly body: Buffer;
  /** As a map, or in the encoded form in which a send request carries them. */
  readonly properties: ReadonlyMap<string, string> | string;
}

/** Writes a record as a broker answers it; V2 when the topic is longer than 127 bytes. Java: `MessageDecoder.encode`. */
export function encodeStoredMessage(fields: StoredMessageFields): Buffer {
  const [born, store] = [hostBytes(fields.bornHost), hostBytes(fields.storeHost)];
  const topic = Buffer.from(fields.topic, 'utf8');
  const { properties } = fields;
  const encoded = Buffer.from(
    typeof properties === 'string' ? properties : encodeProperties(properties),
    'utf8',
  );
  if (encoded.length > MAX_PROPERTIES_SIZE)
    throw new ProtocolError(
      'properties',
      `have ${encoded.length} bytes; at most ${MAX_PROPERTIES_SIZE} are allowed`,
    );
  const isV2 = topic.length > 127;
  const { body } = fields;
  const size = 74 + born.length + store.length + body.length + (isV2 ? 2 : 1) + topic.length + encoded.length;
  const bytes = Buffer.allocUnsafe(size);
  writeFixedFields(bytes, fields, isV2);
  let at = StoredField.bornHost + born.copy(bytes, StoredField.bornHost);
  at = writeLong(bytes, at, fields.storeTimestamp);
  at += store.copy(bytes, at);
  at = bytes.writeInt32BE(fields.reconsumeTimes, at);
  at = writeLong(bytes, at, fields.preparedTransactionOffset);
  at = bytes.writeInt32BE(body.length, at);
  at += body.copy(bytes, at);
  at = isV2 ? bytes.writeInt16BE(topic.length, at) : bytes.writeUInt8(topic.length, at);
  at += topic.copy(bytes, at);
  at = bytes.writeInt16BE(encoded.length, at);
  encoded.copy(bytes, at);
  return bytes;
}

function writeFixedFields(bytes: Buffer, fields: StoredMessageFields, isV2: boolean): void {
  const bornV6 = isV6Host(fields.bornHost) ? SysFlag.bornHostV6 : 0;
  const storeV6 = isV6Host(fields.storeHost) ? SysFlag.storeHostV6 : 0;
  const families = SysFlag.bornHostV6 | SysFlag.storeHostV6;
  bytes.writeInt32BE(bytes.length, StoredField.size);
  bytes.writeInt32BE(isV2 ? StoredMagic.v2 : StoredMagic.v1, StoredField.magic);
  bytes.writeInt32BE(crc32(fields.body) & 0x7fff_ffff, StoredField.bodyCrc);
  bytes.writeInt32BE(fields.queueId, StoredField.queueId);
  bytes.writeInt32BE(fields.flag, StoredField.flag);
  writeLong(bytes, StoredField.queueOffset, fields.queueOffset);
  writeLong(bytes, StoredField.commitLogOffset, fields.commitLogOffset);
  bytes.writeInt32BE((fields.sysFlag & ~families) | bornV6 | storeV6, StoredField.sysFlag);
  writeLong(bytes, StoredField.bornTimestamp, fields.bornTimestamp);
}

function writeLong(bytes: Buffer, at: number, value: number): number {
  bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
  return bytes.writeUInt32BE(value >>> 0, at + 4);
}
