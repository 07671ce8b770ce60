import type { InflatedOutput } from './inflated-output.ts';
import {
  BackwardBits,
  buildFseTable,
  malformedZstd,
  readFseTable,
  singleSymbolTable,
} from './zstd-entropy.ts';
import type { FseTable } from './zstd-entropy.ts';
import type { HuffmanTable } from './zstd-huffman.ts';
import { maxBlockSize, readLiterals } from './zstd-literals.ts';

/** Lowest value and number of extra bits of each code. RFC 8878, 3.1.1.3.2.1.1. */
interface Codes {
  readonly bases: readonly number[];
  readonly bits: readonly number[];
}

const codesOf = (first: number, bits: readonly number[]): Codes => {
  let base = first;
  const bases = bits.map((count) => {
    const own = base;
    base += 2 ** count;
    return own;
  });
  return { bases, bits };
};
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

const literalCodes = codesOf(0, [
  ...zeros(16),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]);
const matchCodes = codesOf(3, [
  ...zeros(32),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]);

/** What each of the three tables of a block may be, and is when nothing is said. */
const kinds = {
  literals: {
    maxLog: 9,
    maxSymbol: 35,
    standard: buildFseTable(
      6,
      [
        4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1,
        -1, -1, -1,
      ],
    ),
  },
  offsets: {
    maxLog: 8,
    maxSymbol: 31,
    standard: buildFseTable(
      5,
      [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
    ),
  },
  matches: {
    maxLog: 9,
    maxSymbol: 52,
    standard: buildFseTable(6, [
      1,
      4,
      3,
      2,
      2,
      2,
      2,
      2,
      2,
      ...Array.from({ length: 37 }, () => 1),
      -1,
      -1,
      -1,
      -1,
      -1,
      -1,
      -1,
    ]),
  },
} as const;

/** What later blocks of a frame take over from earlier ones. */
export class FrameState {
  huffman: HuffmanTable | undefined;
  readonly tables: Partial<Record<keyof typeof kinds, FseTable>> = {};
  /** The last three distances. */
  readonly recent: [number, number, number] = [1, 4, 8];
  readonly start: number;
  /** Blocks may be empty, and each costs its tables: their number is limited too. */
  blocksLeft: number;

  /** `start`: length of the output when the frame begins. */
  constructor(start: number, maxBlocks: number) {
    this.start = start;
    this.blocksLeft = maxBlocks;
  }
}

/** Decompresses one block into the output. */
export function inflateZstdBlock(block: Uint8Array, state: FrameState, output: InflatedOutput): void {
  const { literals, end } = readLiterals(block, state);
  const first = block[end] ?? 0;
  const size = first < 128 ? 1 : first < 255 ? 2 : 3;
  if (end + size > block.length) throw malformedZstd('is cut off');
  const count =
    first < 128
      ? first
      : first < 255
        ? ((first - 128) << 8) + (block[end + 1] ?? 0)
        : (block[end + 1] ?? 0) + ((block[end + 2] ?? 0) << 8) + 0x7f00;
  if (count === 0) output.append(literals);
  else runSequences(block, end + size, count, literals, state, output);
}

function runSequences(
  block: Uint8Array,
  start: number,
  count: number,
  literals: Uint8Array,
  state: FrameState,
  output: InflatedOutput,
): void {
  const modes = block[start] ?? 0;
  if ((modes & 3) !== 0) throw malformedZstd('has an unknown kind of sequences');
  let at = start + 1;
  const table = (name: keyof typeof kinds, mode: number): FseTable => {
    const read = readTable(block, at, mode, name, state);
    at = read.end;
    state.tables[name] = read.table;
    return read.table;
  };
  const [literalTable, offsetTable, matchTable] = [
    table('literals', modes >> 6),
    table('offsets', (modes >> 4) & 3),
    table('matches', (modes >> 2) & 3),
  ];
  const bits = new BackwardBits(block.subarray(at));
  const literalCode = new CodeReader(literalTable, bits);
  const offsetCode = new CodeReader(offsetTable, bits);
  const matchCode = new CodeReader(matchTable, bits);
  const limit = output.length + maxBlockSize;
  let used = 0;
  for (let left = count; left > 0; left--) {
    const offsetValue = 2 ** offsetCode.symbol + bits.read(offsetCode.symbol);
    const matchLength = matchCode.value(matchCodes);
    const literalLength = literalCode.value(literalCodes);
    if (left > 1) {
      literalCode.advance();
      matchCode.advance();
      offsetCode.advance();
    }
    if (bits.left < 0 || used + literalLength > literals.length) throw malformedZstd('has damaged sequences');
    output.append(literals.subarray(used, used + literalLength));
    used += literalLength;
    const distance = distanceOf(offsetValue, literalLength, state.recent);
    if (distance <= 0 || distance > output.length - state.start || output.length + matchLength > limit)
      throw malformedZstd('refers to bytes before its start, or is longer than a block');
    output.repeat(distance, matchLength);
  }
  if (bits.left !== 0) throw malformedZstd('has more bits than sequences');
  output.append(literals.subarray(used));
}

/** One of the three codes of a block's sequences, on its way through the bits. */
class CodeReader {
  readonly #table: FseTable;
  readonly #bits: BackwardBits;
  #state: number;

  constructor(table: FseTable, bits: BackwardBits) {
    this.#table = table;
    this.#bits = bits;
    this.#state = bits.read(table.log);
  }

  get symbol(): number {
    return this.#table.symbols[this.#state] ?? 0;
  }

  value({ bases, bits }: Codes): number {
    const { symbol } = this;
    return (bases[symbol] ?? 0) + this.#bits.read(bits[symbol] ?? 0);
  }

  advance(): void {
    const { bases, bits } = this.#table;
    this.#state = (bases[this.#state] ?? 0) + this.#bits.read(bits[this.#state] ?? 0);
  }
}

/** The distance of a match, and the new order of the recent ones. RFC 8878, 3.1.1.5. */
function distanceOf(value: number, literalLength: number, recent: [number, number, number]): number {
  const [first, second, third] = recent;
  const index = value > 3 ? 3 : value - (literalLength === 0 ? 0 : 1);
  if (value <= 3 && index === 0) return first;
  const distance = value > 3 ? value - 3 : ([first, second, third, first - 1][index] ?? 0);
  recent[0] = distance;
  recent[1] = first;
  recent[2] = value <= 3 && index === 1 ? third : second;
  return distance;
}

function readTable(
  block: Uint8Array,
  at: number,
  mode: number,
  name: keyof typeof kinds,
  state: FrameState,
): { readonly table: FseTable; readonly end: number } {
  const { maxLog, maxSymbol, standard } = kinds[name];
  if (mode === 0) return { table: standard, end: at };
  if (mode === 2) return readFseTable(block, at, maxLog, maxSymbol);
  if (mode === 1) {
    const symbol = block[at] ?? 255;
    if (symbol > maxSymbol) throw malformedZstd(`has the code ${symbol} among its ${name}`);
    return { table: singleSymbolTable(symbol), end: at + 1 };
  }
  const table = state.tables[name];
  if (table === undefined) throw malformedZstd('refers to a table that it does not have');
  return { table, end: at };
}
