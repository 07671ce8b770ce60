import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { CachedLot, CachedMessage, ListenerCall } from './cached-message.ts';

export type { CachedMessage } from './cached-message.ts';

/**
 * The messages of one owned queue that were pulled and are not yet consumed, in the order of their offsets.
 *
 * Pure bookkeeping: it says which message comes next and up to which offset everything is done, and never
 * forgets a message that is not. Java: `ProcessQueue`.
 */
export class ProcessQueue {
  #entries: CachedMessage[] = [];
  /** The first entry that is not done. */
  #head = 0;
  /** The first entry that no listener has been given. */
  #next = 0;
  #count = 0;
  #bytes = 0;
  #running = 0;
  /** Where the next pull begins: everything below is cached, done, or was filtered out. */
  #pulledTo: number;

  constructor(firstOffset: number) {
    this.#pulledTo = firstOffset;
  }

  /** Messages that are not done. */
  get count(): number {
    return this.#count;
  }

  /** Bytes that the messages that are not done hold in memory; those of a pull count until the last of them is done. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages that a listener is at work on. */
  get running(): number {
    return this.#running;
  }

  /** Messages that a listener was given and that a commit leaves out: the lowest that is not done, and all after it. */
  get uncovered(): number {
    return this.#next - this.#head;
  }

  /** Messages that no listener has been given yet. */
  get waiting(): number {
    return this.#entries.length - this.#next;
  }

  /** What was handed out and is not done, by lowest and highest offset. Java: `consumingMsgOrderlyTreeMap`. */
  get handedOut(): { readonly count: number; readonly minOffset: number; readonly maxOffset: number } {
    const entries = this.#entries.slice(this.#head, this.#next).filter(({ done }) => !done);
    const [first] = entries;
    return {
      count: entries.length,
      minOffset: first?.offset ?? 0,
      maxOffset: entries.at(-1)?.offset ?? 0,
    };
  }

  get pulledTo(): number {
    return this.#pulledTo;
  }

  /** Distance between the lowest and the highest offset that are not done. */
  get span(): number {
    const first = this.#entries[this.#head];
    const last = this.#entries.at(-1);
    return first === undefined || last === undefined ? 0 : last.offset - first.offset;
  }

  get minOffset(): number | undefined {
    return this.#entries[this.#head]?.offset;
  }

  get maxOffset(): number | undefined {
    return this.#head < this.#entries.length ? this.#entries.at(-1)?.offset : undefined;
  }

  /** The lowest offset that is not done: what may be committed. */
  get commitOffset(): number {
    return this.#entries[this.#head]?.offset ?? this.#pulledTo;
  }

  /** The lowest offset that nobody was given. */
  get givenTo(): number {
    return this.#entries[this.#next]?.offset ?? this.#pulledTo;
  }

  /** Adds what one pull brought. */
  put(messages: readonly ReceivedMessage[], nextOffset: number): void {
    const lot: CachedLot = { bytes: heldBytes(messages), left: messages.length };
    for (const message of messages) {
      this.#entries.push({ message, offset: message.queueOffset, lot, done: false, call: undefined });
    }
    this.#count += messages.length;
    this.#bytes += lot.bytes;
    if (nextOffset > this.#pulledTo) this.#pulledTo = nextOffset;
  }

  /** Hands out up to `limit` messages, in order. */
  take(limit: number): CachedMessage[] {
    const batch = this.#entries.slice(this.#next, this.#next + limit);
    this.#next += batch.length;
    this.#running += batch.length;
    return batch;
  }

  /** Hands out one message; the short form of {@link take} for the hot path. */
  takeOne(): CachedMessage | undefined {
    const entry = this.#entries[this.#next];
    if (entry === undefined) return undefined;
    this.#next++;
    this.#running++;
    return entry;
  }

  /** A listener is through with this message, or it has been sent back: its offset need not be read again. */
  complete(entry: CachedMessage): void {
    this.#running--;
    this.finish(entry);
  }

  /** The same for a message whose listener was through before. */
  finish(entry: CachedMessage): void {
    if (entry.done) return;
    entry.done = true;
    this.#forget(entry);
    this.#advance();
  }

  /** The calls of listeners that are at work, in the order of the messages they were given. */
  calls(): ReadonlySet<ListenerCall> {
    const calls = new Set<ListenerCall>();
    if (this.#running === 0) return calls;
    for (let index = this.#head; index < this.#next; index++) {
      const entry = this.#entries[index];
      if (entry?.call !== undefined && !entry.done) calls.add(entry.call);
    }
    return calls;
  }

  /** Nobody will finish this message here: it stays undone, and everything from it on comes again to the next owner. */
  abandon(entry: CachedMessage): void {
    if (!entry.done) this.#running--;
  }

  /** Hands an abandoned message out again. */
  retake(entry: CachedMessage): void {
    if (!entry.done) this.#running++;
  }

  /** Hands out again, in order, what was handed out from this offset on and is not done. No listener may be at work on any of it. */
  rewind(offset: number): void {
    let first = this.#next;
    while (first > this.#head && (this.#entries[first - 1]?.offset ?? -1) >= offset) first--;
    const again = this.#entries.slice(first, this.#next).filter(({ done }) => !done);
    this.#entries.splice(first, this.#next - first, ...again);
    this.#next = first;
  }

  /** Drops what no listener has begun with; returns how many that were. The commit offset stays below them. */
  discardWaiting(): number {
    const dropped = this.#entries.slice(this.#next);
    const first = dropped[0];
    if (first === undefined) return 0;
    this.#entries.length = this.#next;
    for (const entry of dropped) this.#forget(entry);
    this.#pulledTo = first.offset;
    return dropped.length;
  }

  #forget({ lot }: CachedMessage): void {
    this.#count--;
    lot.left--;
    if (lot.left === 0) this.#bytes -= lot.bytes;
  }

  #advance(): void {
    while (this.#entries[this.#head]?.done === true) this.#head++;
    // Give memory back in large pieces, so that this stays cheap per message.
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#next = 0;
      this.#head = 0;
    } else if (this.#head >= 256) {
      this.#entries.splice(0, this.#head);
      this.#next -= this.#head;
      this.#head = 0;
    }
  }
}

function heldBytes(messages: readonly ReceivedMessage[]): number {
  let bytes = 0;
  for (const { heldSize } of messages) bytes += heldSize;
  return bytes;
}
