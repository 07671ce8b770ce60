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
}

/** What an index needs of a message. */
export interface RecordIndex {
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly commitLogOffset: number;
  readonly storeTimestamp: number;
  /** Java's hash of the tag; 0 without. */
  readonly tagsCode: number;
}

/** A stored message. It has no buffer of its own: one for each would be most of what the garbage collector has to do. */
export class StoredRecord implements RecordIndex {
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly commitLogOffset: number;
  readonly storeTimestamp: number;
  readonly tagsCode: number;
  /** Bytes. */
  readonly size: number;
  readonly #slab: Buffer;
  readonly #start: number;

  constructor(index: RecordIndex, { slab, start, size }: StoredBytes) {
    this.topic = index.topic;
    this.queueId = index.queueId;
    this.queueOffset = index.queueOffset;
    this.commitLogOffset = index.commitLogOffset;
    this.storeTimestamp = index.storeTimestamp;
    this.tagsCode = index.tagsCode;
    this.size = size;
    this.#slab = slab;
    this.#start = start;
  }

  /** The message as pulls answer it: a new view each time. */
  get bytes(): Buffer {
    return this.#slab.subarray(this.#start, this.#start + this.size);
  }

  /** Copies the message; answers where it ends. */
  copyTo(target: Buffer, at: number): number {
    this.#slab.copy(target, at, this.#start, this.#start + this.size);
    return at + this.size;
  }
}
