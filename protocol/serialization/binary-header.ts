import { languageName, languageNumber } from '../codes/language-code.ts';
import { ProtocolError } from '../errors.ts';
import { SerializeType } from '../remoting-command.ts';
import type { ExtFields, RemotingCommand } from '../remoting-command.ts';
import { newExtFields } from './ext-fields.ts';
import type { CommandHeader } from './json-header.ts';

/** Size of the fields before the remark's bytes. */
const fixedSize = 17;

/**
 * Writes a header in the binary form, `SerializeType.ROCKETMQ`.
 *
 * @throws ProtocolError when code or version do not fit 16 bits: pop commands must go as JSON
 */
export function writeBinaryHeader(command: CommandHeader): Buffer {
  checkInt16(command.code, 'code');
  checkInt16(command.version, 'version');
  const remark = Buffer.byteLength(command.remark ?? '');
  const fields = Object.entries(command.extFields ?? {}).filter(([, value]) => value !== undefined);
  const extSize = fields.reduce(
    (sum, [name, value]) => sum + 6 + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  const bytes = Buffer.allocUnsafe(fixedSize + remark + 4 + extSize);
  bytes.writeInt16BE(command.code, 0);
  bytes.writeUInt8(languageNumber(command.language), 2);
  bytes.writeInt16BE(command.version, 3);
  bytes.writeInt32BE(command.opaque, 5);
  bytes.writeInt32BE(command.flag, 9);
  bytes.writeInt32BE(remark, 13);
  let at = fixedSize + bytes.write(command.remark ?? '', fixedSize);
  at = bytes.writeInt32BE(extSize, at);
  for (const [name, value] of fields) at = writeField(bytes, at, name, value);
  return bytes;
}

function writeField(bytes: Buffer, start: number, name: string, value: string): number {
  const nameSize = bytes.write(name, start + 2);
  if (nameSize > 0x7fff)
    throw new ProtocolError('header.extFields', `a name has ${nameSize} bytes; at most 32767 are allowed`);
  bytes.writeInt16BE(nameSize, start);
  const at = start + 2 + nameSize;
  const valueSize = bytes.write(value, at + 4);
  bytes.writeInt32BE(valueSize, at);
  return at + 4 + valueSize;
}

function checkInt16(value: number, member: string): void {
  if (value < -0x8000 || value > 0x7fff) {
    throw new ProtocolError(
      `header.${member}`,
      `${value} does not fit the 16 bits of the binary header; send this command with a JSON header`,
    );
  }
}

/** Reads a header of the binary form. A name that occurs twice counts as it was last written; empty values are not there. */
export function readBinaryHeader(bytes: Buffer): Omit<RemotingCommand, 'body'> {
  if (bytes.length < fixedSize + 4)
    throw new ProtocolError('header', `has ${bytes.length} bytes; the binary form has at least 21`);
  const remarkSize = checkSize(bytes.readInt32BE(13), bytes.length - fixedSize - 4, 'remark');
  const extAt = fixedSize + remarkSize + 4;
  const extSize = checkSize(bytes.readInt32BE(extAt - 4), bytes.length - extAt, 'extFields');
  return {
    code: bytes.readInt16BE(0),
    language: languageName(bytes.readUInt8(2)),
    version: bytes.readInt16BE(3),
    opaque: bytes.readInt32BE(5),
    flag: bytes.readInt32BE(9),
    remark: remarkSize === 0 ? undefined : bytes.toString('utf8', fixedSize, fixedSize + remarkSize),
    extFields: extSize === 0 ? undefined : readFields(bytes, extAt, extAt + extSize),
    serializeType: SerializeType.ROCKETMQ,
  };
}

function readFields(bytes: Buffer, start: number, end: number): ExtFields {
  const ext = newExtFields();
  let at = start;
  while (at < end) {
    if (at + 6 > end) throw new ProtocolError('header.extFields', 'is cut off');
    const nameEnd = at + 2 + checkSize(bytes.readInt16BE(at), end - at - 6, 'extFields');
    const name = bytes.toString('utf8', at + 2, nameEnd);
    at = nameEnd + 4;
    const size = checkSize(bytes.readInt32BE(nameEnd), end - at, 'extFields');
    // Java reads an empty value as null.
    if (size > 0) ext[name] = bytes.toString('utf8', at, at + size);
    at += size;
  }
  return ext;
}

function checkSize(size: number, available: number, member: string): number {
  if (size < 0 || size > available)
    throw new ProtocolError(`header.${member}`, `has the length ${size}, ${available} bytes are left`);
  return size;
}
