import { ProtocolError } from '../errors.ts';
import type { ExtFields } from '../remoting-command.ts';
import { newExtFields } from '../serialization/ext-fields.ts';
import type { Field } from './field.ts';

/** The fields of a header, by the names of their properties. */
export type HeaderFields = Readonly<Record<string, Field<unknown, boolean>>>;

type ValueOf<F> = F extends Field<infer T, boolean> ? T : never;

/** The object a caller works with, derived from the declaration of its fields. */
export type HeaderValue<F extends HeaderFields> = {
  readonly [K in keyof F as F[K] extends Field<unknown> ? K : never]: ValueOf<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends Field<unknown> ? never : K]?: ValueOf<F[K]> | undefined;
};

/** A custom header: its name in Java, its fields in Java's order, and the codec that follows from them. */
export interface Header<F extends HeaderFields> {
  readonly name: string;
  readonly fields: F;
  /** `undefined` when the command has no header class; an empty map when the class has no values. */
  encode(value: HeaderValue<F>): ExtFields | undefined;
  decode(ext: Readonly<ExtFields> | undefined): HeaderValue<F>;
}

/** The object that a declared header reads and writes. */
export type HeaderOf<H> = H extends Header<infer F> ? HeaderValue<F> : never;

const noFields = {} satisfies HeaderFields;

/** The fields of a command without a header class. */
export type NoFields = typeof noFields;

/** No header class at all: nothing is written, and whatever arrives is ignored. */
export const noHeader: Header<typeof noFields> = {
  name: '',
  fields: noFields,
  encode: () => undefined,
  decode: () => ({}),
};

/** Declares a header. `name` is the name of Java's class. */
export function header<const F extends HeaderFields>(name: string, fields: F): Header<F> {
  // One object per field, all of one shape: encode and decode of hot commands run through them for every frame.
  const entries = Object.entries(fields).map(([property, field]) => ({
    property,
    field,
    wireName: field.wireName ?? property,
    required: field.required,
    isText: field.kind === 'string',
    where: `${name}.${property}`,
  }));

  return {
    name,
    fields,
    encode(value) {
      const ext = newExtFields();
      for (const { property, field, wireName, required, isText, where } of entries) {
        const item = (value as Record<string, unknown>)[property];
        if (item === undefined) {
          if (required) throw new ProtocolError(where, 'is required');
        } else ext[wireName] = isText ? (item as string) : field.encode(item);
      }
      return ext;
    },
    decode(ext) {
      const value: Record<string, unknown> = {};
      for (const { property, field, wireName, required, isText, where } of entries) {
        const text = ext?.[wireName];
        if (text === undefined) {
          if (required) throw new ProtocolError(where, 'is missing');
        } else value[property] = isText ? text : field.decode(text, where);
      }
      return value as HeaderValue<F>;
    },
  };
}
