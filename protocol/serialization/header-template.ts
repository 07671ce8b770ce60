import type { FieldPlan, HeaderPlan } from '../schema/header-plan.ts';
import { checkWellFormed } from './well-formed.ts';

const stale = Symbol('stale');
const zero = 48;
const quote = 34;
const backslash = 92;
const billion = 1_000_000_000;
const hexDigits = Buffer.from('0123456789abcdef', 'latin1');

/** Characters that JSON has a short escape for, as `JSON.stringify` writes them. */
const shortEscapes: Readonly<Record<number, number>> = {
  8: 98,
  9: 116,
  10: 110,
  12: 102,
  13: 114,
  34: 34,
  92: 92,
};

/** By character below 128: bytes of it inside a JSON string. */
const jsonSizes = Uint8Array.from({ length: 128 }, (_, code) => {
  if (shortEscapes[code] !== undefined) return 2;
  return code < 32 ? 6 : 1;
});

/**
 * The fields of one header as they were last written. Headers of one kind differ little from each other, on one
 * connection most of all, so only the fields that changed are written anew and the whole is then copied.
 */
export class HeaderTemplate {
  readonly #fields: readonly FieldPlan[];
  readonly #isJson: boolean;
  readonly #values: unknown[];
  /** Where each field starts; one more for the end. */
  readonly #starts: number[];
  /** The encoded fields; in JSON each with a comma before it. */
  bytes = Buffer.allocUnsafeSlow(512);

  constructor(plan: HeaderPlan, isJson: boolean) {
    this.#fields = plan.fields;
    this.#isJson = isJson;
    this.#values = plan.fields.map(() => undefined);
    this.#starts = [0, ...plan.fields.map(() => 0)];
  }

  /** Bytes of the encoded fields. */
  get length(): number {
    return this.#starts[this.#fields.length] ?? 0;
  }

