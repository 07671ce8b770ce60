import type { StoredMessageFields } from '../../../protocol/message/stored-encoder.ts';
import { StoredField } from '../../../protocol/message/stored-layout.ts';
import { readInt32 } from '../../../protocol/serialization/integers.ts';
import { RecordWriter } from './record-writer.ts';
import { StoredRecord } from './stored-record.ts';

/** Messages that lie one after another in one buffer. Java: `MappedFile`. */
export interface Stretch {
  readonly bytes: Buffer;
  /** What an offset of the log is more than its place in the buffer. */
  readonly shift: number;
  readonly begin: number;
  end: number;
}

/** All messages of a broker one after another. Java: `CommitLog`. */
export class CommitLog {
  readonly #limit: number;
  readonly #writer: RecordWriter;
  #stretches: Stretch[] = [];
  #last: Stretch | undefined;
  #end = 0;

  /** @param limit bytes to keep */
  constructor(limit: number) {
    this.#limit = limit;
    this.#writer = new RecordWriter(limit / 8);
  }

  /** Where the oldest message begins. */
  get begin(): number {
    return this.#stretches[0]?.begin ?? this.#end;
  }

  /** Where the next message will begin. */
  get end(): number {
    return this.#end;
  }

  /** Writes a message at the end; `fields` must say so. `moreProperties` as `RecordWriter.write` has them. */
  append(fields: StoredMessageFields, tagsCode: number, moreProperties?: Buffer): StoredRecord {
    const { bytes, start, size } = this.#writer.write(fields, moreProperties);
    const begin = this.#end;
    this.#end += size;
    const last = this.#last;
    if (last?.bytes === bytes) last.end = this.#end;
    else {
      this.#last = { bytes, shift: begin - start, begin, end: this.#end };
      this.#stretches.push(this.#last);
    }
    return new StoredRecord(bytes, start, fields.topic, tagsCode);
  }

  /** The message that begins at an offset; the answer for any other offset is undefined. */
  at(offset: number): StoredRecord | undefined {
    const stretch = this.around(offset);
    if (stretch === undefined) return undefined;
    for (const at of startsOf(stretch))
      if (at + stretch.shift === offset) return new StoredRecord(stretch.bytes, at);
    return undefined;
  }

  /** Where the message lies that is known to begin at an offset; undefined when it is forgotten. */
  around(offset: number): Stretch | undefined {
    const last = this.#last;
    if (last !== undefined && offset >= last.begin && offset < last.end) return last;
    let [low, high] = [0, this.#stretches.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const stretch = this.#stretches[middle];
      if (stretch === undefined) return undefined;
      if (offset < stretch.begin) high = middle - 1;
      else if (offset >= stretch.end) low = middle + 1;
      else return stretch;
    }
    return undefined;
  }

  /** All messages, from the newest to the oldest. */
  *backwards(): Generator<StoredRecord> {
    for (const stretch of this.#stretches.toReversed())
      for (const at of [...startsOf(stretch)].toReversed()) yield new StoredRecord(stretch.bytes, at);
  }

  /** Forgets the oldest, an eighth of what may be kept at a time, so that it is not done for each message. Whether it did. */
  expire(): boolean {
    if (this.#end - this.begin <= this.#limit) return false;
    const begin = this.#end - this.#limit * (7 / 8);
    const kept = this.#stretches.findIndex((stretch) => stretch.begin >= begin);
    this.#stretches = this.#stretches.slice(kept < 0 ? -1 : kept);
    return true;
  }
}

/** Where its messages begin in its buffer. */
function* startsOf({ bytes, shift, begin, end }: Stretch): Generator<number> {
  for (let at = begin - shift; at < end - shift; at += readInt32(bytes, at + StoredField.size)) yield at;
}
