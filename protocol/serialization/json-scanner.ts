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
].map((name) => Buffer.from(`"${name}":`, 'latin1'));
const java = Buffer.from('JAVA', 'latin1');

/** What surrounds fields and opaque in a header, copied. Places are counted from the start of `after`. */
interface KnownHeader {
  readonly before: Buffer;
  readonly between: Buffer;
  readonly after: Buffer;
  readonly remarkAt: number;
  readonly remarkEnd: number;
}

/** Headers with more around their fields, such as a long remark, are looked over each time. Bytes. */
const mostRemembered = 512;

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

  #opaqueAt = -1;
  #known: KnownHeader | undefined;

  /** Whether the bytes from `start` to `end` are a header in the plain form. */
  scan(bytes: Buffer, start: number, end: number): boolean {
    if (this.#known !== undefined && this.#isLike(this.#known, bytes, start, end)) return true;
    this.#known = undefined;
    if (!this.#scanAll(bytes, start, end)) return false;
    this.#remember(bytes, start, end);
    return true;
  }

  /** Takes a header in that differs from the last one in its fields and its opaque only. */
  #isLike(
    { before, between, after, remarkAt, remarkEnd }: KnownHeader,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean {
    if (!isEqual(before, bytes, start)) return false;
    const betweenAt = this.#fields(bytes, start + before.length - 1, end);
    if (betweenAt < 0 || !isEqual(between, bytes, betweenAt)) return false;
    const opaqueAt = betweenAt + between.length;
    const afterAt = endOfNumber(bytes, opaqueAt, end);
    if (afterAt < 0 || end - afterAt !== after.length || !isEqual(after, bytes, afterAt)) return false;
    this.opaque = numberAt(bytes, opaqueAt, afterAt);
    this.remarkAt = remarkAt < 0 ? -1 : afterAt + remarkAt;
    this.remarkEnd = remarkAt < 0 ? -1 : afterAt + remarkEnd;
    return true;
  }

  #remember(bytes: Buffer, start: number, end: number): void {
    const { fieldsAt, fieldsEnd, remarkAt, remarkEnd } = this;
    const opaqueAt = this.#opaqueAt;
    const rest = end - start - (fieldsEnd - fieldsAt);
    if (
      fieldsAt < 0 ||
      opaqueAt < fieldsEnd ||
      (remarkAt >= 0 && remarkAt < opaqueAt) ||
      rest > mostRemembered
    )
      return;
    const afterAt = endOfNumber(bytes, opaqueAt, end);
    this.#known = {
      before: Buffer.from(bytes.subarray(start, fieldsAt)),
      between: Buffer.from(bytes.subarray(fieldsEnd + 1, opaqueAt)),
      after: Buffer.from(bytes.subarray(afterAt, end)),
      remarkAt: remarkAt < 0 ? -1 : remarkAt - afterAt,
      remarkEnd: remarkEnd - afterAt,
    };
  }

  #scanAll(bytes: Buffer, start: number, end: number): boolean {
    this.code = this.flag = this.opaque = this.version = 0;
    this.language = 'JAVA';
    this.remarkAt = this.remarkEnd = this.fieldsAt = this.fieldsEnd = this.#opaqueAt = -1;
    this.escapes = 0;
    // Reading beyond the header would only ever see a byte of the body, which the check of the end then refuses.
    if (bytes[start] !== openBrace || bytes[end - 1] !== closeBrace) return false;
    let key = -1;
    for (let at = start + 1; ; at++) {
      key = findKey(bytes, at, end, key + 1);
      if (key < 0) return false;
      at = this.#member(bytes, at + (keys[key]?.length ?? 0), end, key);
      if (at < 0) return false;
      if (bytes[at] === closeBrace) return at + 1 === end;
      if (bytes[at] !== comma) return false;
    }
  }

  /** Takes the value at `at` in; answers where it ends, or -1. */
  #member(bytes: Buffer, at: number, end: number, key: number): number {
    let next = -1;
    switch (key) {
      case 0:
        next = endOfNumber(bytes, at, end);
        this.code = numberAt(bytes, at, next);
        return next;
      case 1:
        return this.#fields(bytes, at, end);
      case 2:
        next = endOfNumber(bytes, at, end);
        this.flag = numberAt(bytes, at, next);
        return next;
      case 3:
        next = endOfText(bytes, at, end);
        if (next > 0) this.language = languageAt(bytes, at + 1, next - 1);
        return next;
      case 4:
        next = endOfNumber(bytes, at, end);
        this.opaque = numberAt(bytes, at, next);
        this.#opaqueAt = at;
        return next;
      case 5:
        next = endOfText(bytes, at, end);
        this.remarkAt = at + 1;
        this.remarkEnd = next - 1;
        return next;
      case 6:
        return endOfText(bytes, at, end);
      default:
        next = endOfNumber(bytes, at, end);
        this.version = numberAt(bytes, at, next);
        return next;
    }
  }

  #fields(bytes: Buffer, from: number, end: number): number {
    if (bytes[from] !== openBrace) return -1;
    // Of members that are there twice, the last counts.
    this.escapes = 0;
    this.fieldsAt = this.fieldsEnd = from + 1;
    if (bytes[from + 1] === closeBrace) return from + 2;
    for (let at = from + 1; ; at++) {
      at = this.#fieldText(bytes, at, end);
      if (bytes[at] !== colon) return -1;
      at = this.#fieldText(bytes, at + 1, end);
      if (bytes[at] === comma) continue;
      this.fieldsEnd = at;
      return bytes[at] === closeBrace ? at + 1 : -1;
    }
  }

  /** As {@link endOfText}, with escapes of control characters. */
  #fieldText(bytes: Buffer, from: number, end: number): number {
    if (bytes[from] !== quote) return -1;
    let at = endOfPlain(bytes, from + 1, end);
    while (at < end && bytes[at] === backslash) {
      if (!isEscapedControl(bytes, at)) return -1;
      this.escapes++;
      at = endOfPlain(bytes, at + escapeSize, end);
    }
    return at < end && bytes[at] === quote ? at + 1 : -1;
  }
}

