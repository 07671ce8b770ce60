import type { StoredRecord } from './records.ts';

/** Java's `GetMessageStatus`, as far as it occurs here. */
export type ReadStatus =
  | 'FOUND'
  | 'NO_MATCHED_MESSAGE'
  | 'NO_MESSAGE_IN_QUEUE'
  | 'OFFSET_OVERFLOW_ONE'
  | 'OFFSET_OVERFLOW_BADLY'
  | 'OFFSET_TOO_SMALL'
  | 'OFFSET_RESET';

export interface ReadResult {
  readonly status: ReadStatus;
  readonly nextBeginOffset: number;
  readonly records: readonly StoredRecord[];
  /** Bytes of all records. */
  readonly size: number;
}

/** Java's limits for one answer, from messages in memory. */
const mostMessages = 32;
const mostBytes = 256 * 1024;
/** Entries that one read looks at when most do not match. */
const mostLooks = 800;

/** One queue of a topic: its messages in order. Java: `ConsumeQueue`. */
export class StoredQueue {
  readonly topic: string;
  readonly queueId: number;
  #records: StoredRecord[] = [];
  #minOffset = 0;

  constructor(topic: string, queueId: number) {
    this.topic = topic;
    this.queueId = queueId;
  }

  get minOffset(): number {
    return this.#minOffset;
  }

  /** Offset of the next message. */
  get maxOffset(): number {
    return this.#minOffset + this.#records.length;
  }

  get records(): readonly StoredRecord[] {
    return this.#records;
  }

  push(record: StoredRecord): void {
    this.#records.push(record);
  }

  at(offset: number): StoredRecord | undefined {
    return this.#records[offset - this.#minOffset];
  }

  /** Forgets all messages before an offset, as a broker does when its files expire. */
  expireBefore(offset: number): void {
    const count = Math.max(0, Math.min(offset - this.#minOffset, this.#records.length));
    this.#records = this.#records.slice(count);
    this.#minOffset += count;
  }

  /** What a pull from `offset` finds. Java: `DefaultMessageStore.getMessage`. */
  read(offset: number, count: number, matches: (record: StoredRecord) => boolean): ReadResult {
    const { minOffset, maxOffset } = this;
    if (maxOffset === 0) return nothing('NO_MESSAGE_IN_QUEUE', 0);
    if (offset < minOffset) return nothing('OFFSET_TOO_SMALL', minOffset);
    if (offset === maxOffset) return nothing('OFFSET_OVERFLOW_ONE', offset);
    if (offset > maxOffset) return nothing('OFFSET_OVERFLOW_BADLY', maxOffset);
    return this.#collect(offset, Math.min(count, mostMessages), Math.max(mostLooks, count), matches);
  }

  #collect(
    offset: number,
    count: number,
    looks: number,
    matches: (record: StoredRecord) => boolean,
  ): ReadResult {
    const records: StoredRecord[] = [];
    let size = 0;
    let next = offset;
    const end = Math.min(this.maxOffset, offset + looks);
    for (; next < end; next++) {
      const record = this.#records[next - this.#minOffset];
      if (record === undefined) break;
      // The first message always goes through, however large it is.
      if (records.length > 0 && (records.length >= count || size + record.size > mostBytes)) break;
      if (!matches(record)) continue;
      records.push(record);
      size += record.size;
    }
    return {
      status: records.length > 0 ? 'FOUND' : 'NO_MATCHED_MESSAGE',
      nextBeginOffset: next,
      records,
      size,
    };
  }

  /** The first offset stored at or after a time, or, by `UPPER`, the last at or before it. Java: `ConsumeQueue.getOffsetInQueueByTime` of 5.x. */
  offsetByTime(timestamp: number, boundary: 'LOWER' | 'UPPER'): number {
    const after = this.#firstNotBefore(boundary === 'UPPER' ? timestamp + 1 : timestamp);
    if (boundary === 'LOWER') return this.#minOffset + after;
    return this.#minOffset + Math.max(0, after - 1);
  }

  /** The offset stored nearest to a time, the older one of two. Java: the same method of 4.9. */
  nearestByTime(timestamp: number): number {
    if (this.#records.length === 0) return this.#minOffset;
    const after = this.#firstNotBefore(timestamp);
    const [left, right] = [this.#records[after - 1], this.#records[after]];
    if (left === undefined) return this.#minOffset + after;
    if (right === undefined) return this.#minOffset + after - 1;
    const isRight =
      right.storeTimestamp === timestamp ||
      timestamp - left.storeTimestamp > right.storeTimestamp - timestamp;
    return this.#minOffset + (isRight ? after : after - 1);
  }

  #firstNotBefore(timestamp: number): number {
    let [low, high] = [0, this.#records.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#records[middle]?.storeTimestamp ?? 0) < timestamp) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const nothing = (status: ReadStatus, nextBeginOffset: number): ReadResult => ({
  status,
  nextBeginOffset,
  records: [],
  size: 0,
});
