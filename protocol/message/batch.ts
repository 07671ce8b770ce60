import { ProtocolError } from '../errors.ts';
import { MAX_PROPERTIES_SIZE } from './properties.ts';

/** One member of a batch; topic, queue and times are those of the request. */
export interface BatchMember {
  readonly flag: number;
  readonly body: Buffer;
  /** In the encoded form. */
  readonly properties: string;
}

/** Most members of a batch that are read; a producer's batch has a few hundred at most. */
export const MAX_BATCH_COUNT = 65_536;

/** Size of a member without body and properties. */
const fixedSize = 22;

/** Writes the body of SEND_BATCH_MESSAGE. Java: `MessageDecoder.encodeMessages`. */
export function encodeBatch(members: readonly BatchMember[]): Buffer {
  return Buffer.concat(members.map(encodeMember));
}

function encodeMember({ flag, body, properties }: BatchMember): Buffer {
  const encoded = Buffer.from(properties, 'utf8');
  if (encoded.length > MAX_PROPERTIES_SIZE)
    throw new ProtocolError(
      'properties',
      `have ${encoded.length} bytes; at most ${MAX_PROPERTIES_SIZE} are allowed`,
    );
  const bytes = Buffer.alloc(fixedSize + body.length + encoded.length);
  bytes.writeInt32BE(bytes.length, 0);
  bytes.writeInt32BE(flag, 12);
  bytes.writeInt32BE(body.length, 16);
  body.copy(bytes, 20);
  bytes.writeInt16BE(encoded.length, 20 + body.length);
  encoded.copy(bytes, fixedSize + body.length);
  return bytes;
}

/** Reads the body of SEND_BATCH_MESSAGE. Bodies are views of `bytes`. Throws a {@link ProtocolError} when it is malformed. */
export function decodeBatch(bytes: Buffer): BatchMember[] {
  const members: BatchMember[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (members.length === MAX_BATCH_COUNT)
      throw new ProtocolError('batch', `has more than ${MAX_BATCH_COUNT} members`);
    const left = bytes.length - at;
    const size = left >= fixedSize ? bytes.readInt32BE(at) : 0;
    if (size < fixedSize || size > left) throw malformed(size, left);
    members.push(decodeMember(bytes.subarray(at, at + size)));
    at += size;
  }
  return members;
}

function decodeMember(bytes: Buffer): BatchMember {
  const bodySize = bytes.readInt32BE(16);
  if (bodySize < 0 || fixedSize + bodySize > bytes.length)
    throw malformed(bodySize, bytes.length - fixedSize);
  const propertiesAt = fixedSize + bodySize;
  const propertiesSize = bytes.readInt16BE(propertiesAt - 2);
  if (propertiesSize < 0 || propertiesAt + propertiesSize > bytes.length)
    throw malformed(propertiesSize, bytes.length - propertiesAt);
  return {
    flag: bytes.readInt32BE(12),
    body: bytes.subarray(20, 20 + bodySize),
    properties: bytes.toString('utf8', propertiesAt, propertiesAt + propertiesSize),
  };
}

function malformed(size: number, left: number): ProtocolError {
  return new ProtocolError('batch', `has a part of ${size} bytes where ${left} are left`);
}
