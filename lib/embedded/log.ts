import { MessageProperty } from '../../protocol/message/properties.ts';
import { measureStoredMessage, StoredField } from '../../protocol/message/stored-layout.ts';
import { decodeStoredMessages, ReceivedMessage } from '../../protocol/message/stored-message.ts';
import { javaHashCode } from '../../protocol/model/subscription-data.ts';
import type { PlainProperties } from './plain-properties.ts';
import { RecordWriter } from './record-writer.ts';
import { StoredQueue } from './queue.ts';
import { StoredRecord, type NewMessage } from './records.ts';

/** All messages of a broker, in the order of arrival and by queue. Java: `CommitLog` and `ConsumeQueueStore`. */
export class MessageLog {
  readonly #writer = new RecordWriter();
  #records: StoredRecord[] = [];
  readonly #limit: number;
  readonly #topics = new Map<string, StoredQueue[]>();
  #end = 0;

  /** @param limit bytes of messages to keep; beyond them the oldest go, as when the files of a broker expire */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  /** Where the oldest message begins. */
  get begin(): number {
    return this.#records[0]?.commitLogOffset ?? this.#end;
  }

  get last(): StoredRecord | undefined {
    return this.#records.at(-1);
  }

  /** Where the next message will begin. */
  get end(): number {
    return this.#end;
  }

  /** The queue, made when it is new. */
  queue(topic: string, queueId: number): StoredQueue {
    const queues = this.#topics.get(topic) ?? [];
    this.#topics.set(topic, queues);
    return (queues[queueId] ??= new StoredQueue(topic, queueId));
  }

  queuesOf(topic: string): readonly StoredQueue[] {
    return this.#topics.get(topic)?.filter((queue) => queue !== undefined) ?? [];
  }

  deleteTopic(topic: string): void {
    this.#topics.delete(topic);
  }

  /** @param plain the properties, when they are not in the message */
  append(
    message: NewMessage,
    storeHost: string,
    storeTimestamp: number,
    plain?: Pick<PlainProperties, 'text' | 'tags'>,
  ): StoredRecord {
    const { topic, queueId } = message;
    const properties = plain?.text ?? message.properties;
    const queue = this.queue(topic, queueId);
    const tags = plain === undefined ? message.properties.get(MessageProperty.TAGS) : plain.tags;
    // Field by field: a spread costs more than all the rest.
    const fields = {
      // The queue's own: the text of each request would stay in memory.
      topic: queue.topic,
      queueId,
      properties,
      flag: message.flag,
      sysFlag: message.sysFlag,
      bornTimestamp: message.bornTimestamp,
      bornHost: message.bornHost,
      reconsumeTimes: message.reconsumeTimes,
      preparedTransactionOffset: message.preparedTransactionOffset,
      body: message.body,
      queueOffset: queue.maxOffset,
      commitLogOffset: this.#end,
      storeTimestamp,
      storeHost,
    };
    const tagsCode = tags === undefined ? 0 : javaHashCode(tags);
    const record = new StoredRecord(fields, tagsCode, this.#writer.write(fields));
    this.#end += record.size;
    this.#records.push(record);
    queue.push(record);
    if (this.#end - this.begin > this.#limit) this.#expire();
    return record;
  }

  /** The newest messages that fit, at most so many, in the order of arrival. */
  newest(count: number, fits: (record: StoredRecord) => boolean): StoredRecord[] {
    const found: StoredRecord[] = [];
    for (let index = this.#records.length - 1; index >= 0 && found.length < count; index--) {
      const record = this.#records[index];
      if (record !== undefined && fits(record)) found.push(record);
    }
    return found.reverse();
  }

  /** Forgets the oldest eighth of what may be kept, so that it is not done for each message. */
  #expire(): void {
    const begin = this.#end - this.#limit * (7 / 8);
    const first = this.#records.findIndex((record) => record.commitLogOffset >= begin);
    const count = first < 0 ? this.#records.length - 1 : first;
    const gone = new Map<StoredQueue, number>();
    for (const { topic, queueId, queueOffset } of this.#records.slice(0, count))
      gone.set(this.queue(topic, queueId), queueOffset + 1);
    for (const [queue, offset] of gone) queue.expireBefore(offset);
    this.#records = this.#records.slice(count);
  }

  /** The message that begins at a place of the log. */
  at(commitLogOffset: number): StoredRecord | undefined {
    let [low, high] = [0, this.#records.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const record = this.#records[middle];
      if (record === undefined || record.commitLogOffset === commitLogOffset) return record;
      if (record.commitLogOffset < commitLogOffset) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}

/** A stored message as a new one, to be stored again elsewhere. The body stays compressed if it is. */
export function copyOf(record: StoredRecord): NewMessage {
  const { bytes } = record;
  const layout = measureStoredMessage(bytes, 0, bytes.length);
  const stored = new ReceivedMessage(bytes, 0, layout, {});
  return {
    topic: record.topic,
    queueId: record.queueId,
    flag: stored.flag,
    sysFlag: bytes.readInt32BE(StoredField.sysFlag),
    bornTimestamp: stored.bornTimestamp,
    bornHost: stored.bornHost,
    reconsumeTimes: stored.reconsumeTimes,
    preparedTransactionOffset: stored.preparedTransactionOffset,
    body: bytes.subarray(layout.bodyAt, layout.bodyAt + layout.bodySize),
    properties: new Map(stored.properties),
  };
}

/** A stored message as a client reads it; compressed still, when it cannot be inflated here. */
export function received({ bytes }: StoredRecord, brokerName: string): ReceivedMessage {
  const [only] = decodeStoredMessages(bytes, { maxBodySize: 1 << 30, brokerName });
  if (only?.ok === true) return only.message;
  return new ReceivedMessage(bytes, 0, measureStoredMessage(bytes, 0, bytes.length), { brokerName });
}
