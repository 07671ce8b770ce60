import type { Field, FieldKind } from './field.ts';

/** One field of a header with all that writing and reading bytes needs, worked out once. */
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

/** Works a field of the header with that name out. */
export function planField(header: string, property: string, field: Field<unknown, boolean>): FieldPlan {
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
