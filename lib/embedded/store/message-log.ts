import { MessageProperty } from '../../../protocol/message/properties.ts';
import { CommitLog } from './commit-log.ts';
import { ConsumeQueue } from './consume-queue.ts';
import type { NewMessage } from './new-message.ts';
import type { PlainProperties } from './plain-properties.ts';
import { type StoredRecord, tagsCodeOf } from './stored-record.ts';

/** All messages of a broker, in the order of arrival and by queue. Java: `DefaultMessageStore`. */
export class MessageLog {
  readonly #log: CommitLog;
  readonly #topics = new Map<string, ConsumeQueue[]>();
  #last: StoredRecord | undefined;

  /** @param limit bytes of messages to keep; beyond them the oldest go, as when the files of a broker expire */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#log = new CommitLog(limit);
  }

  /** Where the oldest message begins. */
  get begin(): number {
    return this.#log.begin;
  }

  /** Where the next message will begin. */
  get end(): number {
    return this.#log.end;
  }

  /** The newest message. */
  get last(): StoredRecord | undefined {
    return this.#last;
  }

  /** The queue, made when it is new. */
  queue(topic: string, queueId: number): ConsumeQueue {
    let queues = this.#topics.get(topic);
    if (queues === undefined) this.#topics.set(topic, (queues = []));
    return (queues[queueId] ??= new ConsumeQueue(topic, queueId, this.#log));
  }

  queuesOf(topic: string): readonly ConsumeQueue[] {
    return this.#topics.get(topic)?.filter((queue) => queue !== undefined) ?? [];
  }

  deleteTopic(topic: string): void {
    this.#topics.delete(topic);
  }

  /**
   * Stores a message in a queue.
   *
   * @param plain the properties, when they are not in the message
   */
  append(
    queue: ConsumeQueue,
    message: NewMessage,
    storeHost: string,
    storeTimestamp: number,
    plain?: Omit<PlainProperties, 'uniqueKey'>,
  ): StoredRecord {
    const tags = plain === undefined ? message.properties.get(MessageProperty.TAGS) : plain.tags;
    const tagsCode = tagsCodeOf(tags);
    const commitLogOffset = this.#log.end;
    // Field by field: a spread costs more than all the rest.
    const fields = {
      topic: queue.topic,
      queueId: queue.queueId,
      properties: plain?.text ?? message.properties,
      flag: message.flag,
      sysFlag: message.sysFlag,
      bornTimestamp: message.bornTimestamp,
      bornHost: message.bornHost,
      reconsumeTimes: message.reconsumeTimes,
      preparedTransactionOffset: message.preparedTransactionOffset,
      body: message.body,
      queueOffset: queue.maxOffset,
      commitLogOffset,
      storeTimestamp,
      storeHost,
    };
    this.#last = this.#log.append(fields, tagsCode, plain?.added);
    queue.push(commitLogOffset, tagsCode);
    if (this.#log.expire()) this.#expireQueues();
    return this.#last;
  }

  /** The newest messages that fit, at most so many, in the order of arrival. */
  newest(count: number, fits: (record: StoredRecord) => boolean): StoredRecord[] {
    const found: StoredRecord[] = [];
    for (const record of this.#log.backwards()) {
      if (found.length >= count) break;
      if (fits(record)) found.push(record);
    }
    return found.reverse();
  }

  /** The message that begins at a place of the log. */
  at(commitLogOffset: number): StoredRecord | undefined {
    return this.#log.at(commitLogOffset);
  }

  #expireQueues(): void {
    for (const topic of this.#topics.keys()) for (const queue of this.queuesOf(topic)) queue.expireWithLog();
  }
}
