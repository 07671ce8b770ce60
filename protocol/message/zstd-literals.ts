import { malformedZstd } from './zstd-entropy.ts';
import { decodeHuffman, readHuffmanTable } from './zstd-huffman.ts';
import type { HuffmanTable } from './zstd-huffman.ts';

/** Largest block before compression. */
export const maxBlockSize = 128 * 1024;

/** Keeps the table of the last block that had one. */
interface TableHolder {
  huffman: HuffmanTable | undefined;
}

/** The literals of a block, and where its sequences begin. */
export interface Literals {
  readonly literals: Uint8Array;
  readonly end: number;
}

/** Reads the literals of a block, with the table of an earlier one if it says so. RFC 8878, 3.1.1.3.1. */
export function readLiterals(block: Uint8Array, state: TableHolder): Literals {
  const head = block[0] ?? 0;
  const kind = head & 3;
  const format = (head >> 2) & 3;
  if (kind >= 2) return readPackedLiterals(block, kind === 2, format, state);
  const headSize = (format & 1) === 0 ? 1 : format === 1 ? 2 : 3;
  const size = (format & 1) === 0 ? head >> 3 : readLittle(block, 0, headSize) >> 4;
  const end = headSize + (kind === 0 ? size : 1);
  if (size > maxBlockSize || end > block.length) throw malformedZstd('has literals longer than its block');
  const literals =
    kind === 0 ? block.subarray(headSize, end) : new Uint8Array(size).fill(block[headSize] ?? 0);
  return { literals, end };
}

function readPackedLiterals(
  block: Uint8Array,
  hasTable: boolean,
  format: number,
  state: TableHolder,
): Literals {
  const headSize = format < 2 ? 3 : format + 2;
  const width = format < 2 ? 10 : format * 4 + 6;
  const sizes = Math.floor(readLittle(block, 0, headSize) / 16);
  const size = sizes % 2 ** width;
  const end = headSize + Math.floor(sizes / 2 ** width);
  if (size > maxBlockSize || end > block.length) throw malformedZstd('has literals longer than its block');
  let start = headSize;
  if (hasTable) {
    const read = readHuffmanTable(block.subarray(0, end), start);
    state.huffman = read.table;
    start = read.end;
  }
  if (state.huffman === undefined) throw malformedZstd('refers to a table that it does not have');
  const literals = new Uint8Array(size);
  decodeLiterals(state.huffman, block.subarray(start, end), format !== 0, literals);
  return { literals, end };
}

function decodeLiterals(table: HuffmanTable, bytes: Uint8Array, inFour: boolean, target: Uint8Array): void {
  if (!inFour) {
    decodeHuffman(table, bytes, target);
    return;
  }
  const part = (target.length + 3) >> 2;
  let at = 6;
  for (let index = 0; index < 4; index++) {
    const end = index === 3 ? bytes.length : at + readLittle(bytes, index * 2, 2);
    if (end > bytes.length || end < at || part * 3 > target.length)
      throw malformedZstd('has damaged literals');
    decodeHuffman(
      table,
      bytes.subarray(at, end),
      target.subarray(index * part, index === 3 ? target.length : (index + 1) * part),
    );
    at = end;
  }
}

function readLittle(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = size - 1; index >= 0; index--) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}
