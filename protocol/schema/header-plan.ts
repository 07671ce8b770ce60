import type { Field, FieldKind } from './field.ts';

/** What a header compiles to: its fields with all that writing and reading bytes needs, worked out once. */
export interface HeaderPlan {
  /** The command has no header class: nothing is written, and whatever arrives is ignored. */
  readonly isAbsent: boolean;
  readonly fields: readonly FieldPlan[];
  /** Bit i is set when field i is required. */
  readonly requiredBits: number;
  /** Makes the object that a read header becomes; one constructor for each header keeps V8's property access fast. */
  readonly Value: new () => Record<string, unknown>;
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

/** Bits of a number that can be told apart in `requiredBits`. */
const maxFields = 31;

/** Compiles a header. `fields` are in the order in which they are written. */
export function planHeader(
  name: string,
  fields: Readonly<Record<string, Field<unknown, boolean>>>,
): HeaderPlan {
  const plans = Object.entries(fields).map(([property, field]) => planField(name, property, field));
  if (plans.length > maxFields) throw new RangeError(`${name} has more than ${maxFields} fields`);
  let requiredBits = 0;
  for (const [index, plan] of plans.entries()) if (plan.isRequired) requiredBits |= 1 << index;
  const Value = function () {} as unknown as HeaderPlan['Value'];
  Value.prototype = Object.prototype;
  return { isAbsent: name === '', fields: plans, requiredBits, Value };
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
