import { languageName, languageNumber } from '../codes/language-code.ts';
import { ProtocolError } from '../errors.ts';
import { SerializeType } from '../remoting-command.ts';
import type { ExtFields, RemotingCommand } from '../remoting-command.ts';
import { newExtFields } from './ext-fields.ts';
import type { CommandHeader } from './json-header.ts';

/** Size of the fields before the remark's bytes. */
const fixedSize = 17;

/**
 * Writes a header in the binary form, `SerializeType.ROCKETMQ`, as a string with one character per byte: building a
 * string and writing it at once is several times faster than writing each field.
 *
 * @throws ProtocolError when code or version do not fit 16 bits: pop commands must go as JSON
 */
export function writeBinaryHeader({
  code,
  extFields,
  flag,
  language,
  opaque,
  remark,
  version,
}: CommandHeader): string {
  checkInt16(code, 'code');
  checkInt16(version, 'version');
  let fields = '';
  for (const name in extFields) {
    const value = extFields[name];
    if (value === undefined) continue;
    const [nameBytes, valueBytes] = [utf8(name), utf8(value)];
    if (nameBytes.length > 0x7fff)
      throw new ProtocolError(
        'header.extFields',
        `a name has ${nameBytes.length} bytes; at most 32767 are allowed`,
      );
    fields += int16(nameBytes.length) + nameBytes + int32(valueBytes.length) + valueBytes;
  }
  const text = remark === undefined ? '' : utf8(remark);
  const start =
    int16(code) + fromCharCode(languageNumber(language)) + int16(version) + int32(opaque) + int32(flag);
  return start + int32(text.length) + text + int32(fields.length) + fields;
}

const { fromCharCode } = String;
const int16 = (value: number): string => fromCharCode((value >> 8) & 0xff, value & 0xff);
const int32 = (value: number): string => int16(value >> 16) + int16(value);

// oxlint-disable-next-line eslint/no-control-regex -- all of ASCII
const ascii = /^[\u0000-\u007f]*$/;

/** The bytes of the text, one character each. */
function utf8(text: string): string {
  return ascii.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
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
export function readBinaryHeader(bytes: Buffer, body: Buffer | undefined): RemotingCommand {
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
    body,
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
