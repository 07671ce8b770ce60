import type { BatchAck } from '../../../protocol/model/batch-ack.ts';
import type { PopReceipt } from '../../api/pop-api.ts';

/** A bit set is as long as its last offset is away from where the pop began; beyond this a request of its own is shorter. */
const MOST_BITS = 4_096;

/** Whether a receipt fits a batch. Pure. */
export function fitsBatch({ handle: { offset, startOffset } }: PopReceipt): boolean {
  return offset >= startOffset && offset - startOffset < MOST_BITS;
}

/** Receipts of one broker, one entry for each pop of a queue. Pure. Java: `MQClientAPIImpl.batchAckMessageAsync`. */
export function batchAcks(receipts: readonly PopReceipt[]): readonly BatchAck[] {
  const batches = new Map<string, Omit<BatchAck, 'bitSet'> & { readonly bitSet: number[] }>();
  for (const { consumerGroup, topic, handle } of receipts) {
    const { mark, queueId, startOffset, popTime, reviveQueueId, invisibleTime } = handle;
    const key = [topic, mark, queueId, startOffset, popTime, reviveQueueId].join(' ');
    let batch = batches.get(key);
    if (batch === undefined) {
      batch = {
        consumerGroup,
        topic,
        retry: mark,
        startOffset,
        queueId,
        reviveQueueId,
        popTime,
        invisibleTime,
        bitSet: [],
      };
      batches.set(key, batch);
    }
    batch.bitSet.push(handle.offset - startOffset);
  }
  return [...batches.values()];
}
