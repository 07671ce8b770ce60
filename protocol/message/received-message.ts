import { readInt32 } from '../serialization/integers.ts';
import { readHost } from './host.ts';
import { hostOfId, offsetMessageIdAt } from './message-id.ts';
import { popVisibleTopic } from './pop.ts';
import { decodeProperties, MessageProperty } from './properties.ts';
import { hostSize, readLong, StoredField } from './stored-layout.ts';
import type { StoredLayout } from './stored-layout.ts';
import { SysFlag } from './sys-flag.ts';
import { groupOfTopic } from './topic.ts';

/** What is known about a message beyond the bytes of its record. */
export interface MessageOrigin {
  readonly brokerName?: string | undefined;
  /** Added to the stored queue offset: non-zero for logical queues. */
  readonly offsetDelta?: number | undefined;
  /** The body when it was compressed; else it is read from the record. */
  readonly inflatedBody?: Buffer | undefined;
}

/**
 * A message as a broker stores it. It is a view of the answer it came in: values are read when they are asked for, and
 * the answer's bytes live as long as the message does. Java: `MessageExt`.
 */
export class ReceivedMessage {
  #record: Buffer;
  #at: number;
  readonly #layout: StoredLayout;
  readonly #offsetDelta: number;
  #brokerName: string;
  readonly #inflatedSize: number;
  #body: Buffer | undefined;
  #topic: string | undefined;
  #reconsumeTimes: number | undefined;
  #properties: Map<string, string> | undefined;
  #consumeStart: number | undefined;

  /** For the decoder: `layout` has been checked against the record that lies in `bytes` at `at`. */
  constructor(bytes: Buffer, at: number, layout: StoredLayout, origin: MessageOrigin) {
    this.#record = bytes;
    this.#at = at;
    this.#layout = layout;
    this.#offsetDelta = origin.offsetDelta ?? 0;
    this.#brokerName = origin.brokerName ?? '';
    this.#body = origin.inflatedBody;
    this.#inflatedSize = origin.inflatedBody?.length ?? 0;
  }

