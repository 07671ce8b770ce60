import type { CommitLog } from './commit-log.ts';
import { StoredRecord, storeTimestampAt } from './stored-record.ts';

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

/** One queue of a topic: where its messages are in the log, in order. Java: `ConsumeQueue`. */
export class ConsumeQueue {
  readonly topic: string;
  readonly queueId: number;
  readonly #log: CommitLog;
  /** Of the message at `minOffset` and those after it: where it begins, and what of its tag. Numbers, so that messages are no objects. */
  #commitLogOffsets = new Float64Array(0);
  #tagsCodes = new Int32Array(0);
  #count = 0;
  #minOffset = 0;

  constructor(topic: string, queueId: number, log: CommitLog) {
    this.topic = topic;
    this.queueId = queueId;
    this.#log = log;
  }

  get minOffset(): number {
    return this.#minOffset;
  }

  /** Offset of the next message. */
  get maxOffset(): number {
    return this.#minOffset + this.#count;
  }

  /** The newest message. */
  get last(): StoredRecord | undefined {
    return this.at(this.maxOffset - 1);
  }

  /** All messages, oldest first. */
  *records(): Generator<StoredRecord> {
    for (let offset = this.#minOffset; offset < this.maxOffset; offset++) {
      const record = this.at(offset);
      if (record !== undefined) yield record;
    }
  }

  /** Adds a message that is in the log. */
  push(commitLogOffset: number, tagsCode: number): void {
    if (this.#count === this.#tagsCodes.length) this.#grow();
    this.#commitLogOffsets[this.#count] = commitLogOffset;
    this.#tagsCodes[this.#count++] = tagsCode;
  }

  at(offset: number): StoredRecord | undefined {
    const index = offset - this.#minOffset;
    if (index < 0 || index >= this.#count) return undefined;
    const begin = this.#commitLogOffsets[index] ?? 0;
    const around = this.#log.around(begin);
    return around && new StoredRecord(around.bytes, begin - around.shift, this.topic, this.#tagsCodes[index]);
  }

  /** Forgets all messages before an offset, as a broker does when its files expire. */
  expireBefore(offset: number): void {
    const count = Math.max(0, Math.min(offset - this.#minOffset, this.#count));
    this.#commitLogOffsets = this.#commitLogOffsets.slice(count, this.#count);
    this.#tagsCodes = this.#tagsCodes.slice(count, this.#count);
    this.#minOffset += count;
    this.#count -= count;
  }

  /** Forgets what the log has forgotten. */
  expireWithLog(): void {
    const { begin } = this.#log;
    const first = firstIndex(this.#count, (index) => (this.#commitLogOffsets[index] ?? 0) >= begin);
    if (first > 0) this.expireBefore(this.#minOffset + first);
  }

  #grow(): void {
    const size = Math.max(16, this.#count * 2);
    const [offsets, tags] = [this.#commitLogOffsets, this.#tagsCodes];
    this.#commitLogOffsets = new Float64Array(size);
    this.#commitLogOffsets.set(offsets);
    this.#tagsCodes = new Int32Array(size);
    this.#tagsCodes.set(tags);
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
      const record = this.at(next);
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
    const after = this.#firstNotBefore(timestamp);
    const right = this.#minOffset + after;
    if (after === 0) return right;
    if (after === this.#count) return right - 1;
    const [before, at] = [this.#storeTimestamp(after - 1), this.#storeTimestamp(after)];
    const isRight = at === timestamp || timestamp - before > at - timestamp;
    return isRight ? right : right - 1;
  }

  #firstNotBefore(timestamp: number): number {
    return firstIndex(this.#count, (index) => this.#storeTimestamp(index) >= timestamp);
  }

  #storeTimestamp(index: number): number {
    const begin = this.#commitLogOffsets[index] ?? 0;
    const around = this.#log.around(begin);
    return around === undefined ? 0 : storeTimestampAt(around.bytes, begin - around.shift);
  }
}

/** The first index below `count` of those that fit, which all come last; `count` when none does. */
function firstIndex(count: number, fits: (index: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const nothing = (status: ReadStatus, nextBeginOffset: number): ReadResult => ({
  status,
  nextBeginOffset,
  records: [],
  size: 0,
});
