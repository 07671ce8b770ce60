import { ProtocolError } from '../errors.ts';
import type { MessageQueue } from '../model/message-queue.ts';
import { readInt, readObject, readText } from './document.ts';
import { FastjsonParser } from './fastjson-parser.ts';
import { resolveReferences } from './fastjson-reference.ts';

/**
 * Parses JSON as fastjson 1.x writes it, which `JSON.parse` does not accept: integer keys without quotes, objects as
 * keys (the property is then named by their text), and `$ref` for an object that occurred before. Objects have no
 * prototype. Integers beyond 2^53 are `bigint`.
 *
 * @throws ProtocolError when the text is not such a document, or nests deeper than 100 levels
 */
export function parseFastjson(text: string, where = 'JSON'): unknown {
  const parser = new FastjsonParser(text, where);
  const document = parser.parse();
  return parser.hasReferences ? resolveReferences(document, where) : document;
}

/** Reads a map whose keys are message queues, written as bare objects or as quoted JSON text. */
export function queueMapEntries<T>(
  document: unknown,
  read: (value: unknown) => T,
  where: string,
): [MessageQueue, T][] {
  const table = readObject(document, where);
  return Object.keys(table).map((key) => {
    if (!key.startsWith('{'))
      throw new ProtocolError(
        where,
        `has the key ${JSON.stringify(key.slice(0, 60))}, which is not a message queue`,
      );
    return [readQueue(parseFastjson(key, where), where), read(table[key])];
  });
}

/** Writes a map keyed by message queues in Java's own spelling, with bare objects as keys. */
export function writeQueueMap<T>(
  entries: Iterable<readonly [MessageQueue, T]>,
  write: (value: T) => string,
): string {
  const members = Array.from(entries, ([queue, value]) => `${writeQueue(queue)}:${write(value)}`);
  return `{${members.join(',')}}`;
}

/** Reads one message queue object. */
export function readQueue(document: unknown, where: string): MessageQueue {
  const queue = readObject(document, where);
  return {
    topic: readText(queue, 'topic', where) ?? '',
    brokerName: readText(queue, 'brokerName', where) ?? '',
    queueId: readInt(queue, 'queueId', where),
  };
}

/** One message queue as Java writes it, members in alphabetical order. */
export function writeQueue({ brokerName, queueId, topic }: MessageQueue): string {
  return JSON.stringify({ brokerName, queueId, topic });
}
