import { decodeBatch } from './batch.ts';
import type { ReceivedMessage } from './received-message.ts';
import { encodeStoredMessage } from './stored-encoder.ts';
import { SysFlag } from './sys-flag.ts';

const wrapped = SysFlag.innerBatch | SysFlag.needUnwrap;

/** Whether the record holds several messages that the reader must take apart: topics whose `queue.type` is BatchCQ. */
export const isInnerBatch = (sysFlag: number): boolean => (sysFlag & wrapped) === wrapped;

/**
 * The members of a batch as records of their own: member i has the batch's queue offset plus i, and all else of the
 * batch. Throws a `ProtocolError` when the batch is malformed. Java: `MessageDecoder.decodeMessage(MessageExt, List)`.
 */
export function unwrapInnerBatch(batch: ReceivedMessage, firstQueueOffset: number): Buffer {
  const { queueId, commitLogOffset, bornTimestamp, bornHost, storeTimestamp, storeHost, reconsumeTimes } =
    batch;
  const { storedTopic: topic, preparedTransactionOffset } = batch;
  const sysFlag = batch.sysFlag & ~wrapped;
  const origin = {
    topic,
    queueId,
    commitLogOffset,
    sysFlag,
    bornTimestamp,
    bornHost,
    storeTimestamp,
    storeHost,
  };
  const members = decodeBatch(batch.body).map((member, index) =>
    encodeStoredMessage({
      ...origin,
      ...member,
      queueOffset: firstQueueOffset + index,
      reconsumeTimes,
      preparedTransactionOffset,
    }),
  );
  return Buffer.concat(members);
}
