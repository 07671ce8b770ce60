import type { FieldPlan } from '../schema/field-plan.ts';
import { generate } from './generated-function.ts';
import { jsonSize, writeEscaped } from './json-escapes.ts';
import { checkWellFormed } from './well-formed.ts';

/** Texts that are longer cost as much to compare as to write. */
const maxCompared = 32;
const zero = 48;
const quote = 34;
const billion = 1_000_000_000;
/** By number of digits: the least number that has so many. */
const leastOf = [0, 0, ...Array.from({ length: 16 }, (_, index) => 10 ** (index + 1))];

/** What every Buffer has, and its types do not tell; `write` takes twice as long to get there. */
type FastBuffer = Buffer & { utf8Write(text: string, at: number, most?: number): number };

/**
 * Gives `template` all values of a header that differ from `last`; `false` when it refuses one. Made for each header by
 * {@link compileUpdate}.
 */
export type TemplateUpdate = (header: object, last: readonly unknown[], template: HeaderTemplate) => boolean;

/** Compiles the comparison of a header with the one before. */
export function compileUpdate(fields: readonly FieldPlan[]): TemplateUpdate {
  const steps = fields.map(
    ({ property }, index) => `
  item = header[${JSON.stringify(property)}];
  if (((restless & ${1 << index}) !== 0 || item !== last[${index}]) && !template.set(${index}, item)) return false;`,
  );
  const update = generate<TemplateUpdate>(`
return function (header, last, template) {
  const { restless } = template;
  let item;
  ${steps.join('')}
  return true;
};`);
  return update ?? (() => false);
}

/**
 * The fields of one header as they were last written. Headers of one kind differ little from each other, on one
 * connection most of all, so only the fields that changed are written anew and the whole is then copied.
 */
export class HeaderTemplate {
  readonly #fields: readonly FieldPlan[];
  readonly #isJson: boolean;
  readonly #update: TemplateUpdate;
  readonly #values: unknown[];
  /** Not all values are in place: there was no header yet, or one that could not be written. */
  #isFresh = true;
  /**
   * Bit i: field i is a long text that has changed once, such as properties, which hold a new id each time. It is then
   * written without being compared.
   */
  restless = 0;
  /** Where each field starts; one more for the end. */
  readonly #starts: number[];
  /** The encoded fields; in JSON each with a comma before it. */
  #bytes = Buffer.allocUnsafeSlow(512) as FastBuffer;
  #content: Buffer | undefined;

  constructor(fields: readonly FieldPlan[], update: TemplateUpdate, isJson: boolean) {
    this.#fields = fields;
    this.#isJson = isJson;
    this.#update = update;
    this.#values = fields.map(() => undefined);
    this.#starts = [0, ...fields.map(() => 0)];
  }

