import type { FieldPlan, HeaderPlan } from '../schema/header-plan.ts';

const quote = 34;
const trueName = Buffer.from('true', 'latin1');
const falseName = Buffer.from('false', 'latin1');

/**
 * Reads the fields of a binary header, which lie from `start` to `end` and have been checked, straight into the object
 * that callers get. `undefined` when anything is not as usual: the general way then reads it, or says what is wrong.
 */
export function readTypedBinary(
  plan: HeaderPlan,
  bytes: Uint8Array,
  start: number,
  end: number,
): Record<string, unknown> | undefined {
  const value = new plan.Value();
  let seen = 0;
  let expected = 0;
  const { fields } = plan;
  let at = start;
  while (at < end) {
    const nameAt = at + 2;
    const nameSize = readInt16(bytes, at);
    const sizeAt = nameAt + nameSize;
    const size = readInt32(bytes, sizeAt);
    const valueAt = sizeAt + 4;
    at = valueAt + size;
    if (size === 0) continue;
    let index = expected;
    let field = fields[index];
    if (field === undefined || field.name.length !== nameSize || !isEqual(field.name, bytes, nameAt)) {
      index = findField(fields, expected, bytes, nameAt, nameSize);
      if (index < 0) continue;
      field = fields[index];
    }
    const item = field === undefined ? undefined : readValue(field, bytes, valueAt, at);
    if (field === undefined || item === undefined) return undefined;
    value[field.property] = item;
    seen |= 1 << index;
    expected = index + 1;
  }
  return (seen & plan.requiredBits) === plan.requiredBits ? value : undefined;
}

const readInt16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const readInt32 = (bytes: Uint8Array, at: number): number =>
  (readInt16(bytes, at) << 16) | readInt16(bytes, at + 2);

/** The same for the members of `extFields` in a JSON header, which a scan has found to be plain: from after `{` to before `}`. */
export function readTypedJson(
  plan: HeaderPlan,
  bytes: Uint8Array,
  start: number,
  end: number,
): Record<string, unknown> | undefined {
  const value = new plan.Value();
  let seen = 0;
  let expected = 0;
  let at = start;
  while (at < end) {
    const nameAt = at + 1;
    let index = expected;
    const next = plan.fields[expected]?.name;
    let nameEnd = next === undefined ? 0 : nameAt + next.length;
    if (next === undefined || bytes[nameEnd] !== quote || !isEqual(next, bytes, nameAt)) {
      nameEnd = endOfString(bytes, nameAt);
      index = findField(plan.fields, expected, bytes, nameAt, nameEnd - nameAt);
    }
    const valueAt = nameEnd + 3;
    const valueEnd = endOfString(bytes, valueAt);
    at = valueEnd + 2;
    if (index < 0) continue;
    const field = plan.fields[index];
    const item = field === undefined ? undefined : readValue(field, bytes, valueAt, valueEnd);
    if (field === undefined || item === undefined) return undefined;
    value[field.property] = item;
    seen |= 1 << index;
    expected = index + 1;
  }
  return (seen & plan.requiredBits) === plan.requiredBits ? value : undefined;
}

function endOfString(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at] !== quote) at++;
  return at;
}

/** Which field has this name, looked for from the one that usually comes next; -1 when none has. */
function findField(
  fields: readonly FieldPlan[],
  expected: number,
  bytes: Uint8Array,
  nameAt: number,
  nameSize: number,
): number {
  const count = fields.length;
  for (let step = 0, index = expected; step < count; step++, index++) {
    if (index >= count) index = 0;
    const name = fields[index]?.name;
    if (name !== undefined && name.length === nameSize && isEqual(name, bytes, nameAt)) return index;
  }
  return -1;
}

function isEqual(name: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < name.length; index++) if (name[index] !== bytes[at + index]) return false;
  return true;
}

/** The value of a field, or `undefined` when it is not written as it usually is. */
function readValue(plan: FieldPlan, bytes: Uint8Array, start: number, end: number): unknown {
  switch (plan.kind) {
    case 'string':
      return textOf(bytes, start, end);
    case 'int':
    case 'long':
    case 'millis':
      return readDigits(bytes, start, end, plan.kind === 'int' ? 9 : 15);
    case 'boolean':
      if (end - start === 4 && isEqual(trueName, bytes, start)) return true;
      return end - start === 5 && isEqual(falseName, bytes, start) ? false : undefined;
    case 'boundary':
      return undefined;
  }
}

function readDigits(bytes: Uint8Array, start: number, end: number, most: number): number | undefined {
  if (end - start > most || end === start) return undefined;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

/** What every Buffer has, and its types do not tell; `toString` takes twice as long to get there. */
type FastBuffer = Buffer & { latin1Slice(start: number, end: number): string };

/** Bytes as text; ASCII, which almost all is, costs less. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  const buffer = bytes as FastBuffer;
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0) > 127) return buffer.toString('utf8', start, end);
  return buffer.latin1Slice(start, end);
}
