import { ProtocolError } from '../errors.ts';

/** The error of bytes that are no ZSTD. */
export const malformedZstd = (problem: string): ProtocolError => new ProtocolError('zstd body', problem);

/** Place of the highest bit that is set. */
export const highBit = (value: number): number => 31 - Math.clz32(value);

/** Bits that are read from the end of a stream to its start, as the entropy codes of ZSTD are. RFC 8878, 4.1. */
export class BackwardBits {
  readonly #bytes: Uint8Array;
  /** Bits that are left; below 0 when more was read than there was, which reads as zeros. */
  left: number;

  constructor(bytes: Uint8Array) {
    const last = bytes.at(-1) ?? 0;
    if (last === 0) throw malformedZstd('has a bit stream without an end');
    this.#bytes = bytes;
    this.left = (bytes.length - 1) * 8 + highBit(last);
  }

  /** The next bits, at most 24, without taking them. */
  peek(count: number): number {
    const at = this.left - count;
    if (at < 0) return this.left <= 0 ? 0 : (this.#word(0) & ((1 << this.left) - 1)) << -at;
    return (this.#word(at >> 3) >>> (at & 7)) & ((1 << count) - 1);
  }

  /** Takes bits, at most 32. */
  read(count: number): number {
    if (count > 16) {
      const high = this.read(count - 16);
      return high * 65_536 + this.read(16);
    }
    const value = this.peek(count);
    this.left -= count;
    return value;
  }

  #word(at: number): number {
    const bytes = this.#bytes;
    return (
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)
    );
  }
}

/** A table of finite state entropy: what each state means, and how the next is found. */
export interface FseTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

/** Builds a table from probabilities; -1 stands for less than one. RFC 8878, 4.1.1. */
export function buildFseTable(log: number, probabilities: readonly number[]): FseTable {
  const size = 1 << log;
  const [symbols, bits, bases] = [new Uint8Array(size), new Uint8Array(size), new Uint16Array(size)];
  const next = probabilities.map((probability) => Math.abs(probability));
  let high = size;
  for (const [symbol, probability] of probabilities.entries())
    if (probability === -1) symbols[--high] = symbol;
  const step = (size >> 1) + (size >> 3) + 3;
  let place = 0;
  for (const [symbol, probability] of probabilities.entries()) {
    for (let count = 0; count < probability; count++) {
      symbols[place] = symbol;
      do place = (place + step) & (size - 1);
      while (place >= high);
    }
  }
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state] ?? 0;
    const value = next[symbol] ?? 1;
    next[symbol] = value + 1;
    bits[state] = log - highBit(value);
    bases[state] = (value << (bits[state] ?? 0)) - size;
  }
  return { log, symbols, bits, bases };
}

/** The table whose only symbol this is. */
export function singleSymbolTable(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), bits: Uint8Array.of(0), bases: Uint16Array.of(0) };
}

/** Reads a table; answers it and where it ends. RFC 8878, 4.1.1. */
export function readFseTable(
  bytes: Uint8Array,
  start: number,
  maxLog: number,
  maxSymbol: number,
): { readonly table: FseTable; readonly end: number } {
  let bit = start * 8;
  const read = (count: number): number => {
    const at = bit >> 3;
    const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    const value = (word >>> (bit & 7)) & ((1 << count) - 1);
    bit += count;
    return value;
  };
  const log = read(4) + 5;
  if (log > maxLog) throw malformedZstd(`has an accuracy of ${log} bits`);
  const probabilities: number[] = [];
  let remaining = 1 << log;
  while (remaining > 0 && probabilities.length <= maxSymbol) {
    const count = highBit(remaining + 1) + 1;
    const mask = (1 << (count - 1)) - 1;
    const threshold = (1 << count) - 2 - remaining;
    let value = read(count);
    if ((value & mask) < threshold) {
      bit--;
      value &= mask;
    } else if (value > mask) {
      value -= threshold;
    }
    const probability = value - 1;
    remaining -= Math.abs(probability);
    probabilities.push(probability);
    if (probability !== 0) continue;
    let zeros = 3;
    while (zeros === 3 && probabilities.length <= maxSymbol) {
      zeros = read(2);
      for (let index = 0; index < zeros; index++) probabilities.push(0);
    }
  }
  const end = (bit + 7) >> 3;
  if (remaining !== 0 || probabilities.length > maxSymbol + 1 || end > bytes.length)
    throw malformedZstd('has a damaged table of probabilities');
  return { table: buildFseTable(log, probabilities), end };
}