  /**
   * Takes over the values of a header. `false` when they are not what they usually are (members in another order, or
   * required ones missing): it must then be written the general way. Throws what a field throws.
   */
  update(header: object): boolean {
    const prototype: unknown = Object.getPrototypeOf(header);
    if (prototype !== Object.prototype && prototype !== null) return false;
    const fields = this.#fields;
    const count = fields.length;
    let index = 0;
    // V8 reads members inside for-in several times faster than by a list of names.
    for (const property in header) {
      const item = (header as Record<string, unknown>)[property];
      if (item === undefined) continue;
      let field = fields[index];
      while (field !== undefined && field.property !== property) {
        if (!this.#omit(index, field)) return false;
        field = fields[++index];
      }
      if (field === undefined) return false;
      if (this.#values[index] !== item) this.#put(index, field, item);
      index++;
    }
    for (; index < count; index++) {
      const field = fields[index];
      if (field !== undefined && !this.#omit(index, field)) return false;
    }
    return true;
  }

  #omit(index: number, field: FieldPlan): boolean {
    if (field.isRequired) return false;
    if (this.#values[index] === undefined) return true;
    this.#resize(index, 0);
    this.#values[index] = undefined;
    return true;
  }

  #put(index: number, plan: FieldPlan, item: unknown): void {
    // Should anything throw halfway, the field is written anew next time.
    this.#values[index] = stale;
    if (plan.kind !== 'string' && typeof item === 'number' && item >= 0 && item <= 9_007_199_254_740_990) {
      if (item === Math.floor(item)) {
        this.#putDigits(index, plan, item);
        this.#values[index] = item;
        return;
      }
    }
    const text = plan.kind === 'string' ? (item as string) : plan.field.encode(item);
    if (typeof text === 'string') this.#putText(index, plan, text);
    else this.#putText(index, plan, String(text));
    this.#values[index] = item;
  }

  #putDigits(index: number, plan: FieldPlan, value: number): void {
    let digits = 1;
    for (let bound = 10; value >= bound; bound *= 10) digits++;
    const end = this.#open(index, plan, digits) + digits;
    const { bytes } = this;
    let at = end;
    let high = value < billion ? 0 : Math.floor(value / billion);
    let low = (value - high * billion) | 0;
    const lowEnd = Math.max(end - digits, end - 9);
    while (at > lowEnd) {
      const rest = (low / 10) | 0;
      bytes[--at] = zero + low - rest * 10;
      low = rest;
    }
    while (at > end - digits) {
      const rest = Math.floor(high / 10);
      bytes[--at] = zero + high - rest * 10;
      high = rest;
    }
  }

  #putText(index: number, plan: FieldPlan, text: string): void {
    if (this.#overwrite(index, plan, text)) return;
    const size = this.#isJson ? jsonSize(text) : asciiSize(text);
    if (size < 0) {
      this.#putOther(index, plan, text);
      return;
    }
    const at = this.#open(index, plan, size);
    if (this.#isJson) writeEscaped(this.bytes, at, at + size, text);
    else writeAscii(this.bytes, at, text);
  }

  /** Writes the text over the field's last value, if it is ASCII and takes as many bytes. */
  #overwrite(index: number, plan: FieldPlan, text: string): boolean {
    const from = this.#starts[index] ?? 0;
    const end = this.#starts[index + 1] ?? 0;
    if (from === end) return false;
    if (this.#isJson) {
      const at = from + plan.jsonStart.length;
      return writeEscaped(this.bytes, at, end - 1, text);
    }
    const at = from + plan.binaryStart.length + 4;
    return end - at === text.length && writeAscii(this.bytes, at, text);
  }

  #putOther(index: number, plan: FieldPlan, text: string): void {
    checkWellFormed(text, plan.where);
    const encoded = Buffer.from(this.#isJson ? JSON.stringify(text).slice(1, -1) : text, 'utf8');
    const at = this.#open(index, plan, encoded.length);
    this.bytes.set(encoded, at);
  }

  /** Makes room for a field with a value of `size` bytes and writes all but the value; answers the value's place. */
  #open(index: number, plan: FieldPlan, size: number): number {
    const start = this.#isJson ? plan.jsonStart : plan.binaryStart;
    const whole = start.length + size + (this.#isJson ? 1 : 4);
    const from = this.#starts[index] ?? 0;
    const isSameSize = (this.#starts[index + 1] ?? 0) - from === whole;
    if (!isSameSize) {
      this.#resize(index, whole);
      this.bytes.set(start, from);
    }
    const at = from + start.length;
    const { bytes } = this;
    if (this.#isJson) {
      bytes[at + size] = quote;
      return at;
    }
    bytes[at] = size >>> 24;
    bytes[at + 1] = size >>> 16;
    bytes[at + 2] = size >>> 8;
    bytes[at + 3] = size;
    return at + 4;
  }

  #resize(index: number, size: number): void {
    const starts = this.#starts;
    const end = starts[index + 1] ?? 0;
    const growth = (starts[index] ?? 0) + size - end;
    const length = this.length;
    if (length + growth > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow((length + growth) * 2);
      this.bytes.copy(grown, 0, 0, length);
      this.bytes = grown;
    }
    this.bytes.copyWithin(end + growth, end, length);
    for (let next = index + 1; next < starts.length; next++) starts[next] = (starts[next] ?? 0) + growth;
  }
}

/** Bytes of the text, or -1 when it is not ASCII. */
function asciiSize(text: string): number {
  const { length } = text;
  for (let index = 0; index < length; index++) if (text.charCodeAt(index) > 127) return -1;
  return length;
}

/** Bytes of the text inside a JSON string, or -1 when it is not ASCII. */
function jsonSize(text: string): number {
  const { length } = text;
  let size = 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 127) return -1;
    size += jsonSizes[code] ?? 1;
  }
  return size;
}

/** Whether the text is ASCII; it is then written. */
function writeAscii(bytes: Buffer, start: number, text: string): boolean {
  const { length } = text;
  let all = 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    all |= code;
    bytes[start + index] = code;
  }
  return all < 128;
}

/** Whether the text, with what JSON escapes, exactly fills the bytes from `start` to `end`; it is then written. */
function writeEscaped(bytes: Buffer, start: number, end: number, text: string): boolean {
  const { length } = text;
  if (length > end - start) return false;
  let at = start;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    const size = code > 127 ? end : (jsonSizes[code] ?? 1);
    if (at + size > end) return false;
    if (size === 1) bytes[at] = code;
    else writeEscape(bytes, at, code, size);
    at += size;
  }
  return at === end;
}

function writeEscape(bytes: Buffer, at: number, code: number, size: number): void {
  bytes[at] = backslash;
  if (size === 2) {
    bytes[at + 1] = shortEscapes[code] ?? code;
    return;
  }
  bytes[at + 1] = 117;
  bytes[at + 2] = zero;
  bytes[at + 3] = zero;
  bytes[at + 4] = hexDigits[code >> 4] ?? zero;
  bytes[at + 5] = hexDigits[code & 15] ?? zero;
}