  /** The encoded fields. A view that lasts as long as sizes do: copying a view is three times faster than copying from a place to a place. */
  get content(): Buffer {
    return (this.#content ??= this.#bytes.subarray(this.#isJson && this.length > 0 ? 1 : 0, this.length));
  }

  /** With the comma before the first. */
  get length(): number {
    return this.#starts[this.#fields.length] ?? 0;
  }

  /**
   * Takes over the values of a header. `false` when required ones are missing: the general way then says so. Throws what
   * a field throws.
   */
  update(header: object): boolean {
    if (!this.#isFresh) return this.#update(header, this.#values, this);
    for (const [index, { property }] of this.#fields.entries())
      if (!this.set(index, (header as Record<string, unknown>)[property])) return false;
    this.#isFresh = false;
    return true;
  }

  /** Writes a value that differs from the last one; `false` when it must not be missing. */
  set(index: number, item: unknown): boolean {
    const field = this.#fields[index];
    if (field === undefined) return false;
    if (item === undefined) {
      if (field.isRequired) return false;
      this.#resize(index, 0);
    } else if (!this.#put(index, field, item)) return false;
    this.#values[index] = item;
    return true;
  }

  #put(index: number, plan: FieldPlan, item: unknown): boolean {
    if (plan.kind !== 'string' && isWhole(item)) {
      this.#putDigits(index, plan, item);
      return true;
    }
    const isFresh = this.#isFresh;
    // Should anything throw halfway, all is written anew next time.
    this.#isFresh = true;
    const encoded: unknown = plan.kind === 'string' ? item : plan.field.encode(item);
    const text = typeof encoded === 'string' ? encoded : String(encoded);
    if (this.#isJson) this.#putJsonText(index, plan, text);
    else if (!this.#putBinaryText(index, plan, text)) return false;
    this.#isFresh = isFresh;
    if (!isFresh && text.length > maxCompared) this.restless |= 1 << index;
    return true;
  }

  #putDigits(index: number, plan: FieldPlan, value: number): void {
    const quotes = this.#isJson ? 1 : 0;
    const around = this.#isJson ? plan.jsonStart.length + 1 : plan.binaryStart.length + 4;
    let digits = this.#sizeOf(index) - around;
    // Usually there are as many digits as before.
    const isSameSize =
      digits > 0 && value >= (leastOf[digits] ?? Infinity) && value < (leastOf[digits + 1] ?? 0);
    if (!isSameSize) {
      digits = digitsOf(value);
      this.#open(index, plan, digits);
    }
    const end = (this.#starts[index + 1] ?? 0) - quotes;
    const before = isSameSize ? this.#values[index] : undefined;
    writeDigits(this.#bytes, end, digits, value, isWhole(before) ? before : -1);
  }

  #putBinaryText(index: number, plan: FieldPlan, text: string): boolean {
    const around = plan.binaryStart.length + 4;
    const at = (this.#starts[index] ?? 0) + around;
    if (this.#sizeOf(index) === around + text.length && at + text.length * 3 <= this.#bytes.length) {
      // Mostly a text of ASCII takes the place of another.
      if (this.#bytes.utf8Write(text, at) === text.length) return true;
      // It has run over what follows: the header goes the general way, and all is written anew next time.
      this.#starts.fill(0);
      this.#content = undefined;
      return false;
    }
    // Behind the fields, to see how many bytes it takes.
    const { length } = this;
    this.#reserve(length + text.length * 3);
    const size = this.#bytes.utf8Write(text, length);
    if (size !== text.length) checkWellFormed(text, plan.where);
    // Not in one expression: to make room may put other bytes in place of these.
    const place = this.#open(index, plan, size);
    this.#bytes.utf8Write(text, place, size);
    return true;
  }

  #putJsonText(index: number, plan: FieldPlan, text: string): void {
    if (this.#overwrite(index, plan, text)) return;
    const size = jsonSize(text);
    if (size >= 0) {
      const at = this.#open(index, plan, size);
      writeEscaped(this.#bytes, at, at + size, text);
      return;
    }
    checkWellFormed(text, plan.where);
    const encoded = Buffer.from(JSON.stringify(text).slice(1, -1), 'utf8');
    const at = this.#open(index, plan, encoded.length);
    this.#bytes.set(encoded, at);
  }

  /** Writes the text over the field's last value, if it is ASCII and takes as many bytes. */
  #overwrite(index: number, plan: FieldPlan, text: string): boolean {
    if (this.#sizeOf(index) === 0) return false;
    const from = (this.#starts[index] ?? 0) + plan.jsonStart.length;
    return writeEscaped(this.#bytes, from, (this.#starts[index + 1] ?? 0) - 1, text);
  }

  /** Bytes of a field with its name; 0 while it is not there. */
  #sizeOf(index: number): number {
    return (this.#starts[index + 1] ?? 0) - (this.#starts[index] ?? 0);
  }

  /** Makes room for a field with a value of `size` bytes and writes all but the value; answers the value's place. */
  #open(index: number, plan: FieldPlan, size: number): number {
    const start = this.#isJson ? plan.jsonStart : plan.binaryStart;
    const whole = start.length + size + (this.#isJson ? 1 : 4);
    const from = this.#starts[index] ?? 0;
    if (this.#sizeOf(index) !== whole) {
      this.#resize(index, whole);
      this.#bytes.set(start, from);
    }
    const at = from + start.length;
    const bytes = this.#bytes;
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
    this.#reserve(length + growth);
    this.#bytes.copyWithin(end + growth, end, length);
    for (let next = index + 1; next < starts.length; next++) starts[next] = (starts[next] ?? 0) + growth;
    this.#content = undefined;
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const grown: FastBuffer = Buffer.allocUnsafeSlow(size * 2) as FastBuffer;
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#content = undefined;
  }
}

/** Whether it is a number that is written as its digits. */
const isWhole = (item: unknown): item is number =>
  typeof item === 'number' && item >= 0 && item <= 9_007_199_254_740_990 && item === Math.floor(item);

/** How many digits a whole number has that is not negative. */
export function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}

/** Writes so many digits of a whole number before `end`, from the last to the first that differs from those of `before`, which is there; -1 is no number. */
export function writeDigits(
  bytes: Uint8Array,
  end: number,
  digits: number,
  value: number,
  before = -1,
): void {
  let high = value < billion ? 0 : Math.floor(value / billion);
  let low = (value - high * billion) | 0;
  const highBefore = before < billion ? 0 : Math.floor(before / billion);
  // What is above the last nine digits is mostly the same, as in times.
  let lowBefore = before < 0 || high !== highBefore ? -1 : (before - highBefore * billion) | 0;
  let at = end;
  const lowEnd = Math.max(end - digits, end - 9);
  while (at > lowEnd) {
    const rest = (low / 10) | 0;
    bytes[--at] = zero + low - rest * 10;
    low = rest;
    if (lowBefore < 0) continue;
    lowBefore = (lowBefore / 10) | 0;
    if (lowBefore === low) return;
  }
  while (at > end - digits) {
    const rest = Math.floor(high / 10);
    bytes[--at] = zero + high - rest * 10;
    high = rest;
  }
}
