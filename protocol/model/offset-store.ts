import { parseFastjson, queueMapEntries } from '../serialization/fastjson.ts';
import { readObject } from '../serialization/document.ts';
import type { MessageQueue } from './message-queue.ts';
import { readOffset } from './reset-offset.ts';

/** Offsets of a broadcasting consumer, as Java keeps them in `offsets.json`. Java: `OffsetSerializeWrapper`. */
export type LocalOffsets = readonly (readonly [MessageQueue, number])[];

/** Reads `offsets.json`. Throws a `ProtocolError` when it is malformed. */
export function readLocalOffsets(text: string): LocalOffsets {
  const where = 'offsets.json';
  return queueMapEntries(
    readObject(parseFastjson(text, where), where)['offsetTable'],
    readOffset,
    `${where}.offsetTable`,
  );
}

/** Writes `offsets.json` with the layout that Java writes. */
export function writeLocalOffsets(offsets: LocalOffsets): string {
  const entries = offsets.map(
    ([{ brokerName, queueId, topic }, offset]) =>
      `{\n\t\t\t"brokerName":${JSON.stringify(brokerName)},\n\t\t\t"queueId":${queueId},\n\t\t\t"topic":${JSON.stringify(topic)}\n\t\t}:${offset}`,
  );
  return `{\n\t"offsetTable":{${entries.join(',')}${entries.length === 0 ? '' : '\n\t'}}\n}`;
}
