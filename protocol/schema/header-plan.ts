import { compileUpdate } from '../serialization/header-template.ts';
import type { TemplateUpdate } from '../serialization/header-template.ts';
import { compileBinaryReader, compileJsonReader } from '../serialization/typed-reader.ts';
import type { TypedReader } from '../serialization/typed-reader.ts';
import type { Field, FieldKind } from './field.ts';

/**
 * What a header compiles to: its fields with all that writing and reading bytes needs. Functions are compiled when they
 * are first asked for, since a client uses few of the headers.
 */
export class HeaderPlan {
  /** The command has no header class: nothing is written, and whatever arrives is ignored. */
  readonly isAbsent: boolean;
  readonly fields: readonly FieldPlan[];
  #readBinary: TypedReader | undefined;
  #readJson: TypedReader | undefined;
  #update: TemplateUpdate | undefined;

  /** `fields` are in the order in which they are written. */
  constructor(name: string, fields: Readonly<Record<string, Field<unknown, boolean>>>) {
    this.isAbsent = name === '';
    this.fields = Object.entries(fields).map(([property, field]) => planField(name, property, field));
  }

  get readBinary(): TypedReader {
    return (this.#readBinary ??= compileBinaryReader(this.fields));
  }

  get readJson(): TypedReader {
    return (this.#readJson ??= compileJsonReader(this.fields));
  }

  get update(): TemplateUpdate {
    return (this.#update ??= compileUpdate(this.fields));
  }
}

/** One field of a {@link HeaderPlan}. */
export interface FieldPlan {
  readonly property: string;
  readonly kind: FieldKind;
  readonly field: Field<unknown, boolean>;
  readonly wireName: string;
  readonly isRequired: boolean;
  /** Name of the field in errors. */
  readonly where: string;
  /** The name on the wire. */
  readonly name: Uint8Array;
  /** What precedes the value in the binary form, but for its length: the name with its length. */
  readonly binaryStart: Uint8Array;
  /** What precedes the value in JSON: `,"name":"`. */
  readonly jsonStart: Uint8Array;
}

function planField(header: string, property: string, field: Field<unknown, boolean>): FieldPlan {
  const wireName = field.wireName ?? property;
  const name = Buffer.from(wireName, 'utf8');
  return {
    property,
    kind: field.kind,
    field,
    wireName,
    isRequired: field.required,
    where: `${header}.${property}`,
    name,
    binaryStart: Buffer.concat([Buffer.from([name.length >> 8, name.length & 0xff]), name]),
    jsonStart: Buffer.from(`,${JSON.stringify(wireName)}:"`, 'utf8'),
  };
}
