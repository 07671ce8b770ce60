import fc from 'fast-check';
import { Commands } from '../../protocol/index.ts';
import type { Field, Header, HeaderFields } from '../../protocol/index.ts';

/** One header of a row with the code it travels under. */
export interface RowHeader {
  readonly code: number;
  readonly isResponse: boolean;
  readonly header: Header<HeaderFields>;
}

/** The request and the response header of every row. */
export function rowHeaders(): RowHeader[] {
  return Object.values(Commands).flatMap((row): RowHeader[] =>
    [
      { code: row.code, isResponse: false, header: row.request as unknown as Header<HeaderFields> },
      { code: 0, isResponse: true, header: row.response as unknown as Header<HeaderFields> },
    ].filter(({ header }) => header.name !== ''),
  );
}

/** Values that Java itself checks when it reads them. */
const CHECKED: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  commitOrRollback: fc.constantFrom(0, 8, 12),
  topicFilterType: fc.constantFrom('SINGLE_TAG', 'MULTI_TAG'),
  maxCount: fc.integer({ min: 1, max: 1000 }),
};

/** Values of a header; `minLength` 1 for the binary form, which cannot carry empty texts. */
export function arbitraryHeader(
  header: Header<HeaderFields>,
  minLength: 0 | 1,
): fc.Arbitrary<Record<string, unknown>> {
  const properties = Object.entries(header.fields).map(([property, field]) => {
    const value = CHECKED[property] ?? arbitraryField(field, minLength);
    return [property, field.required ? value : fc.option(value, { nil: undefined, freq: 2 })] as const;
  });
  return fc.record(Object.fromEntries(properties));
}

const text = (minLength: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: 'binary', minLength, maxLength: 30 }),
    fc.string({ minLength, maxLength: 30 }),
    fc.constantFrom('__proto__', 'constructor', 'true', '0', '\u0001\u0002', '消息', '"\\/', ' '),
  );

function arbitraryField(field: Field<unknown, boolean>, minLength: number): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'string':
      return text(minLength);
    case 'int':
      return fc.integer();
    case 'boolean':
      return fc.boolean();
    case 'boundary':
      return fc.constantFrom('LOWER', 'UPPER');
    case 'long':
    case 'millis':
      // A time of 2^53 - 1 stands for Java's largest long.
      return fc.maxSafeInteger().map((value) => Math.min(value, Number.MAX_SAFE_INTEGER - 1));
  }
}
