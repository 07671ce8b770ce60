import {
  popQueueKey,
  popRealTopic,
  type RetryMark,
  writeReceiptHandle,
} from '../../../protocol/message/pop.ts';
import { MessageProperty } from '../../../protocol/message/properties.ts';
import { encodeStoredMessage } from '../../../protocol/message/stored-message.ts';
import { randomInteger } from '../../runtime/random.ts';
import type { BrokerState } from '../broker-state.ts';
import type { MessageFilter } from '../filter.ts';
import type { ReadResult, ConsumeQueue } from '../store/consume-queue.ts';
import type { StoredRecord } from '../store/stored-record.ts';

/** What a pop is asked for. */
export interface PopWish {
  readonly group: string;
  readonly topic: string;
  /** Negative: any queue. */
  readonly queueId: number;
  readonly count: number;
  readonly invisibleTime: number;
  /** Where a group without an offset begins: at the first message, or behind the last. */
  readonly from: 'first' | 'last';
  readonly isOrderly: boolean;
  readonly attemptId: string | undefined;
  readonly reviveQueueId: number;
  readonly matches: MessageFilter;
}

/** Every fifth pop looks at the retry topic first. Java: `popFromRetryProbability`. */
const retryShare = 20;

/** One pop over the queues of a topic and of its retry topic. Java: `PopMessageProcessor.popMsgFromTopic`. */
export class PopReader {
  readonly popTime: number;
  readonly messages: Buffer[] = [];
  readonly starts: [string, number][] = [];
  readonly offsets: [string, number[]][] = [];
  readonly orderCounts: [string, number][] = [];
  /** Messages that are left in the queues. */
  rest = 0;
  readonly #broker: BrokerState;
  readonly #wish: PopWish;

  constructor(broker: BrokerState, wish: PopWish) {
    this.#broker = broker;
    this.#wish = wish;
    this.popTime = broker.settings.clock.now();
  }

  read(): void {
    const { topic, group, queueId, isOrderly, count } = this.#wish;
    const chance = randomInteger(this.#broker.settings.random, 100);
    const isRetryFirst = chance < retryShare;
    const retry = popRealTopic(topic, group, '1');
    if (isRetryFirst && !isOrderly) this.#readTopic(retry, '1', chance);
    if (queueId < 0) this.#readTopic(topic, '0', chance);
    else this.#readQueue(topic, '0', queueId);
    if (!isRetryFirst && !isOrderly && this.messages.length < count) this.#readTopic(retry, '1', chance);
  }

  #readTopic(topic: string, mark: RetryMark, first: number): void {
    const queues = this.#broker.topics.get(topic)?.readQueueNums ?? 0;
    for (let index = 0; index < queues; index++) this.#readQueue(topic, mark, (first + index) % queues);
  }

  #readQueue(topic: string, mark: RetryMark, queueId: number): void {
    const { group, isOrderly, attemptId, count } = this.#wish;
    const { log, pops } = this.#broker;
    const queue = log.queue(topic, queueId);
    const start = this.#startOf(queue, mark);
    const isBlocked = isOrderly && pops.order.freeAt({ group, topic, queueId }, attemptId, this.popTime) > 0;
    if (isBlocked) return;
    if (this.messages.length >= count) {
      this.rest += queue.maxOffset - start;
      return;
    }
    const [from, result] = this.#readFrom(queue, mark, start);
    this.rest += queue.maxOffset - result.nextBeginOffset;
    this.#commit(topic, queueId, result.records.length > 0 && isOrderly ? from : result.nextBeginOffset);
    if (result.records.length > 0) this.#take(topic, mark, queueId, from, result.records);
  }

  /** An offset that cannot be is put right once. */
  #readFrom(queue: ConsumeQueue, mark: RetryMark, start: number): [number, ReadResult] {
    const left = this.#wish.count - this.messages.length;
    const matches: MessageFilter = mark === '0' ? this.#wish.matches : () => true;
    const result = queue.read(start, left, matches);
    if (result.status !== 'OFFSET_TOO_SMALL' && result.status !== 'OFFSET_OVERFLOW_BADLY')
      return [start, result];
    return [result.nextBeginOffset, queue.read(result.nextBeginOffset, left, matches)];
  }

  #startOf(queue: ConsumeQueue, mark: RetryMark): number {
    const { topic, queueId } = queue;
    const { group, from } = this.#wish;
    const { offsets, pops } = this.#broker;
    const reset = offsets.takeReset(group, topic, queueId);
    if (reset !== undefined) {
      pops.order.clear({ group, topic, queueId });
      return reset;
    }
    const known = offsets.query(group, topic, queueId);
    if (known >= 0) return known;
    if (mark !== '0' || from === 'first' || queue.minOffset <= 0) return queue.minOffset;
    return Math.max(0, queue.maxOffset - 1);
  }

  #commit(topic: string, queueId: number, offset: number): void {
    this.#broker.offsets.commit(this.#wish.group, topic, queueId, offset);
  }

  #take(
    topic: string,
    mark: RetryMark,
    queueId: number,
    start: number,
    records: readonly StoredRecord[],
  ): void {
    const { group, isOrderly, attemptId, invisibleTime } = this.#wish;
    const { popTime } = this;
    const { pops } = this.#broker;
    const offsets = records.map((record) => record.queueOffset);
    this.starts.push([popQueueKey(mark, queueId), start]);
    this.offsets.push([popQueueKey(mark, queueId), offsets]);
    if (isOrderly) {
      const pop = { attemptId, popTime, invisibleTime, offsets };
      this.orderCounts.push(...pops.order.popped({ group, topic, queueId }, pop));
    } else {
      for (const offset of offsets)
        pops.checkpoints.add({ group, topic, queueId, offset, popTime, invisibleTime });
    }
    for (const record of records)
      this.messages.push(mark === '0' ? record.bytes : this.#asOriginal(record, mark, start));
  }

  /** A message of the retry topic as one of the topic, with a handle, as the client could not make it. */
  #asOriginal(record: StoredRecord, mark: RetryMark, startOffset: number): Buffer {
    const { popTime } = this;
    const { invisibleTime, reviveQueueId, topic } = this.#wish;
    const message = record.copy();
    const { queueId, queueOffset: offset, commitLogOffset, storeTimestamp } = record;
    const { name: brokerName, address: storeHost } = this.#broker;
    if (!message.properties.has(MessageProperty.POP_CK)) {
      const handle = {
        startOffset,
        popTime,
        invisibleTime,
        reviveQueueId,
        mark,
        brokerName,
        queueId,
        offset,
      };
      message.properties.set(MessageProperty.POP_CK, writeReceiptHandle(handle));
    }
    return encodeStoredMessage({
      ...message,
      topic,
      queueOffset: offset,
      commitLogOffset,
      storeTimestamp,
      storeHost,
    });
  }
}
