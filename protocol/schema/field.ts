import { ProtocolError } from '../errors.ts';

/**
 * One entry of a custom header. Every header of the protocol is a flat map of strings, whatever the
 * serialization; a field knows how its entry is named, written and read, and carries its TypeScript type along.
 */
export interface Field<T, Required extends boolean = true> {
  readonly kind: FieldKind;
  readonly required: Required;
  /** Name on the wire when it differs from the property's. */
  readonly wireName?: string;
  encode(value: T): string;
  decode(text: string, where: string): T;
}

/** How the text of a field is understood. */
export type FieldKind = 'string' | 'int' | 'long' | 'millis' | 'boolean' | 'boundary';

/** A required field that can be made optional. */
export interface FieldBuilder<T> extends Field<T> {
  /** The peer may leave it out; the property is then `undefined`. */
  optional(): Field<T, false>;
}

function field<T>(
  kind: FieldKind,
  wireName: string | undefined,
  encode: (value: T) => string,
  decode: (text: string, where: string) => T,
): FieldBuilder<T> {
  const base = wireName === undefined ? { kind, encode, decode } : { kind, wireName, encode, decode };
  return { ...base, required: true, optional: () => ({ ...base, required: false }) };
}

/** Text as it is. */
export const string = (wireName?: string): FieldBuilder<string> =>
  field(
    'string',
    wireName,
    (value) => value,
    (text) => text,
  );

/** A Java `int`. */
export const int = (wireName?: string): FieldBuilder<number> => field('int', wireName, String, parseInt32);

/** A Java `long` that must be exact: offsets and identifiers. Beyond 2^53 it is a {@link ProtocolError}. */
export const long = (wireName?: string): FieldBuilder<number> =>
  field('long', wireName, String, parseSafeLong);

/** A Java `long` that is a time in milliseconds; bounds such as `Long.MAX_VALUE` saturate at 2^53 - 1. */
export const millis = (wireName?: string): FieldBuilder<number> =>
  field('millis', wireName, encodeMillis, parseSaturatingLong);

/** Java's `Boolean.parseBoolean`: only the text `true`, in any case, is true. */
export const boolean = (wireName?: string): FieldBuilder<boolean> =>
  field('boolean', wireName, String, (text) => text === 'true' || text.toLowerCase() === 'true');

/** Which of several messages with the same store time a search by time finds. */
export type BoundaryType = 'LOWER' | 'UPPER';

/** Java's `BoundaryType`: anything but `UPPER`, in any case, means `LOWER`. */
export const boundary = (wireName?: string): FieldBuilder<BoundaryType> =>
  field(
    'boundary',
    wireName,
    (value: BoundaryType) => value,
    (text) => (text.toUpperCase() === 'UPPER' ? 'UPPER' : 'LOWER'),
  );

function parseInt32(text: string, where: string): number {
  const value = parseDigits(text) ?? parseInteger(text, where, 32);
  if (value !== (value | 0)) throw new ProtocolError(where, `${quote(text)} is not a 32-bit integer`);
  return value;
}

function parseSafeLong(text: string, where: string): number {
  const value = parseDigits(text) ?? parseInteger(text, where, 64);
  if (!Number.isSafeInteger(value))
    throw new ProtocolError(where, `${quote(text)} is beyond 2^53 and cannot be held exactly`);
  return value;
}

function parseSaturatingLong(text: string, where: string): number {
  const value = parseDigits(text) ?? parseInteger(text, where, 64);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}

/** The usual case at the least cost: up to 15 digits and nothing else. */
function parseDigits(text: string): number | undefined {
  const { length } = text;
  if (length === 0 || length > 15) return undefined;
  let value = 0;
  for (let index = 0; index < length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

function parseInteger(text: string, where: string, bits: 32 | 64): number {
  if (!/^[+-]?\d{1,19}$/.test(text))
    throw new ProtocolError(where, `${quote(text)} is not a ${bits}-bit integer`);
  // Not -0, which is no number of Java's.
  return Number(text) + 0;
}

function encodeMillis(value: number): string {
  return value >= Number.MAX_SAFE_INTEGER ? '9223372036854775807' : String(value);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
