import type { Message } from '../../protocol/message/message.ts';
import { isReservedProperty, MAX_PROPERTIES_SIZE } from '../../protocol/message/properties.ts';
import { InvalidMessageError } from '../errors.ts';
import { inHashMapOrder } from './java-hash-order.ts';

/** Between a name and its value, and after each value. Neither can be escaped. */
const NAME_END = '\u0001';
const VALUE_END = '\u0002';

/** Names that Java refuses as user properties but has setters for, such as `setDelayTimeLevel`; here they pass as they are. */
const settable: ReadonlySet<string> = new Set([
  'WAIT',
  'DELAY',
  'TIMER_DELAY_SEC',
  'TIMER_DELAY_MS',
  'TIMER_DELIVER_MS',
  'BUYER_ID',
  'INSTANCE_ID',
]);

/**
 * The properties of a message as text, in Java's order. Almost all messages have none of their own: for those the
 * order (`KEYS`, `UNIQ_KEY`, `WAIT`, `TAGS`) is known, and the text is one concatenation.
 */
export function encodeMessageProperties(message: Message, messageId: string, shardingKey?: string): string {
  const { topic, tags, properties } = message;
  const keys = message.keys === undefined ? '' : joinKeys(topic, message.keys);
  if (tags !== undefined) checkText(topic, 'tags', tags);
  if (properties !== undefined || shardingKey !== undefined) {
    return checkLength(topic, encodeAll(collect(message, keys, messageId, shardingKey)));
  }
  const before = keys === '' ? '' : `KEYS\u0001${keys}\u0002`;
  const after = tags === undefined || tags === '' ? '' : `TAGS\u0001${tags}\u0002`;
  return checkLength(topic, `${before}UNIQ_KEY\u0001${messageId}\u0002WAIT\u0001true\u0002${after}`);
}

/** All properties in the order in which Java's user would have put them. */
function collect(
  message: Message,
  keys: string,
  messageId: string,
  shardingKey: string | undefined,
): [string, string][] {
  const { topic, tags, properties = {} } = message;
  const entries = new Map<string, string>();
  if (tags !== undefined && tags !== '') entries.set('TAGS', tags);
  if (keys !== '') entries.set('KEYS', keys);
  entries.set('WAIT', 'true');
  for (const name of Object.keys(properties)) {
    const value: unknown = properties[name];
    if (value === undefined) continue;
    checkProperty(topic, name, value);
    entries.set(name, value);
  }
  if (shardingKey !== undefined) {
    checkProperty(topic, '__SHARDINGKEY', shardingKey);
    entries.set('__SHARDINGKEY', shardingKey);
  }
  entries.set('UNIQ_KEY', messageId);
  return [...entries];
}

function encodeAll(entries: readonly [string, string][]): string {
  let text = '';
  for (const [name, value] of inHashMapOrder(entries)) text += name + NAME_END + value + VALUE_END;
  return text;
}

function joinKeys(topic: string, keys: string | readonly string[]): string {
  if (typeof keys === 'string') {
    checkText(topic, 'keys', keys);
    return keys;
  }
  for (const key of keys) {
    checkText(topic, 'keys', key);
    if (key === '' || key.includes(' ')) {
      throw new InvalidMessageError(
        topic,
        `has the key ${JSON.stringify(key)}, which is empty or has a blank; blanks separate keys`,
      );
    }
  }
  return keys.join(' ');
}

function checkProperty(topic: string, name: string, value: unknown): asserts value is string {
  if (isReservedProperty(name) && !settable.has(name)) {
    throw new InvalidMessageError(
      topic,
      `sets the property ${name}, which is reserved for the client and the brokers${adviceFor(name)}`,
    );
  }
  if (typeof value !== 'string' || value.trim() === '' || name.trim() === '') {
    throw new InvalidMessageError(
      topic,
      `has the property ${JSON.stringify(name)} whose name or value is blank or not text`,
    );
  }
  checkText(topic, 'properties', name);
  checkText(topic, 'properties', value);
}

function adviceFor(name: string): string {
  if (name === 'TAGS') return '; set `tags` of the message';
  return name === 'KEYS' ? '; set `keys` of the message' : '';
}

function checkText(topic: string, what: string, text: string): void {
  if (typeof text !== 'string')
    throw new InvalidMessageError(topic, `has ${what} of the type ${typeof text}; they must be text`);
  if (text.includes(NAME_END) || text.includes(VALUE_END)) {
    throw new InvalidMessageError(
      topic,
      `has ${what} with the character U+0001 or U+0002, which separates properties on the wire`,
    );
  }
}

function checkLength(topic: string, text: string): string {
  // A UTF-16 unit takes three bytes at most, so that most texts need not be measured.
  if (text.length * 3 > MAX_PROPERTIES_SIZE && Buffer.byteLength(text) > MAX_PROPERTIES_SIZE) {
    throw new InvalidMessageError(
      topic,
      `has properties of ${Buffer.byteLength(text)} bytes; brokers store ${MAX_PROPERTIES_SIZE}`,
    );
  }
  return text;
}
