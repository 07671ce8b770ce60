import { readObject, readTable } from '../serialization/document.ts';
import { queueMapEntries, writeQueueMap } from '../serialization/fastjson.ts';
import type { MessageQueue } from './message-queue.ts';
import { readOffset } from './reset-offset.ts';

type QueueOffsets = readonly (readonly [MessageQueue, number])[];

/** Offsets of the members of a group. Java: `GetConsumerStatusBody`. */
export interface ConsumerStatusBody {
  /** A client's own answer to GET_CONSUMER_STATUS_FROM_CLIENT. */
  readonly messageQueueTable: QueueOffsets;
  /** By client id: the broker's answer to an administrator. */
  readonly consumerTable?: ReadonlyMap<string, QueueOffsets>;
}

const where = 'GetConsumerStatusBody';

/** Reads a {@link ConsumerStatusBody}. */
export function readConsumerStatusBody(document: unknown): ConsumerStatusBody {
  const body = readObject(document, where);
  return {
    messageQueueTable: queueMapEntries(body['messageQueueTable'], readOffset, `${where}.messageQueueTable`),
    consumerTable: readTable(body, 'consumerTable', where, (table) =>
      queueMapEntries(table, readOffset, `${where}.consumerTable`),
    ),
  };
}

/** Writes a {@link ConsumerStatusBody}. */
export function writeConsumerStatusBody({ consumerTable, messageQueueTable }: ConsumerStatusBody): string {
  const members = Array.from(
    consumerTable ?? [],
    ([id, table]) => `${JSON.stringify(id)}:${writeQueueMap(table, String)}`,
  );
  return `{"consumerTable":{${members.join(',')}},"messageQueueTable":${writeQueueMap(messageQueueTable, String)}}`;
}
