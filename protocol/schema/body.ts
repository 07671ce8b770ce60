import { parseFastjson } from '../serialization/fastjson.ts';

/** How the body of a request or an answer is written and read. */
export interface Body<T> {
  /** For tables and debuggers: `none`, `bytes`, `text`, `json` … */
  readonly kind: string;
  /** The type of a JSON body, as Java calls it. */
  readonly typeName?: string;
  encode(value: T): Buffer | undefined;
  decode(bytes: Buffer | undefined): T;
}

/** No body at all. */
export const none: Body<undefined> = {
  kind: 'none',
  encode: () => undefined,
  decode: () => undefined,
};

/** Bytes that the caller interprets: message bodies, concatenated stored messages. */
export const bytes: Body<Buffer> = {
  kind: 'bytes',
  encode: (value) => (value.length === 0 ? undefined : value),
  decode: (value) => value ?? Buffer.alloc(0),
};

/** Stored messages one after another, as `decodeStoredMessages` reads them. */
export const storedMessages: Body<Buffer> = { ...bytes, kind: 'storedMessages' };

/** The content of one message, which only applications understand. */
export const messageBody: Body<Buffer> = { ...bytes, kind: 'message' };

/** Members of a batch, as `decodeBatch` reads them. */
export const batchMembers: Body<Buffer> = { ...bytes, kind: 'batch' };

/** `key=value` lines, as `readConfigText` reads them. */
export const configText: Body<string> = {
  kind: 'config',
  encode: (value) => (value === '' ? undefined : Buffer.from(value, 'utf8')),
  decode: (value) => value?.toString('utf8') ?? '',
};

/** UTF-8 text, such as the `key=value` lines of a configuration. */
export const text: Body<string> = {
  kind: 'text',
  encode: (value) => (value === '' ? undefined : Buffer.from(value, 'utf8')),
  decode: (value) => value?.toString('utf8') ?? '',
};

/** A value as fastjson writes it. `read` turns the parsed document into the model, supplying Java's defaults. */
export function json<T>(
  typeName: string,
  read: (document: unknown) => T,
  write: (value: T) => string = JSON.stringify,
): Body<T> {
  return {
    kind: 'json',
    typeName,
    // A document that is not there has no text.
    encode: (value) => (value === undefined ? undefined : Buffer.from(write(value), 'utf8')),
    decode: (value) =>
      read(value === undefined ? undefined : parseFastjson(value.toString('utf8'), typeName)),
  };
}
