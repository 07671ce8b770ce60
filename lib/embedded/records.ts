import { crc32 } from 'node:zlib';
import { StoredField } from '../../protocol/message/stored-layout.ts';

/** A message about to be stored. Java: `MessageExtBrokerInner`. */
export interface NewMessage {
  readonly topic: string;
  readonly queueId: number;
  readonly flag: number;
  readonly sysFlag: number;
  readonly bornTimestamp: number;
  /** `ip:port` of the client. */
  readonly bornHost: string;
  readonly reconsumeTimes: number;
  readonly preparedTransactionOffset: number;
  readonly body: Buffer;
  readonly properties: Map<string, string>;
}

/** Where the bytes of a message are. */
export interface StoredBytes {
  /** Holds other messages too. */
  readonly slab: Buffer;
  readonly start: number;
  readonly size: number;
  /** Where the body begins, from the start, if its checksum is still missing; else 0. */
  readonly unsummedAt: number;
}

/** What an index needs of a message. */
export interface RecordIndex {
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly commitLogOffset: number;
  readonly storeTimestamp: number;
}

/**
 * A stored message. It has no buffer of its own: one for each would be most of what the garbage collector has to do. The checksum
 * of its body is worked out when it is first read, because many messages of tests never are.
 */
export class StoredRecord implements RecordIndex {
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly commitLogOffset: number;
  readonly storeTimestamp: number;
  /** Java's hash of the tag; 0 without. */
  readonly tagsCode: number;
  /** Bytes. */
  readonly size: number;
  readonly #slab: Buffer;
  readonly #start: number;
  #unsummedAt: number;

  constructor(index: RecordIndex, tagsCode: number, { slab, start, size, unsummedAt }: StoredBytes) {
    this.topic = index.topic;
    this.queueId = index.queueId;
    this.queueOffset = index.queueOffset;
    this.commitLogOffset = index.commitLogOffset;
    this.storeTimestamp = index.storeTimestamp;
    this.tagsCode = tagsCode;
    this.size = size;
    this.#slab = slab;
    this.#start = start;
    this.#unsummedAt = unsummedAt;
  }

  /** The message as pulls answer it: a new view each time. */
  get bytes(): Buffer {
    if (this.#unsummedAt > 0) this.#sum();
    return this.#slab.subarray(this.#start, this.#start + this.size);
  }

  /** Copies the message; answers where it ends. */
  copyTo(target: Buffer, at: number): number {
    if (this.#unsummedAt > 0) this.#sum();
    this.#slab.copy(target, at, this.#start, this.#start + this.size);
    return at + this.size;
  }

  #sum(): void {
    const slab = this.#slab;
    const bodyAt = this.#start + this.#unsummedAt;
    const body = slab.subarray(bodyAt, bodyAt + slab.readInt32BE(bodyAt - 4));
    slab.writeInt32BE(crc32(body) & 0x7fff_ffff, this.#start + StoredField.bodyCrc);
    this.#unsummedAt = 0;
  }
}
