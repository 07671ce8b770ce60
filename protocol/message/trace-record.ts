import { ProtocolError } from '../errors.ts';
import { parseExactInteger } from './integer-text.ts';

/** The topic that trace records are sent to when no other is configured. */
export const TRACE_TOPIC = 'RMQ_SYS_TRACE_TOPIC';

const fieldEnd = '\u0001';
const recordEnd = '\u0002';

type Kind = 'text' | 'number' | 'boolean';

/** The fields of each record after its type, in their order; those from `optional` on may be missing. Java: `TraceDataEncoder`. */
const layouts = {
  Pub: {
    optional: 11,
    fields: {
      time: 'number',
      regionId: 'text',
      group: 'text',
      topic: 'text',
      messageId: 'text',
      tags: 'text',
      keys: 'text',
      /** Address of the broker. */
      storeHost: 'text',
      bodyLength: 'number',
      /** Milliseconds. */
      costTime: 'number',
      /** 0 normal, 1 half, 2 commit, 3 delay, 4 order. */
      messageType: 'number',
      offsetMessageId: 'text',
      success: 'boolean',
      clientHost: 'text',
    },
  },
  SubBefore: {
    optional: 7,
    fields: {
      time: 'number',
      regionId: 'text',
      group: 'text',
      requestId: 'text',
      messageId: 'text',
      retryTimes: 'number',
      keys: 'text',
    },
  },
  SubAfter: {
    optional: 5,
    fields: {
      requestId: 'text',
      messageId: 'text',
      costTime: 'number',
      success: 'boolean',
      keys: 'text',
      /** 0 success, 1 timeout, 2 exception, 3 returned null, 4 failed. */
      contextCode: 'number',
      time: 'number',
      group: 'text',
    },
  },
  EndTransaction: {
    optional: 12,
    fields: {
      time: 'number',
      regionId: 'text',
      group: 'text',
      topic: 'text',
      messageId: 'text',
      tags: 'text',
      keys: 'text',
      storeHost: 'text',
      messageType: 'number',
      transactionId: 'text',
      /** COMMIT_MESSAGE, ROLLBACK_MESSAGE or UNKNOW. */
      state: 'text',
      fromTransactionCheck: 'boolean',
    },
  },
  Recall: {
    optional: 6,
    fields: {
      time: 'number',
      regionId: 'text',
      group: 'text',
      topic: 'text',
      messageId: 'text',
      success: 'boolean',
    },
  },
} as const;

interface KindTypes {
  readonly text: string;
  readonly number: number;
  readonly boolean: boolean;
}

type FieldsOf<T extends TraceType> = (typeof layouts)[T]['fields'];

/** What was traced. */
export type TraceType = keyof typeof layouts;

/** One record of a trace message. A text that is not known is left out; Java writes it as `null`. */
export type TraceRecord = {
  [T in TraceType]: { readonly type: T } & {
    readonly [F in keyof FieldsOf<T>]?: FieldsOf<T>[F] extends Kind ? KindTypes[FieldsOf<T>[F]] : never;
  };
}[TraceType];

/** Writes the body of a trace message. */
export function encodeTraceRecords(records: readonly TraceRecord[]): string {
  return records.map(encodeRecord).join('');
}

function encodeRecord(record: TraceRecord): string {
  const { fields, optional } = layouts[record.type];
  const values = record as Readonly<Record<string, string | number | boolean | undefined>>;
  const texts = Object.entries(fields).map(([name, kind]) => textOf(values[name], kind));
  let size = texts.length;
  while (size > optional && values[Object.keys(fields)[size - 1] ?? ''] === undefined) size--;
  const text = [record.type, ...texts.slice(0, size)].join(fieldEnd);
  if (text.includes(recordEnd) || text.split(fieldEnd).length !== size + 1)
    throw new ProtocolError('trace record', 'holds the character 1 or 2, which separates fields and records');
  return text + recordEnd;
}

function textOf(value: string | number | boolean | undefined, kind: Kind): string {
  if (value !== undefined) return String(value);
  return kind === 'text' ? 'null' : kind === 'number' ? '0' : 'false';
}

/** Reads the body of a trace message. Records of unknown types are left out; throws a {@link ProtocolError} for malformed ones. */
export function decodeTraceRecords(body: string): readonly TraceRecord[] {
  return body.split(recordEnd).flatMap((line) => {
    const [type = '', ...texts] = line.split(fieldEnd);
    return Object.hasOwn(layouts, type) ? [decodeRecord(type as TraceType, texts)] : [];
  });
}

function decodeRecord(type: TraceType, texts: readonly string[]): TraceRecord {
  const { fields, optional } = layouts[type];
  const where = `trace record ${type}`;
  if (texts.length < optional)
    throw new ProtocolError(where, `has ${texts.length} fields; ${optional} are needed`);
  // Before 4.5 a record of a send had no offset id.
  const values =
    type === 'Pub' && texts.length === 12 ? [...texts.slice(0, 11), 'null', ...texts.slice(11)] : texts;
  const record: Record<string, unknown> = { type };
  for (const [index, [name, kind]] of Object.entries(fields).entries()) {
    const text = values[index];
    if (text === undefined || (kind === 'text' && text === 'null')) continue;
    if (kind === 'number') record[name] = parseExactInteger(text, `${where}.${name}`);
    else record[name] = kind === 'boolean' ? text.toLowerCase() === 'true' : text;
  }
  return record as unknown as TraceRecord;
}
