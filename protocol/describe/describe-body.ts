import { readConfigText } from '../model/config-text.ts';
import { decodeBatch } from '../message/batch.ts';
import { decodeProperties } from '../message/properties.ts';
import { decodeStoredMessages } from '../message/stored-message.ts';
import type { ReceivedMessage, StoredRecord } from '../message/stored-message.ts';
import { StoredMagic } from '../message/stored-layout.ts';
import type { Body } from '../schema/body.ts';
import { parseFastjson } from '../serialization/fastjson.ts';
import { isSecretSetting, redact, REDACTED } from './redact.ts';

/** Bytes that a person can look at: as text where they are text, else in hex. Long ones are cut. */
export interface BytesDescription {
  readonly size: number;
  readonly text?: string;
  readonly hex?: string;
}

/** The body of a frame. */
export interface BodyDescription extends BytesDescription {
  /** `json`, `storedMessages`, `batch`, `message`, `config`, `text`, `bytes`; guessed when the command is not known. */
  readonly kind: string;
  /** Java's name of the class of a JSON body. */
  readonly typeName?: string;
  /** What the body holds: the decoded model, messages, members of a batch, settings. */
  readonly value?: unknown;
}

const maxText = 4_096;
const maxHex = 512;
const maxMessages = 64;
const maxBodySize = 16 * 1024 * 1024;

/** Text when the bytes are UTF-8 that can be printed, else hex. */
export function describeBytes(bytes: Buffer): BytesDescription {
  const size = bytes.length;
  const text = bytes.subarray(0, maxText).toString('utf8');
  // A replacement character at the end only means that the cut went through a character.
  const isText = !text.slice(0, -1).includes('\ufffd') && !/[\u0000-\u0008\u000e-\u001f]/.test(text); // oxlint-disable-line eslint/no-control-regex -- what cannot be printed
  if (isText) return { size, text: size > maxText ? `${text}…` : text };
  const hex = bytes.toString('hex', 0, maxHex);
  return { size, hex: size > maxHex ? `${hex}…` : hex };
}

/** Describes a body by its declaration; throws what its decoder throws. */
export function describeBody(bytes: Buffer, body: Body<unknown>): BodyDescription {
  const { kind, typeName } = body;
  const base = { kind, size: bytes.length, ...(typeName === undefined ? undefined : { typeName }) };
  switch (kind) {
    case 'json':
      return { ...base, value: redact(body.decode(bytes)) };
    case 'storedMessages':
      return { ...base, value: describeMessages(bytes) };
    case 'batch':
      return { ...base, value: describeBatch(bytes) };
    case 'config':
      return { ...base, value: describeConfig(bytes.toString('utf8')) };
    default:
      return { ...base, ...describeBytes(bytes) };
  }
}

/** Describes a body that nothing is known about, by what it looks like. */
export function guessBody(bytes: Buffer): BodyDescription {
  const magic = bytes.length >= 8 ? bytes.readInt32BE(4) : 0;
  if (magic === StoredMagic.v1 || magic === StoredMagic.v2)
    return { kind: 'storedMessages', size: bytes.length, value: describeMessages(bytes) };
  if (bytes[0] === 0x7b || bytes[0] === 0x5b) {
    try {
      return { kind: 'json', size: bytes.length, value: redact(parseFastjson(bytes.toString('utf8'))) };
    } catch {
      // It only looked like JSON.
    }
  }
  return { kind: 'bytes', ...describeBytes(bytes) };
}

function describeMessages(bytes: Buffer): readonly unknown[] {
  const records = decodeStoredMessages(bytes, { maxBodySize, verifyCrc: true });
  const shown = records.slice(0, maxMessages).map(describeRecord);
  const more = records.length - shown.length;
  return more === 0 ? shown : [...shown, `… ${more} more`];
}

function describeRecord(record: StoredRecord): unknown {
  if (record.ok) return describeMessage(record.message);
  const { error, ...rest } = record;
  return { ...rest, problem: error.message };
}

function describeMessage(message: ReceivedMessage): unknown {
  return redact({
    ...message.toJSON(),
    storedTopic: message.storedTopic,
    bodyCrc: message.bodyCrc,
    body: describeBytes(message.body),
  });
}

function describeBatch(bytes: Buffer): readonly unknown[] {
  const members = decodeBatch(bytes).map(({ flag, body, properties }) => ({
    flag,
    properties: redact(decodeProperties(properties)),
    body: describeBytes(body),
  }));
  const more = members.length - maxMessages;
  return more > 0 ? [...members.slice(0, maxMessages), `… ${more} more`] : members;
}

function describeConfig(text: string): unknown {
  const settings = Object.create(null) as Record<string, string>;
  for (const [key, value] of readConfigText(text)) settings[key] = isSecretSetting(key) ? REDACTED : value;
  return settings;
}
