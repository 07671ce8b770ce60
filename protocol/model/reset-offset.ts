import { ProtocolError } from '../errors.ts';
import { readInt, readObject } from '../serialization/document.ts';
import { queueMapEntries, readQueue, writeQueueMap } from '../serialization/fastjson.ts';
import type { MessageQueue } from './message-queue.ts';

/** New offsets of queues: body of RESET_CONSUMER_CLIENT_OFFSET. Java: `ResetOffsetBody`. */
export interface ResetOffsetBody {
  readonly offsetTable: readonly (readonly [MessageQueue, number])[];
}

const where = 'ResetOffsetBody.offsetTable';

/** Reads a {@link ResetOffsetBody}, also the list-shaped one that clients of language CPP get. */
export function readResetOffsetBody(document: unknown): ResetOffsetBody {
  const table = readObject(document, 'ResetOffsetBody')['offsetTable'];
  if (!Array.isArray(table)) return { offsetTable: queueMapEntries(table, readOffset, where) };
  return {
    offsetTable: table.map((item: unknown) => [
      readQueue(item, where),
      readInt(readObject(item, where), 'offset', where),
    ]),
  };
}

/** Writes a {@link ResetOffsetBody} with queues as keys. */
export function writeResetOffsetBody({ offsetTable }: ResetOffsetBody): string {
  return `{"offsetTable":${writeQueueMap(offsetTable, String)}}`;
}

/** An offset that is the value of a map. */
export function readOffset(value: unknown): number {
  if (!Number.isSafeInteger(value))
    throw new ProtocolError(where, 'holds an offset that is not an exact integer');
  return value as number;
}
