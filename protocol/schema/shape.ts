import { ProtocolError } from '../errors.ts';
import {
  readBoolean,
  readFloat,
  readInt,
  readList,
  readMillis,
  readObject,
  textOf,
} from '../serialization/document.ts';
import type { JsonObject } from '../serialization/document.ts';
import { queueMapEntries, readQueue, writeQueue, writeQueueMap } from '../serialization/fastjson.ts';
import type { MessageQueue } from '../model/message-queue.ts';
import { json } from './body.ts';
import type { Body } from './body.ts';

/**
 * One member of a JSON body. As with header fields, one declaration gives the TypeScript type, the reader, which
 * supplies Java's default for what is missing, and the writer.
 */
export interface Member<T, Present extends boolean = true> {
  /** Whether a read value always has it; otherwise it is left out when the peer left it out. */
  readonly present: Present;
  /** Names in the document when they differ from the property's; the first is written, all are read. */
  readonly names?: readonly string[];
  /** `undefined` and `null` only reach members that are present. */
  read(value: unknown, where: string): T;
  /** JSON text. */
  write(value: T): string;
}

/** A member that can be made optional, or be given other names. */
export interface MemberBuilder<T> extends Member<T> {
  optional(): Member<T, false>;
  /** The name in the document, and other spellings that are read too. */
  named(...names: readonly [string, ...string[]]): MemberBuilder<T>;
}

/** The members of a body, by the names of their properties. */
export type Members = Readonly<Record<string, Member<unknown, boolean>>>;

type ValueOf<M> = M extends Member<infer T, boolean> ? T : never;

type ShapeValue<M extends Members> = {
  readonly [K in keyof M as M[K] extends Member<unknown> ? K : never]: ValueOf<M[K]>;
} & {
  readonly [K in keyof M as M[K] extends Member<unknown> ? never : K]?: ValueOf<M[K]> | undefined;
};

/** A JSON object of the protocol: reads and writes itself, and is a member of other shapes. */
export interface Shape<T> extends MemberBuilder<T> {
  /** Java's name of the class. */
  readonly typeName: string;
  read(document: unknown, where?: string): T;
  write(value: T): string;
  /** A value with Java's defaults for everything that is not given. */
  of(value: Partial<T>): T;
}

/** The type of what a shape reads and writes. */
export type ShapeOf<S> = S extends Member<infer T, boolean> ? T : never;

function member<T>(
  read: (value: unknown, where: string) => T,
  write: (value: T) => string,
  names?: readonly string[],
): MemberBuilder<T> {
  const base = names === undefined ? { read, write } : { read, write, names };
  return {
    ...base,
    present: true,
    optional: () => ({ ...base, present: false }),
    named: (...others) => member(read, write, others),
  };
}

/** Declares a JSON object. `typeName` is the name of Java's class; members are written in alphabetical order, as Java does. */
export function shape<const M extends Members>(typeName: string, members: M): Shape<ShapeValue<M>> {
  const entries = Object.entries(members)
    .map(([property, item]) => {
      const { names = [property], present } = item;
      return {
        property,
        names,
        present,
        item,
        where: `${typeName}.${property}`,
        label: `${JSON.stringify(names[0])}:`,
      };
    })
    .toSorted((a, b) => (a.label < b.label ? -1 : 1));

  const read = (document: unknown): ShapeValue<M> => {
    const object = readObject(document, typeName);
    const value: Record<string, unknown> = {};
    for (const entry of entries) {
      const item = itemOf(object, entry.names);
      if (item !== undefined || entry.present) value[entry.property] = entry.item.read(item, entry.where);
    }
    return value as ShapeValue<M>;
  };
  const write = (value: ShapeValue<M>): string => {
    const texts: string[] = [];
    for (const entry of entries) {
      const item = (value as Readonly<Record<string, unknown>>)[entry.property];
      if (item !== undefined) texts.push(entry.label + entry.item.write(item));
    }
    return `{${texts.join(',')}}`;
  };
  return { ...member(read, write), typeName, read, write, of: (value) => ({ ...read(undefined), ...value }) };
}

function itemOf(object: JsonObject, names: readonly string[]): unknown {
  for (const name of names) {
    const item = object[name];
    if (item !== undefined && item !== null) return item;
  }
  return undefined;
}

/** Text. */
export const text = (fallback = ''): MemberBuilder<string> =>
  member((value, where) => (isNone(value) ? fallback : textOf(value, where)), JSON.stringify);

