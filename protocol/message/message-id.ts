import { ProtocolError } from '../errors.ts';
import { hostBytes, readHost } from './host.ts';

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');

const hexBytes: readonly string[] = Array.from({ length: 256 }, (_, value) => hex(value, 2));

/** Id of a message by the place it is stored at: host and commit-log offset in hex. Java: `MessageDecoder.createMessageId`. */
export function offsetMessageId(storeHost: string, commitLogOffset: number): string {
  return offsetMessageIdAt(hostOfId(hostBytes(storeHost)), commitLogOffset);
}

/** What the ids of all messages of a broker begin with: its 8 or 20 bytes. */
export const hostOfId = (host: Buffer): string => host.toString('hex').toUpperCase();

/** An offset id by the {@link hostOfId} of its broker. */
export const offsetMessageIdAt = (host: string, commitLogOffset: number): string =>
  host + hex(commitLogOffset, 16);

/** Makes the offset ids of one broker, most of which begin like the one before. */
export class OffsetIds {
  readonly #host: string;
  #start = '';
  /** What `#start` stands for: the offset without its last two bytes. */
  #high = -1;

  /** @param host the {@link hostOfId} of the broker */
  constructor(host: string) {
    this.#host = host;
  }

  /** As {@link offsetMessageIdAt}. */
  at(commitLogOffset: number): string {
    const high = Math.floor(commitLogOffset / 0x1_0000);
    if (high !== this.#high) {
      this.#high = high;
      this.#start = this.#host + hex(high, 12);
    }
    return `${this.#start}${hexBytes[(commitLogOffset >>> 8) & 0xff]}${hexBytes[commitLogOffset & 0xff]}`;
  }
}

/** Takes an offset id apart. A unique id has the same shape, so that only the context tells them apart. */
export function parseOffsetMessageId(text: string): {
  readonly storeHost: string;
  readonly commitLogOffset: number;
} {
  if (!/^([0-9a-f]{32}|[0-9a-f]{56})$/i.test(text)) {
    throw new ProtocolError(
      'message id',
      `${JSON.stringify(text.slice(0, 80))} is not an offset id of 32 or 56 hex digits`,
    );
  }
  const bytes = Buffer.from(text, 'hex');
  const commitLogOffset = Number(bytes.readBigInt64BE(bytes.length - 8));
  if (!Number.isSafeInteger(commitLogOffset))
    throw new ProtocolError('message id', `${text} holds an offset beyond 2^53`);
  return { storeHost: readHost(bytes, 0, bytes.length === 28), commitLogOffset };
}

/** What makes the ids of a process its own. */
export interface UniqueIdSource {
  /** 4 or 16 bytes of the client's address. */
  readonly ip: Buffer;
  readonly pid: number;
  /** In [0, 1); called once, where Java takes the hash code of its class loader. */
  readonly random: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Makes the ids that go with each message as property UNIQ_KEY. Java: `MessageClientIDSetter`. */
export class UniqueIds {
  readonly #prefix: string;
  readonly #now: () => number;
  #monthStart = 0;
  #monthEnd = 0;
  #counter = 0;
  /** All of an id but its counter; many ids are made within a millisecond. */
  #stamp = '';
  #stampedAt = -1;

  constructor({ ip, pid, random, now }: UniqueIdSource) {
    const prefix = Buffer.alloc(ip.length + 6);
    ip.copy(prefix);
    prefix.writeUInt16BE(pid & 0xffff, ip.length);
    prefix.writeInt32BE((random() * 0x1_0000_0000) | 0, ip.length + 2);
    this.#prefix = prefix.toString('hex').toUpperCase();
    this.#now = now;
  }

  /** A new id of 32 hex digits, or 56 with an IPv6 address. */
  next(): string {
    const now = this.#now();
    if (now !== this.#stampedAt) this.#stampAt(now);
    const counter = this.#counter;
    this.#counter = (counter + 1) & 0xffff;
    return `${this.#stamp}${hexBytes[counter >> 8]}${hexBytes[counter & 0xff]}`;
  }

  #stampAt(now: number): void {
    if (now >= this.#monthEnd) [this.#monthStart, this.#monthEnd] = monthAround(now);
    let elapsed = now - this.#monthStart;
    // A clock that was set back a little keeps the month; Java does the same.
    if (elapsed < 0 && elapsed > -1_000_000) elapsed = 0;
    this.#stamp = this.#prefix + hex(elapsed >>> 0, 8);
    this.#stampedAt = now;
  }
}

const day = 86_400_000;
const wallClock = new Intl.DateTimeFormat('en-US', {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
});

/** Start of the local month, as Java has it, and the moment from which it must be worked out again: the next local day. */
function monthAround(now: number): [start: number, end: number] {
  const { year, month, dayOfMonth, offset } = localTime(now);
  const localStart = daysSinceEpoch(year, month, 1) * day;
  const start = localStart - localTime(localStart - offset).offset;
  return [start, Math.max(now + 1, localStart + dayOfMonth * day - offset)];
}

/** The wall clock at a given time; Intl knows the time zone without reading a clock. */
function localTime(time: number): { year: number; month: number; dayOfMonth: number; offset: number } {
  const part = new Map(wallClock.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  const [year = 1970, month = 1, dayOfMonth = 1] = [part.get('year'), part.get('month'), part.get('day')];
  const minutes = (part.get('hour') ?? 0) * 60 + (part.get('minute') ?? 0);
  const wall = daysSinceEpoch(year, month, dayOfMonth) * day + minutes * 60_000;
  return { year, month, dayOfMonth, offset: wall - Math.floor(time / 60_000) * 60_000 };
}

/** Days from 1970-01-01 to a date of the Gregorian calendar; years are counted from March, so that leap days come last. */
function daysSinceEpoch(year: number, month: number, dayOfMonth: number): number {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + dayOfMonth - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}
