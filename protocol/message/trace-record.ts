import { ProtocolError } from '../errors.ts';
import { parseExactInteger } from './integer-text.ts';

/** The topic that trace records are sent to when no other is configured. */
export const TRACE_TOPIC = 'RMQ_SYS_TRACE_TOPIC';

const fieldEnd = '\u0001';
const recordEnd = '\u0002';

/** How the values of each kind are read, and what is written for one that is not known. */
const kinds = {
  text: { absent: 'null', read: (text: string): string | undefined => (text === 'null' ? undefined : text) },
  number: { absent: '0', read: (text: string, where: string): number => parseExactInteger(text, where) },
  boolean: { absent: 'false', read: (text: string): boolean => text.toLowerCase() === 'true' },
} as const;
type Kind = keyof typeof kinds;

/** Who did it, where and when: most records begin so. */
const group = { time: 'number', regionId: 'text', group: 'text' } as const;
const message = { ...group, topic: 'text', messageId: 'text' } as const;
const sent = {
  ...message,
  tags: 'text',
  keys: 'text',
  /** Address of the broker. */ storeHost: 'text',
} as const;

/** The fields of each record after its type, in their order; those from `optional` on may be missing. Java: `TraceDataEncoder`. */
const layouts = {
  Pub: {
    optional: 11,
    fields: {
      ...sent,
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
      ...group,
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
      ...sent,
      messageType: 'number',
      transactionId: 'text',
      /** COMMIT_MESSAGE, ROLLBACK_MESSAGE or UNKNOW. */
      state: 'text',
      fromTransactionCheck: 'boolean',
    },
  },
  Recall: {
    optional: 6,
    fields: { ...message, success: 'boolean' },
  },
} as const;

type ValueOf<K> = K extends Kind ? Exclude<ReturnType<(typeof kinds)[K]['read']>, undefined> : never;

type FieldsOf<T extends TraceType> = (typeof layouts)[T]['fields'];

/** What was traced. */
export type TraceType = keyof typeof layouts;

/** One record of a trace message. A text that is not known is left out; Java writes it as `null`. */
export type TraceRecord = {
  [T in TraceType]: { readonly type: T } & {
    readonly [F in keyof FieldsOf<T>]?: ValueOf<FieldsOf<T>[F]>;
  };
}[TraceType];

/** Writes the body of a trace message. */
export function encodeTraceRecords(records: readonly TraceRecord[]): string {
  return records.map(encodeRecord).join('');
}

function encodeRecord(record: TraceRecord): string {
  const { optional } = layouts[record.type];
  const values = record as Readonly<Record<string, string | number | boolean | undefined>>;
  const fields = Object.entries(layouts[record.type].fields);
  let size = fields.length;
  while (size > optional && values[fields[size - 1]?.[0] ?? ''] === undefined) size--;
  const texts = fields.slice(0, size).map(([name, kind]) => String(values[name] ?? kinds[kind].absent));
  const text = [record.type, ...texts].join(fieldEnd);
  if (text.includes(recordEnd) || text.split(fieldEnd).length !== size + 1)
    throw new ProtocolError('trace record', 'holds the character 1 or 2, which separates fields and records');
  return text + recordEnd;
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
    const value = text === undefined ? undefined : kinds[kind].read(text, `${where}.${name}`);
    if (value !== undefined) record[name] = value;
  }
  return record as unknown as TraceRecord;
}
