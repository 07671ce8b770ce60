import { crc32 } from 'node:zlib';
import { MessageProperty } from '../../../protocol/message/properties.ts';
import {
  hostSize,
  measureStoredMessage,
  readLong,
  StoredField,
} from '../../../protocol/message/stored-layout.ts';
import { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { SysFlag } from '../../../protocol/message/sys-flag.ts';
import { javaHashCode } from '../../../protocol/model/subscription-data.ts';
import { readInt32, writeInt32 } from '../../../protocol/serialization/integers.ts';
import type { NewMessage } from './new-message.ts';

/**
 * A stored message: a place in the log's memory, made when somebody wants to look at it. To keep an object for each message
 * would be most of what the garbage collector has to do.
 */
export class StoredRecord {
  readonly #slab: Buffer;
  readonly #start: number;
  #topic: string | undefined;
  #tagsCode: number | undefined;

  /** The message that begins at a place of a buffer, in which others may lie too; with what is known of it without reading. */
  constructor(slab: Buffer, start: number, topic?: string, tagsCode?: number) {
    this.#slab = slab;
    this.#start = start;
    this.#topic = topic;
    this.#tagsCode = tagsCode;
  }

  get topic(): string {
    return (this.#topic ??= this.#received().topic);
  }

  /** Java's hash of the tag; 0 without. */
  get tagsCode(): number {
    return (this.#tagsCode ??= tagsCodeOf(this.properties.get(MessageProperty.TAGS)));
  }

  /** Decoded each time. */
  get properties(): ReadonlyMap<string, string> {
    return this.#received().properties;
  }

  /** Bytes. */
  get size(): number {
    return readInt32(this.#slab, this.#start + StoredField.size);
  }

  get queueId(): number {
    return readInt32(this.#slab, this.#start + StoredField.queueId);
  }

  get queueOffset(): number {
    return readLong(this.#slab, this.#start + StoredField.queueOffset);
  }

  get commitLogOffset(): number {
    return readLong(this.#slab, this.#start + StoredField.commitLogOffset);
  }

  get storeTimestamp(): number {
    return storeTimestampAt(this.#slab, this.#start);
  }

  /** The message as pulls answer it: a new view each time. */
  get bytes(): Buffer {
    this.#sum();
    return this.#slab.subarray(this.#start, this.#start + this.size);
  }

  /** Copies the message; answers where it ends. */
  copyTo(target: Buffer, at: number): number {
    this.#sum();
    return at + this.#slab.copy(target, at, this.#start, this.#start + this.size);
  }

  /** As a new message, to be stored again elsewhere. The body stays compressed if it is. */
  copy(): NewMessage {
    const { bytes } = this;
    const layout = measureStoredMessage(bytes, 0, bytes.length);
    const stored = new ReceivedMessage(bytes, 0, layout, {});
    return {
      topic: this.topic,
      queueId: this.queueId,
      flag: stored.flag,
      sysFlag: readInt32(bytes, StoredField.sysFlag),
      bornTimestamp: stored.bornTimestamp,
      bornHost: stored.bornHost,
      reconsumeTimes: stored.reconsumeTimes,
      preparedTransactionOffset: stored.preparedTransactionOffset,
      body: bytes.subarray(layout.bodyAt, layout.bodyAt + layout.bodySize),
      properties: new Map(stored.properties),
    };
  }

  #received(): ReceivedMessage {
    const layout = measureStoredMessage(this.#slab, this.#start, this.size);
    return new ReceivedMessage(this.#slab, this.#start, layout, {});
  }

  /** Adds the checksum of the body, which `RecordWriter` leaves out because many messages of tests are never read. */
  #sum(): void {
    const [slab, start] = [this.#slab, this.#start];
    if (readInt32(slab, start + StoredField.bodyCrc) !== 0) return;
    const { bodyAt, bodySize } = measureStoredMessage(slab, start, this.size);
    const body = slab.subarray(start + bodyAt, start + bodyAt + bodySize);
    writeInt32(slab, start + StoredField.bodyCrc, crc32(body) & 0x7fff_ffff);
  }
}

/** When the message at a place was stored. */
export function storeTimestampAt(slab: Buffer, start: number): number {
  const sysFlag = readInt32(slab, start + StoredField.sysFlag);
  return readLong(slab, start + StoredField.bornHost + hostSize(sysFlag, SysFlag.bornHostV6));
}

/** What an index holds of a tag. Java: `MessageExtBrokerInner.tagsString2tagsCode`. */
export function tagsCodeOf(tags: string | undefined): number {
  return tags === undefined ? 0 : javaHashCode(tags);
}
