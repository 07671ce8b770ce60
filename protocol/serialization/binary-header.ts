import { languageName, languageNumber } from '../codes/language-code.ts';
import type { LanguageCode } from '../codes/language-code.ts';
import { ProtocolError } from '../errors.ts';
import type { ExtFields } from '../remoting-command.ts';
import { MAX_EXT_FIELDS, newExtFields, tooManyFields } from './ext-fields.ts';
import type { CommandHeader } from './json-header.ts';
import { readInt16, readInt32, readUint16 } from './integers.ts';
import { checkWellFormed } from './well-formed.ts';

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
    const [nameBytes, valueBytes] = [utf8(name, 'header.extFields'), utf8(value, `header.extFields.${name}`)];
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

/** The bytes of the text, one character each. `where` is for what must arrive as it is. */
function utf8(text: string, where?: string): string {
  if (ascii.test(text)) return text;
  if (where !== undefined) checkWellFormed(text, where);
  return Buffer.from(text, 'utf8').toString('latin1');
}

function checkInt16(value: number, member: string): void {
  if (value < -0x8000 || value > 0x7fff) {
    throw new ProtocolError(
      `header.${member}`,
      `${value} does not fit the 16 bits of the binary header; send this command with a JSON header`,
    );
  }
}

/** The parts of a binary header, as {@link locateBinaryHeader} finds them. Offsets are those of the frame's buffer. */
export class BinaryHeader {
  code = 0;
  language: LanguageCode | undefined;
  version = 0;
  opaque = 0;
  flag = 0;
  /** -1 when there is no remark. */
  remarkAt = -1;
  remarkEnd = -1;
  /** -1 when there are no fields. */
  fieldsAt = -1;
  fieldsEnd = -1;

  /** Finds the parts of the header from `start` to `end` and checks all lengths. Throws a `ProtocolError`. */
  locate(bytes: Buffer, start: number, end: number): void {
    if (end - start < fixedSize + 4)
      throw new ProtocolError('header', `has ${end - start} bytes; the binary form has at least 21`);
    const remarkSize = checkSize(readInt32(bytes, start + 13), end - start - fixedSize - 4, 'remark');
    const extAt = start + fixedSize + remarkSize + 4;
    const extSize = checkSize(readInt32(bytes, extAt - 4), end - extAt, 'extFields');
    checkSection(bytes, extAt, extAt + extSize);
    this.code = readInt16(bytes, start);
    this.language = languageName(bytes[start + 2] ?? 0);
    this.version = readInt16(bytes, start + 3);
    this.opaque = readInt32(bytes, start + 5);
    this.flag = readInt32(bytes, start + 9);
    this.remarkAt = remarkSize === 0 ? -1 : start + fixedSize;
    this.remarkEnd = start + fixedSize + remarkSize;
    this.fieldsAt = extSize === 0 ? -1 : extAt;
    this.fieldsEnd = extAt + extSize;
  }
}

/** Checks the lengths of all names and values from `start` to `end`, and how many there are. */
function checkSection(bytes: Buffer, start: number, end: number): void {
  let at = start;
  for (let count = 0; at < end; count++) {
    if (at + 6 > end) throw new ProtocolError('header.extFields', 'is cut off');
    if (count === MAX_EXT_FIELDS) throw tooManyFields();
    const sizeAt = at + 2 + readUint16(bytes, at);
    if (sizeAt > at + 2 + 0x7fff || sizeAt + 4 > end)
      checkSize(readInt16(bytes, at), end - at - 6, 'extFields');
    const size = readInt32(bytes, sizeAt);
    at = sizeAt + 4 + size;
    if (size < 0 || at > end) checkSize(size, end - sizeAt - 4, 'extFields');
  }
}

/** Reads fields that {@link BinaryHeader} has checked. A name that occurs twice counts as it was last written; empty values are not there. */
export function readExtSection(bytes: Buffer, start: number, end: number): ExtFields {
  const ext = newExtFields();
  let at = start;
  while (at < end) {
    const nameEnd = at + 2 + readUint16(bytes, at);
    const name = bytes.toString('utf8', at + 2, nameEnd);
    const size = readInt32(bytes, nameEnd);
    at = nameEnd + 4;
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