  /** The topic; of a retried message the original one, once the consumer has restored it by {@link withTopic}. */
  get topic(): string {
    return (this.#topic ??= this.storedTopic);
  }

  /** The topic it is stored under, such as `%RETRY%group` for a retried message. */
  get storedTopic(): string {
    const { topicAt, topicSize } = this.#layout;
    return this.#record.toString('utf8', this.#at + topicAt, this.#at + topicAt + topicSize);
  }

  /** Name of the broker it was read from; empty until the client has set it by {@link withBroker}. */
  get brokerName(): string {
    return this.#brokerName;
  }

  get queueId(): number {
    return readInt32(this.#record, this.#at + StoredField.queueId);
  }

  /** Place in the queue, as consumers count. */
  get queueOffset(): number {
    return readLong(this.#record, this.#at + StoredField.queueOffset) + this.#offsetDelta;
  }

  /** Place in the broker's log, by which the message can be fetched or sent back. */
  get commitLogOffset(): number {
    return readLong(this.#record, this.#at + StoredField.commitLogOffset);
  }

  /** Bits of {@link SysFlag}; without the compressed bit, because the body is not compressed any more. */
  get sysFlag(): number {
    return this.#sysFlag & ~SysFlag.compressed;
  }

  get #sysFlag(): number {
    return readInt32(this.#record, this.#at + StoredField.sysFlag);
  }

  /** The number that the producer's application gave. */
  get flag(): number {
    return readInt32(this.#record, this.#at + StoredField.flag);
  }

  /** When the producer made it, by its clock, milliseconds since the epoch. */
  get bornTimestamp(): number {
    return readLong(this.#record, this.#at + StoredField.bornTimestamp);
  }

  /** Address of the producer, `ip:port`. */
  get bornHost(): string {
    return readHost(
      this.#record,
      this.#at + StoredField.bornHost,
      (this.#sysFlag & SysFlag.bornHostV6) !== 0,
    );
  }

  /** When the broker stored it, by its clock, milliseconds since the epoch. */
  get storeTimestamp(): number {
    return readLong(this.#record, this.#at + this.#layout.storeHostAt - 8);
  }

  /** Address of the broker that stored it, `ip:port`. */
  get storeHost(): string {
    return readHost(
      this.#record,
      this.#at + this.#layout.storeHostAt,
      (this.#sysFlag & SysFlag.storeHostV6) !== 0,
    );
  }

  /** How often it was delivered before and failed. */
  get reconsumeTimes(): number {
    return this.#reconsumeTimes ?? readInt32(this.#record, this.#at + this.#layout.bodyAt - 16);
  }

  get preparedTransactionOffset(): number {
    return readLong(this.#record, this.#at + this.#layout.bodyAt - 12);
  }

  /** The content, not compressed. A view: copy it if it must outlive the message by long. */
  get body(): Buffer {
    return (this.#body ??= this.#storedBody);
  }

  get #storedBody(): Buffer {
    const { bodyAt, bodySize } = this.#layout;
    return this.#record.subarray(this.#at + bodyAt, this.#at + bodyAt + bodySize);
  }

  /** CRC-32 of the stored body, without its top bit; 0 when the broker does not compute it. */
  get bodyCrc(): number {
    return readInt32(this.#record, this.#at + StoredField.bodyCrc);
  }

  /** All properties, the user's and the system's. */
  get properties(): ReadonlyMap<string, string> {
    return (this.#properties ??= this.#readProperties());
  }

  #readProperties(): Map<string, string> {
    const { propertiesAt, propertiesSize } = this.#layout;
    const properties = decodeProperties(
      this.#record.toString('utf8', this.#at + propertiesAt, this.#at + propertiesAt + propertiesSize),
    );
    if (this.#consumeStart !== undefined) showConsumeStart(properties, this.#consumeStart);
    return properties;
  }

  /** The tag that filters look at. */
  get tags(): string | undefined {
    return this.properties.get(MessageProperty.TAGS);
  }

  /** The keys it can be searched by. */
  get keys(): string[] {
    return this.properties.get(MessageProperty.KEYS)?.split(' ').filter(Boolean) ?? [];
  }

  /** The producer's unique id, or the offset id when there is none. The same for every delivery of a message. */
  get messageId(): string {
    return this.properties.get(MessageProperty.UNIQ_KEY) ?? this.offsetMessageId;
  }

  /** Id by host and place of the store; a retried message has a new one. */
  get offsetMessageId(): string {
    const start = this.#at + this.#layout.storeHostAt;
    const size = hostSize(this.#sysFlag, SysFlag.storeHostV6);
    return offsetMessageIdAt(hostOfId(this.#record.subarray(start, start + size)), this.commitLogOffset);
  }

  /** Bytes of the stored record. */
  get storeSize(): number {
    return readInt32(this.#record, this.#at);
  }

  /** Bytes that it holds in memory: the record, and the body in addition if that was compressed. */
  get heldSize(): number {
    return this.storeSize + this.#inflatedSize;
  }

  /** Topic that a retried or dead message was sent to; of any other its own topic. */
  get originTopic(): string {
    const original = this.properties.get(MessageProperty.RETRY_TOPIC);
    if (original === undefined) return this.topic;
    // What died after it was popped again names the pop retry topic that it was in.
    return popVisibleTopic(original, groupOfTopic(this.storedTopic) ?? '');
  }

  /** Of a retried or dead message, which message it is a copy of: the {@link offsetMessageId} of the first, or its {@link messageId}, as whoever made the copy has it. */
  get originMessageId(): string | undefined {
    return this.properties.get(MessageProperty.ORIGIN_MESSAGE_ID);
  }

  /** The body as UTF-8 text. */
  text(): string {
    return this.body.toString('utf8');
  }

  /** The body parsed as JSON; throws a `SyntaxError` when it is not. */
  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T;
  }

  /** For the client: names the broker it was read from, and returns the same message. */
  withBroker(brokerName: string): this {
    this.#brokerName = brokerName;
    return this;
  }

  /** For {@link ownMemory}: the memory that this is a view of, which lives as long as this does, and the place of the record in it. */
  get memory(): Buffer {
    return this.#record;
  }

  get memoryAt(): number {
    return this.#at;
  }

  /** For {@link ownMemory}, before anybody has asked for the body: the same record lies at `at` in `bytes`, and this is a view of that from now on. */
  moveTo(bytes: Buffer, at: number): void {
    this.#record = bytes;
    this.#at = at;
  }

  /** For the consumer: shows the original topic of a retried message, and returns the same message. */
  withTopic(topic: string): this {
    this.#topic = topic;
    return this;
  }

  /** For the consumer: counts a delivery that the broker does not know of, and returns the same message. */
  withReconsumeTimes(times: number): this {
    this.#reconsumeTimes = times;
    return this;
  }

  /**
   * For the consumer: a listener is given the message now, in ms since the epoch. Its {@link properties} show it as `CONSUME_START_TIME`; they are not
   * decoded for that. Returns the same message. Java: `MessageAccessor.setConsumeStartTimeStamp`.
   */
  withConsumeStart(timestamp: number): this {
    this.#consumeStart = timestamp;
    if (this.#properties !== undefined) showConsumeStart(this.#properties, timestamp);
    return this;
  }

  /** All values as a plain object, the body as text. */
  toJSON(): Record<string, unknown> {
    return {
      messageId: this.messageId,
      topic: this.topic,
      brokerName: this.brokerName,
      queueId: this.queueId,
      queueOffset: this.queueOffset,
      tags: this.tags,
      keys: this.keys,
      body: this.text(),
      properties: Object.fromEntries(this.properties),
      reconsumeTimes: this.reconsumeTimes,
      bornTimestamp: this.bornTimestamp,
      bornHost: this.bornHost,
      storeTimestamp: this.storeTimestamp,
      storeHost: this.storeHost,
      commitLogOffset: this.commitLogOffset,
      offsetMessageId: this.offsetMessageId,
      flag: this.flag,
      sysFlag: this.sysFlag,
      storeSize: this.storeSize,
    };
  }

  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect: (value: unknown, options: object) => string,
  ): string {
    return `ReceivedMessage ${inspect({ ...this.toJSON(), body: this.body, properties: this.properties }, options)}`;
  }
}

function showConsumeStart(properties: Map<string, string>, timestamp: number): void {
  properties.set(MessageProperty.CONSUME_START_TIME, String(timestamp));
}
