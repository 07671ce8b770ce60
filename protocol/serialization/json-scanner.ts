import { readLanguage } from '../codes/language-code.ts';
import type { LanguageCode } from '../codes/language-code.ts';

const quote = 34;
const backslash = 92;
const comma = 44;
const colon = 58;
const openBrace = 123;
const closeBrace = 125;
const minus = 45;
const zero = 48;

const keys = [
  'code',
  'extFields',
  'flag',
  'language',
  'opaque',
  'remark',
  'serializeTypeCurrentRPC',
  'version',
].map((name) => Buffer.from(name, 'latin1'));
const java = Buffer.from('JAVA', 'latin1');

/**
 * Looks over a JSON header of the plain form that all clients and servers write: no blanks, no escapes but those of control
 * characters in `extFields` (they separate the properties of a message), numbers of up to nine digits, and nothing but text
 * in `extFields`. It then knows its parts without having parsed it. For any other
 * form it gives up, and the header is parsed as JSON. One object for many headers.
 */
export class JsonScanner {
  code = 0;
  flag = 0;
  opaque = 0;
  version = 0;
  language: LanguageCode | undefined;
  /** Place of the remark's text; -1 when there is none. */
  remarkAt = -1;
  remarkEnd = -1;
  /** Place of the members of `extFields`, without the braces; -1 when there are no fields. */
  fieldsAt = -1;
  fieldsEnd = -1;
  /** How many escapes the fields hold, for {@link unescapeControls}. */
  escapes = 0;
  #at = 0;

  /** Whether the bytes from `start` to `end` are a header in the plain form. */
  scan(bytes: Buffer, start: number, end: number): boolean {
    this.code = this.flag = this.opaque = this.version = 0;
    this.language = 'JAVA';
    this.remarkAt = this.remarkEnd = this.fieldsAt = this.fieldsEnd = -1;
    this.escapes = 0;
    // Reading beyond the header would only ever see a byte of the body, which the check of the end then refuses.
    if (bytes[start] !== openBrace || bytes[end - 1] !== closeBrace) return false;
    this.#at = start + 1;
    let previous = -1;
    for (;;) {
      const key = this.#key(bytes, end, previous + 1);
      if (key < 0 || !this.#member(bytes, end, key)) return false;
      previous = key;
      const next = bytes[this.#at++];
      if (next === closeBrace) return this.#at === end;
      if (next !== comma) return false;
    }
  }

  /** Reads `"key":`; answers its number, looking from the one that usually comes next, or -1. */
  #key(bytes: Buffer, end: number, expected: number): number {
    const from = this.#at + 1;
    if (bytes[this.#at] !== quote) return -1;
    for (let step = 0, index = expected; step < keys.length; step++, index++) {
      if (index >= keys.length) index = 0;
      const key = keys[index];
      if (key === undefined || from + key.length + 2 > end) continue;
      if (bytes[from + key.length] !== quote || !isEqual(key, bytes, from)) continue;
      this.#at = from + key.length + 2;
      return bytes[this.#at - 1] === colon ? index : -1;
    }
    return -1;
  }

  #member(bytes: Buffer, end: number, key: number): boolean {
    switch (key) {
      case 0:
        return this.#number(bytes, end) && this.#take('code');
      case 1:
        return this.#fields(bytes, end);
      case 2:
        return this.#number(bytes, end) && this.#take('flag');
      case 3:
        return this.#readLanguage(bytes, end);
      case 4:
        return this.#number(bytes, end) && this.#take('opaque');
      case 5:
        this.remarkAt = this.#at + 1;
        return this.#text(bytes, end) && (this.remarkEnd = this.#at - 1) > 0;
      case 6:
        return this.#text(bytes, end);
      default:
        return this.#number(bytes, end) && this.#take('version');
    }
  }

  #value = 0;

  #take(member: 'code' | 'flag' | 'opaque' | 'version'): true {
    this[member] = this.#value;
    return true;
  }

  #number(bytes: Buffer, end: number): boolean {
    let at = this.#at;
    const isNegative = bytes[at] === minus;
    if (isNegative) at++;
    const first = at;
    let value = 0;
    for (; at < end; at++) {
      const digit = (bytes[at] ?? 0) - zero;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const digits = at - first;
    if (digits === 0 || digits > 9 || (digits > 1 && bytes[first] === zero)) return false;
    this.#value = isNegative ? -value : value;
    this.#at = at;
    return true;
  }

  /** Steps over a string without escapes, or with those of control characters. */
  #text(bytes: Buffer, end: number, mayEscape = false): boolean {
    let at = this.#at;
    if (bytes[at] !== quote) return false;
    for (at++; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === quote) {
        this.#at = at + 1;
        return true;
      }
      if (byte < 32) return false;
      if (byte !== backslash) continue;
      if (!mayEscape || !isEscapedControl(bytes, at)) return false;
      this.escapes++;
      at += escapeSize - 1;
    }
    return false;
  }

  #readLanguage(bytes: Buffer, end: number): boolean {
    const from = this.#at + 1;
    if (!this.#text(bytes, end)) return false;
    const size = this.#at - 1 - from;
    this.language =
      size === java.length && isEqual(java, bytes, from)
        ? 'JAVA'
        : readLanguage(bytes.toString('utf8', from, this.#at - 1));
    return true;
  }

  #fields(bytes: Buffer, end: number): boolean {
    if (bytes[this.#at] !== openBrace) return false;
    // Of members that are there twice, the last counts.
    this.escapes = 0;
    this.fieldsAt = ++this.#at;
    if (bytes[this.#at] === closeBrace) {
      this.fieldsEnd = this.#at++;
      return true;
    }
    for (;;) {
      if (!this.#text(bytes, end, true) || bytes[this.#at++] !== colon || !this.#text(bytes, end, true))
        return false;
      const next = bytes[this.#at++];
      if (next === comma) continue;
      this.fieldsEnd = this.#at - 1;
      return next === closeBrace;
    }
  }
}

/** Length of `\u0001`. */
const escapeSize = 6;
const letterU = 117;

/** Whether `\u00` and a number below 20 (hex) stand there: what needs an escape, and is no quote and no backslash without it. */
function isEscapedControl(bytes: Uint8Array, at: number): boolean {
  const isShort = bytes[at + 1] === letterU && bytes[at + 2] === zero && bytes[at + 3] === zero;
  return isShort && (bytes[at + 4] === zero || bytes[at + 4] === zero + 1) && hexDigit(bytes[at + 5]) >= 0;
}

/** The value of a digit, or -1. */
function hexDigit(code = 0): number {
  if (code >= zero && code <= zero + 9) return code - zero;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** The members of `extFields`, from after `{` to before `}`, with so many control characters as they are. For a header that was found plain. */
export function unescapeControls(bytes: Buffer, start: number, end: number, escapes: number): Buffer {
  const plain = Buffer.allocUnsafe(end - start - escapes * (escapeSize - 1));
  let size = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte !== backslash) plain[size++] = byte;
    else {
      plain[size++] = (((bytes[at + 4] ?? 0) - zero) << 4) | hexDigit(bytes[at + 5]);
      at += escapeSize - 1;
    }
  }
  return plain;
}

function isEqual(key: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < key.length; index++) if (key[index] !== bytes[at + index]) return false;
  return true;
}
