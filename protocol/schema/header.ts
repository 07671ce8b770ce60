import { ProtocolError } from '../errors.ts';
import { ReceivedCommand } from '../received-command.ts';
import type { ExtFields, RemotingCommand } from '../remoting-command.ts';
import { newExtFields } from '../serialization/ext-fields.ts';
import type { Field } from './field.ts';
import { HeaderPlan } from './header-plan.ts';

/** The fields of a header, by the names of their properties. */
export type HeaderFields = Readonly<Record<string, Field<unknown, boolean>>>;

type ValueOf<F> = F extends Field<infer T, boolean> ? T : never;

/** The object a caller works with, derived from the declaration of its fields. */
export type HeaderValue<F extends HeaderFields> = {
  readonly [K in keyof F as F[K] extends Field<unknown> ? K : never]: ValueOf<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends Field<unknown> ? never : K]?: ValueOf<F[K]> | undefined;
};

/**
 * Where a header is meant to differ from Java's class: by Java's names of the fields, each with the reason; or one
 * reason why Java has no such class.
 */
export type HeaderDifferences = string | Readonly<Record<string, string>>;

/** A custom header: its name in Java, its fields in Java's order, and the codec that follows from them. */
export interface Header<F extends HeaderFields> {
  readonly name: string;
  readonly fields: F;
  /** A test compares the table with Java's classes, and finds no other differences. */
  readonly differs?: HeaderDifferences;
  /** `undefined` when the command has no header class; an empty map when the class has no values. */
  encode(value: HeaderValue<F>): ExtFields | undefined;
  decode(ext: Readonly<ExtFields> | undefined): HeaderValue<F>;
  /** Reads the header of a command straight from its frame where that is possible, which is several times faster than {@link decode}. */
  read(command: Pick<RemotingCommand, 'extFields'>): HeaderValue<F>;
  /** What the declaration was compiled to, for encoders. */
  readonly plan: HeaderPlan;
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
  read: () => ({}),
  plan: new HeaderPlan('', noFields),
};

/** Declares a header. `name` is the name of Java's class, `differs` explains differences from it. */
export function header<const F extends HeaderFields>(
  name: string,
  fields: F,
  differs?: HeaderDifferences,
): Header<F> {
  const plan = new HeaderPlan(name, fields);

  const decode = (ext: Readonly<ExtFields> | undefined): HeaderValue<F> => {
    const value: Record<string, unknown> = {};
    for (const { property, field, wireName, isRequired, kind, where } of plan.fields) {
      const text = ext?.[wireName];
      if (text === undefined) {
        if (isRequired) throw new ProtocolError(where, 'is missing');
      } else value[property] = kind === 'string' ? text : field.decode(text, where);
    }
    return value as HeaderValue<F>;
  };

  return {
    name,
    fields,
    ...(differs === undefined ? undefined : { differs }),
    plan,
    encode(value) {
      const ext = newExtFields();
      for (const { property, field, wireName, isRequired, kind, where } of plan.fields) {
        const item = (value as Record<string, unknown>)[property];
        if (item === undefined) {
          if (isRequired) throw new ProtocolError(where, 'is required');
        } else ext[wireName] = kind === 'string' ? (item as string) : field.encode(item);
      }
      return ext;
    },
    decode,
    read(command) {
      const typed = ReceivedCommand.is(command) ? command.readTyped(plan) : undefined;
      return typed === undefined ? decode(command.extFields) : (typed as HeaderValue<F>);
    },
  };
}