/** The number of the key of `"key":`, looking from the one that usually comes next; or -1. */
function findKey(bytes: Buffer, at: number, end: number, expected: number): number {
  for (let step = 0, index = expected; step < keys.length; step++, index++) {
    if (index >= keys.length) index = 0;
    const key = keys[index];
    if (key !== undefined && at + key.length <= end && isEqual(key, bytes, at)) return index;
  }
  return -1;
}

/** Where the first byte is that is no plain part of a text: a quote, a backslash or a control character. */
function endOfPlain(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote || byte === backslash || byte < 32) break;
  }
  return at;
}

/** Behind the closing quote of a string without escapes; or -1. */
function endOfText(bytes: Uint8Array, from: number, end: number): number {
  if (bytes[from] !== quote) return -1;
  const at = endOfPlain(bytes, from + 1, end);
  return at < end && bytes[at] === quote ? at + 1 : -1;
}

/** Behind a number of up to nine digits; or -1. */
function endOfNumber(bytes: Uint8Array, from: number, end: number): number {
  const first = bytes[from] === minus ? from + 1 : from;
  let at = first;
  while (at < end && isDigit(bytes[at])) at++;
  const digits = at - first;
  return digits === 0 || digits > 9 || (digits > 1 && bytes[first] === zero) ? -1 : at;
}

const isDigit = (byte = 0): boolean => byte >= zero && byte <= zero + 9;

/** A number that has been looked over. */
function numberAt(bytes: Uint8Array, from: number, end: number): number {
  const isNegative = bytes[from] === minus;
  let value = 0;
  for (let at = isNegative ? from + 1 : from; at < end; at++) value = value * 10 + (bytes[at] ?? 0) - zero;
  return isNegative ? -value : value;
}

const languageAt = (bytes: Buffer, from: number, end: number): LanguageCode | undefined =>
  end - from === java.length && isEqual(java, bytes, from)
    ? 'JAVA'
    : readLanguage(bytes.toString('utf8', from, end));

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

/** Room for {@link unescapeControls}; a buffer for each header would cost more than to fill it. */
const scratch = Buffer.alloc(4_096);

/**
 * The members of `extFields`, from after `{` to before `}`, with control characters as they are, and where they end. For a header
 * that was found plain. The bytes hold until the next call.
 */
export function unescapeControls(bytes: Buffer, start: number, end: number): { bytes: Buffer; end: number } {
  const plain = end - start <= scratch.length ? scratch : Buffer.allocUnsafe(end - start);
  let size = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte !== backslash) plain[size++] = byte;
    else {
      plain[size++] = (((bytes[at + 4] ?? 0) - zero) << 4) | hexDigit(bytes[at + 5]);
      at += escapeSize - 1;
    }
  }
  return { bytes: plain, end: size };
}

function isEqual(key: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < key.length; index++) if (key[index] !== bytes[at + index]) return false;
  return true;
}
