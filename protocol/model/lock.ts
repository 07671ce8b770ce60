import { readBoolean, readList, readObject, readText } from '../serialization/document.ts';
import { readQueue, writeQueue } from '../serialization/fastjson.ts';
import type { MessageQueue } from './message-queue.ts';

/** Queues that a member wants to lock or to unlock. Java: `LockBatchRequestBody`, `UnlockBatchRequestBody`. */
export interface LockBatchRequestBody {
  readonly consumerGroup: string;
  readonly clientId: string;
  readonly mqSet: readonly MessageQueue[];
  /** Lock on this broker only, not on its peers. Default false. */
  readonly onlyThisBroker?: boolean;
}

/** The queues of the request that are locked for the member now. Java: `LockBatchResponseBody`. */
export interface LockBatchResponseBody {
  readonly lockOKMQSet: readonly MessageQueue[];
}

/** Reads the body of LOCK_BATCH_MQ or UNLOCK_BATCH_MQ. */
export function readLockBatchRequest(document: unknown): LockBatchRequestBody {
  const where = 'LockBatchRequestBody';
  const body = readObject(document, where);
  return {
    consumerGroup: readText(body, 'consumerGroup', where) ?? '',
    clientId: readText(body, 'clientId', where) ?? '',
    mqSet: readList(body, 'mqSet', where, (queue) => readQueue(queue, where)),
    onlyThisBroker: readBoolean(body, 'onlyThisBroker'),
  };
}

/** Writes the body of LOCK_BATCH_MQ or UNLOCK_BATCH_MQ. */
export function writeLockBatchRequest({
  clientId,
  consumerGroup,
  mqSet,
  onlyThisBroker = false,
}: LockBatchRequestBody): string {
  const names = JSON.stringify({ clientId, consumerGroup }).slice(0, -1);
  return `${names},"mqSet":[${mqSet.map(writeQueue).join(',')}],"onlyThisBroker":${onlyThisBroker}}`;
}

/** Reads the answer of LOCK_BATCH_MQ. */
export function readLockBatchResponse(document: unknown): LockBatchResponseBody {
  const where = 'LockBatchResponseBody';
  return {
    lockOKMQSet: readList(readObject(document, where), 'lockOKMQSet', where, (queue) =>
      readQueue(queue, where),
    ),
  };
}

/** Writes the answer of LOCK_BATCH_MQ. */
export function writeLockBatchResponse({ lockOKMQSet }: LockBatchResponseBody): string {
  return `{"lockOKMQSet":[${lockOKMQSet.map(writeQueue).join(',')}]}`;
}
