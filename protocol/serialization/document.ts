import { ProtocolError } from '../errors.ts';

/** An object of a parsed document. It has no prototype. */
export type JsonObject = Readonly<Record<string, unknown>>;

const empty: JsonObject = Object.freeze(Object.create(null) as Record<string, unknown>);

/** The document as an object; nothing at all reads as an empty object, because Java omits what is null. */
export function readObject(document: unknown, where: string): JsonObject {
  if (document === undefined || document === null) return empty;
  if (typeof document !== 'object' || Array.isArray(document))
    throw new ProtocolError(where, 'is not a JSON object');
  return document as JsonObject;
}

/** A text member; numbers and booleans are taken as their text, as fastjson does. */
export function readText(object: JsonObject, member: string, where: string): string | undefined {
  const value = object[member];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : textOf(value, `${where}.${member}`);
}

/** The text of a text, number or boolean, as fastjson casts it. */
export function textOf(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  throw new ProtocolError(where, 'is not text');
}

/** An integer member, `fallback` when it is missing. Integers beyond 2^53 are refused rather than rounded. */
export function readInt(object: JsonObject, member: string, where: string, fallback = 0): number {
  const value = object[member];
  if (value === undefined || value === null || value === '') return fallback;
  const number = typeof value === 'string' ? Number(value) : value;
  if (!Number.isSafeInteger(number))
    throw new ProtocolError(`${where}.${member}`, 'is not an integer that can be held exactly');
  return number as number;
}

/** A time in milliseconds; what does not fit 2^53 saturates. */
export function readMillis(object: JsonObject, member: string, where: string, fallback = 0): number {
  const value = object[member];
  if (typeof value !== 'bigint') return readInt(object, member, where, fallback);
  return value > 0n ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
}

/** A floating-point member such as a rate. */
export function readFloat(object: JsonObject, member: string, where: string, fallback = 0): number {
  const value = object[member];
  if (value === undefined || value === null) return fallback;
  const isScalar = typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint';
  const number = isScalar ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) throw new ProtocolError(`${where}.${member}`, 'is not a number');
  return number;
}

/** A boolean member; the text `true` counts as true. */
export function readBoolean(object: JsonObject, member: string, fallback = false): boolean {
  const value = object[member];
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.toLowerCase() === 'true';
  return typeof value === 'number' ? value !== 0 : fallback;
}

/** An array member, empty when it is missing. `read` gets each element. */
export function readList<T>(
  object: JsonObject,
  member: string,
  where: string,
  read: (item: unknown) => T,
): T[] {
  const value = object[member];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ProtocolError(`${where}.${member}`, 'is not an array');
  return value.map((item: unknown) => read(item));
}

/** An array of texts. */
export function readTexts(object: JsonObject, member: string, where: string): string[] {
  return readList(object, member, where, (item) => {
    if (typeof item === 'string') return item;
    throw new ProtocolError(`${where}.${member}`, 'holds something that is not text');
  });
}

/** A member that maps texts to values, empty when it is missing. */
export function readTable<T>(
  object: JsonObject,
  member: string,
  where: string,
  read: (value: unknown) => T,
): Map<string, T> {
  const table = readObject(object[member], `${where}.${member}`);
  return new Map(Object.keys(table).map((key) => [key, read(table[key])]));
}

/** A member that maps texts to texts; entries that are null are left out. */
export function readTextTable(object: JsonObject, member: string, where: string): Map<string, string> {
  const table = readObject(object[member], `${where}.${member}`);
  const texts = new Map<string, string>();
  for (const key of Object.keys(table)) {
    const text = readText(table, key, `${where}.${member}`);
    if (text !== undefined) texts.set(key, text);
  }
  return texts;
}

/** One of a fixed set of names; `fallback` when it is missing or not known. */
export function readName<T extends string>(
  object: JsonObject,
  member: string,
  names: readonly T[],
  fallback: T,
): T {
  const value = object[member];
  return names.find((name) => name === value) ?? fallback;
}
