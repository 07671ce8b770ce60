import type { FieldPlan } from '../schema/field-plan.ts';
import { equalsSource, generate } from './generated-function.ts';

/**
 * Reads the fields that lie from `start` to `end`, and have been checked, straight into the object that callers get.
 * `undefined` when anything is not as usual: the general way then reads it, or says what is wrong.
 */
export type TypedReader = (bytes: Buffer, start: number, end: number) => object | undefined;

/**
 * Compiles a header to the reader of its binary form: one pass over the names, in whatever order they come. For the
 * name server's `topic` alone:
 *
 *     while (at < end) {
 *       nameSize, nameAt, valueAt, at are read
 *       switch (nameSize) {
 *         case 5: if (bytes[nameAt + 0] === 116 && …) { from0 = valueAt; to0 = at; }
 *       }
 *     }
 *     return new Value(text(bytes, from0, to0));
 */
export function compileBinaryReader(fields: readonly FieldPlan[]): TypedReader {
  return compile(
    fields,
    `
    const nameSize = (bytes[at] << 8) | bytes[at + 1];
    const nameAt = at + 2;
    const sizeAt = nameAt + nameSize;
    const size = (bytes[sizeAt] << 24) | (bytes[sizeAt + 1] << 16) | (bytes[sizeAt + 2] << 8) | bytes[sizeAt + 3];
    const valueAt = sizeAt + 4;
    const valueEnd = at = valueAt + size;
    sizes |= nameSize | size;
    if (size === 0) continue;`,
  );
}

/** The same for the members of `extFields` in a JSON header, which a scan has found to be plain: from after `{` to before `}`. */
export function compileJsonReader(fields: readonly FieldPlan[]): TypedReader {
  return compile(
    fields,
    `
    const nameAt = at + 1;
    let nameEnd = nameAt;
    while (bytes[nameEnd] !== 34) nameEnd++;
    const nameSize = nameEnd - nameAt;
    const valueAt = nameEnd + 3;
    let valueEnd = valueAt;
    while (bytes[valueEnd] !== 34) valueEnd++;
    at = valueEnd + 2;`,
  );
}

/** `step`: source text that takes the next field; it sets nameAt, nameSize, valueAt and valueEnd, and moves `at`. */
function compile(fields: readonly FieldPlan[], step: string): TypedReader {
  if (fields.length === 0) return () => ({});
  const values = fields.map((_, index) => `v${index}`).join(', ');
  const texts = fields.flatMap(({ kind }, index) => (kind === 'string' ? [index] : []));
  const places = texts.map((index) => `let from${index} = -1, to${index} = -1;`);
  const missing = fields.flatMap(({ isRequired }, index) => (isRequired ? [`v${index} === undefined`] : []));
  const read = generate<TypedReader>(
    `
function Value(${values}) {
  ${fields.map(assignment).join('\n  ')}
}
Value.prototype = Object.prototype;
return function (bytes, start, end) {
  let at = start, sizes = 0, first = end, last = start, strings = 0;
  let ${values};
  ${places.join('\n  ')}
  while (at < end) {${step}
    switch (nameSize) {${cases(fields)}
    }
  }
  const text = strings < 2 || sizes > 127 ? undefined : wholeText(bytes, first, last);
  ${texts.map(cut).join('\n  ')}
  if (${[...missing, 'false'].join(' || ')}) return undefined;
  return new Value(${values});
};`,
    { readDigits, wholeText },
  );
  return read ?? (() => undefined);
}

/** Makes a string of the place that was found for it. */
function cut(index: number): string {
  const [from, to] = [`from${index}`, `to${index}`];
  return `if (${from} >= 0) v${index} = text === undefined ? bytes.utf8Slice(${from}, ${to}) : text.substring(${from} - first, ${to} - first);`;
}

function assignment({ property, isRequired }: FieldPlan, index: number): string {
  const statement = `this[${JSON.stringify(property)}] = v${index};`;
  return isRequired ? statement : `if (v${index} !== undefined) ${statement}`;
}

/** Cases of a switch by the size of the names. */
function cases(fields: readonly FieldPlan[]): string {
  const bySize = new Map<number, string[]>();
  for (const [index, field] of fields.entries()) {
    const size = field.name.length;
    const test = `if (${equalsSource(field.name, 'bytes', 'nameAt')}) { ${take(field, index)} }`;
    bySize.set(size, [...(bySize.get(size) ?? []), test]);
  }
  return Array.from(bySize, ([size, tests]) => `\n      case ${size}: ${tests.join(' else ')} break;`).join(
    '',
  );
}

/** What is done with the value of a field; anything that is not written as usual ends the reader. */
function take({ kind }: FieldPlan, index: number): string {
  switch (kind) {
    case 'string':
      return `from${index} = valueAt; to${index} = last = valueEnd; if (strings++ === 0) first = valueAt;`;
    case 'int':
    case 'long':
    case 'millis': {
      const most = kind === 'int' ? 9 : 15;
      return `v${index} = readDigits(bytes, valueAt, valueEnd, ${most}); if (v${index} === undefined) return undefined;`;
    }
    case 'boolean': {
      const isText = (text: Uint8Array): string =>
        `valueEnd - valueAt === ${text.length} && ${equalsSource(text, 'bytes', 'valueAt')}`;
      return `if (${isText(trueText)}) v${index} = true; else if (${isText(falseText)}) v${index} = false; else return undefined;`;
    }
    case 'boundary':
      return 'return undefined;';
  }
}

const trueText = Buffer.from('true', 'latin1');
const falseText = Buffer.from('false', 'latin1');

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
type FastBuffer = Buffer & { utf8Slice(start: number, end: number): string };

/** Strings cut from a long text would keep all of it alive. */
const maxWhole = 1_024;

/**
 * All from the first to the last string as one text, which strings are then cut from: asking V8 for a string costs as
 * much as five cuts. `undefined` unless each byte became one character.
 */
function wholeText(bytes: FastBuffer, start: number, end: number): string | undefined {
  if (end - start > maxWhole) return undefined;
  const text = bytes.utf8Slice(start, end);
  return text.length === end - start ? text : undefined;
}
