import { BackwardBits, highBit, malformedZstd, readFseTable } from './zstd-entropy.ts';

/** A table of Huffman codes: by the next `log` bits, the symbol and how many of the bits it takes. */
export interface HuffmanTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
}

const maxLog = 11;

/** Reads a table; answers it and where it ends. RFC 8878, 4.2.1. */
export function readHuffmanTable(
  bytes: Uint8Array,
  start: number,
): { readonly table: HuffmanTable; readonly end: number } {
  const head = bytes[start] ?? 0;
  const size = head < 128 ? head : (head - 126) >> 1;
  const end = start + 1 + size;
  if (end > bytes.length) throw malformedZstd('is cut off');
  const weights =
    head < 128 ? readWeights(bytes.subarray(start + 1, end)) : unpackWeights(bytes, start + 1, head - 127);
  return { table: buildTable(weights), end };
}

function unpackWeights(bytes: Uint8Array, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const byte = bytes[start + (index >> 1)] ?? 0;
    return (index & 1) === 0 ? byte >> 4 : byte & 15;
  });
}

/** Two states take turns until the bits are used up. */
function readWeights(bytes: Uint8Array): number[] {
  const { table, end } = readFseTable(bytes, 0, 6, 255);
  const bits = new BackwardBits(bytes.subarray(end));
  const weights: number[] = [];
  let [state, other] = [bits.read(table.log), bits.read(table.log)];
  for (;;) {
    weights.push(table.symbols[state] ?? 0);
    const next = (table.bases[state] ?? 0) + bits.read(table.bits[state] ?? 0);
    if (bits.left < 0) {
      weights.push(table.symbols[other] ?? 0);
      return weights;
    }
    if (weights.length > 255) throw malformedZstd('has too many Huffman weights');
    [state, other] = [other, next];
  }
}

function buildTable(weights: readonly number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) {
    if (weight > maxLog) throw malformedZstd('has a damaged Huffman table');
    if (weight > 0) sum += 1 << (weight - 1);
  }
  const log = sum === 0 ? 0 : highBit(sum) + 1;
  const left = (1 << log) - sum;
  if (log === 0 || log > maxLog || (left & (left - 1)) !== 0 || weights.length > 255)
    throw malformedZstd('has a damaged Huffman table');
  const lengths = [...weights, highBit(left) + 1].map((weight) => (weight === 0 ? 0 : log + 1 - weight));
  return fillTable(log, lengths);
}

/** Long codes come first. */
function fillTable(log: number, lengths: readonly number[]): HuffmanTable {
  const [symbols, bits] = [new Uint8Array(1 << log), new Uint8Array(1 << log)];
  let place = 0;
  for (let length = log; length > 0; length--) {
    for (const [symbol, own] of lengths.entries()) {
      if (own !== length) continue;
      const end = place + (1 << (log - length));
      symbols.fill(symbol, place, end);
      bits.fill(length, place, end);
      place = end;
    }
  }
  return { log, symbols, bits };
}

/** Decodes one stream, which must hold exactly as many symbols as `target` has room for. */
export function decodeHuffman(
  { log, symbols, bits }: HuffmanTable,
  stream: Uint8Array,
  target: Uint8Array,
): void {
  const source = new BackwardBits(stream);
  for (let at = 0; at < target.length; at++) {
    const code = source.peek(log);
    target[at] = symbols[code] ?? 0;
    source.left -= bits[code] ?? 0;
  }
  if (source.left !== 0) throw malformedZstd('has literals of another length than it says');
}