/** A Java `int`, or a `long` that must be exact; beyond 2^53 it is a {@link ProtocolError}. */
export const integer = (fallback = 0): MemberBuilder<number> =>
  member((value, where) => readInt({ value }, 'value', where, fallback), String);

/** A Java `long` that is a time in milliseconds; what does not fit 2^53 saturates. */
export const time = (fallback = 0): MemberBuilder<number> =>
  member((value, where) => readMillis({ value }, 'value', where, fallback), writeTime);

/** A Java `double`. */
export const decimal = (): MemberBuilder<number> =>
  member((value, where) => readFloat({ value }, 'value', where), String);

/** A Java `boolean`. */
export const flag = (fallback = false): MemberBuilder<boolean> =>
  member((value) => readBoolean({ value }, 'value', fallback), String);

/** One of a fixed set of names; `fallback` when it is missing or not known. */
export const oneOf = <const T extends string>(names: readonly T[], fallback: T): MemberBuilder<T> =>
  member((value) => names.find((name) => name === value) ?? fallback, JSON.stringify);

/** A message queue. */
export const queue = (): MemberBuilder<MessageQueue> => member(readQueue, writeQueue);

/** Whatever the document has there, without a type. */
export const anything = (): MemberBuilder<unknown> =>
  member(
    (value) => value,
    (value) =>
      JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? Number(item) : item)),
  );

/** A list or a set; empty when it is missing. */
export const listOf = <T>(item: Member<T>): MemberBuilder<readonly T[]> =>
  member(
    (value, where): readonly T[] => readList({ value }, 'value', where, (entry) => item.read(entry, where)),
    (value) => `[${value.map((entry) => item.write(entry)).join(',')}]`,
  );

/** A map with text keys; empty when it is missing. */
export const tableOf = <T>(item: Member<T>): MemberBuilder<ReadonlyMap<string, T>> =>
  member(
    (value, where): ReadonlyMap<string, T> =>
      new Map(entriesOf(value, where).map(([key, entry]) => [key, item.read(entry, where)])),
    (value) => writeEntries(value, item),
  );

/** A map with integer keys, which Java writes without quotes and reads either way; empty when it is missing. */
export const numberTableOf = <T>(item: Member<T>): MemberBuilder<ReadonlyMap<number, T>> =>
  member(
    (value, where): ReadonlyMap<number, T> =>
      new Map(
        entriesOf(value, where).map(([key, entry]) => [readNumberKey(key, where), item.read(entry, where)]),
      ),
    (value) => writeEntries(value, item),
  );

/** A map with message queues as keys; empty when it is missing. */
export const queueTableOf = <T>(item: Member<T>): MemberBuilder<readonly (readonly [MessageQueue, T])[]> =>
  member(
    (value, where): readonly (readonly [MessageQueue, T])[] =>
      queueMapEntries(value, (entry) => item.read(entry, where), where),
    (value) => writeQueueMap(value, (entry) => item.write(entry)),
  );

/** The JSON body that a shape describes. */
export const shaped = <T>(of: Shape<T>): Body<T> =>
  json(
    of.typeName,
    (document) => of.read(document),
    (value) => of.write(value),
  );

/** A JSON body that is an array. */
export const shapedList = <T>(of: Shape<T>): Body<readonly T[]> => {
  const list = listOf(of);
  return json(
    `${of.typeName}[]`,
    (document) => list.read(document, of.typeName),
    (value) => list.write(value),
  );
};

const isNone = (value: unknown): value is null | undefined => value === undefined || value === null;

function entriesOf(value: unknown, where: string): [string, unknown][] {
  const table = readObject(value, where);
  return Object.keys(table)
    .filter((key) => !isNone(table[key]))
    .map((key) => [key, table[key]]);
}

function writeEntries<T>(value: ReadonlyMap<string | number, T>, item: Member<T>): string {
  return `{${Array.from(value, ([key, entry]) => `${JSON.stringify(String(key))}:${item.write(entry)}`).join(',')}}`;
}

function readNumberKey(key: string, where: string): number {
  const number = Number(key);
  if (key === '' || !Number.isSafeInteger(number))
    throw new ProtocolError(
      where,
      `has the key ${JSON.stringify(key.slice(0, 40))} where an integer is expected`,
    );
  return number;
}

function writeTime(value: number): string {
  return value >= Number.MAX_SAFE_INTEGER ? '9223372036854775807' : String(value);
}
