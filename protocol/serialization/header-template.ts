import type { FieldPlan, HeaderPlan } from '../schema/header-plan.ts';
import { checkWellFormed } from './well-formed.ts';

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
    const size = this.#isJson ? jsonSize(text) : asciiSize(text);
    if (size < 0) {
      this.#putOther(index, plan, text);
      return;
    }
    let at = this.#open(index, plan, size);
    const { bytes } = this;
    if (size === text.length) for (let from = 0; from < size; from++) bytes[at++] = text.charCodeAt(from);
    else writeEscaped(bytes, at, text);
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

function writeEscaped(bytes: Buffer, start: number, text: string): void {
  let at = start;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const size = jsonSizes[code];
    if (size === 1) {
      bytes[at++] = code;
      continue;
    }
    bytes[at++] = backslash;
    if (size === 2) {
      bytes[at++] = shortEscapes[code] ?? code;
      continue;
    }
    bytes[at] = 117;
    bytes[at + 1] = zero;
    bytes[at + 2] = zero;
    bytes[at + 3] = hexDigits[code >> 4] ?? zero;
    bytes[at + 4] = hexDigits[code & 15] ?? zero;
    at += 5;
  }
}
