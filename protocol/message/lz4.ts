import { ProtocolError } from '../errors.ts';
import { InflatedOutput } from './inflated-output.ts';

/*
 * The LZ4 frame format, as far as RocketMQ's clients use it: Java writes independent blocks of up to 4 MiB without
 * checksums. Written here because the codecs on npm have no limit on their output, and a message must not be able
 * to make a consumer allocate without bound.
 */

const magic = 0x184d2204;
const minMatch = 4;
const maxDistance = 0xffff;
const blockSize = 4 * 1024 * 1024;

/** Decompresses an LZ4 frame, or several in a row. Throws a {@link ProtocolError} when it is malformed or yields more than `maxSize` bytes. */
export function inflateLz4(input: Buffer, maxSize: number): Buffer {
  const output = new InflatedOutput('LZ4 body', maxSize, input.length * 4);
  let at = 0;
  while (at < input.length) at = inflateFrame(input, at, output);
  return output.bytes();
}

function inflateFrame(input: Buffer, start: number, output: InflatedOutput): number {
  need(input, start, 7);
  if (input.readUInt32LE(start) !== magic) throw malformed('is not an LZ4 frame');
  const flags = input.readUInt8(start + 4);
  if (flags >> 6 !== 1) throw malformed('has an unknown version');
  const hasBlockChecksum = (flags & 0x10) !== 0;
  const frameStart = output.length;
  let at = start + 6 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4) + 1;
  for (;;) {
    need(input, at, 4);
    const word = input.readUInt32LE(at);
    at += 4;
    if (word === 0) return at + ((flags & 0x04) === 0 ? 0 : 4);
    const size = word & 0x7fff_ffff;
    need(input, at, size);
    if (word > 0x7fff_ffff) {
      output.reserve(size);
      output.length += input.copy(output.buffer, output.length, at, at + size);
    } else {
      inflateBlock(input, at, at + size, output, frameStart);
    }
    at += size + (hasBlockChecksum ? 4 : 0);
  }
}

function inflateBlock(
  input: Buffer,
  start: number,
  end: number,
  output: InflatedOutput,
  frameStart: number,
): void {
  let at = start;
  while (at < end) {
    const token = byteAt(input, at++, end);
    let literals = token >> 4;
    if (literals === 15) [literals, at] = readLength(input, at, end, 15);
    if (at + literals > end) throw malformed('is cut off');
    output.reserve(literals);
    output.length += input.copy(output.buffer, output.length, at, at + literals);
    at += literals;
    if (at === end) return;
    if (at + 2 > end) throw malformed('is cut off');
    const distance = input.readUInt16LE(at);
    at += 2;
    let length = token & 15;
    if (length === 15) [length, at] = readLength(input, at, end, 15);
    copyMatch(output, distance, length + minMatch, frameStart);
  }
}

function copyMatch(output: InflatedOutput, distance: number, length: number, frameStart: number): void {
  if (distance === 0 || output.length - distance < frameStart)
    throw malformed('refers to bytes before its start');
  output.repeat(distance, length);
}

function readLength(input: Buffer, start: number, end: number, base: number): [length: number, at: number] {
  let [length, at] = [base, start];
  for (;;) {
    const more = byteAt(input, at++, end);
    length += more;
    if (more !== 255) return [length, at];
  }
}

function byteAt(input: Buffer, at: number, end: number): number {
  if (at >= end) throw malformed('is cut off');
  return input[at] ?? 0;
}

function need(input: Buffer, at: number, size: number): void {
  if (at + size > input.length) throw malformed('is cut off');
}

function malformed(problem: string): ProtocolError {
  return new ProtocolError('LZ4 body', problem);
}

/** Compresses into one LZ4 frame with the parameters that Java's writer uses. */
export function compressLz4(input: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73])];
  for (let at = 0; at < input.length; at += blockSize) {
    const plain = input.subarray(at, at + blockSize);
    const packed = compressBlock(plain);
    const size = Buffer.alloc(4);
    const isSmaller = packed.length < plain.length;
    size.writeUInt32LE(isSmaller ? packed.length : (plain.length | 0x8000_0000) >>> 0);
    parts.push(size, isSmaller ? packed : plain);
  }
  parts.push(Buffer.alloc(4));
  return Buffer.concat(parts);
}

/** Greedy matching through a hash table of the last place of each four bytes. */
function compressBlock(input: Buffer): Buffer {
  const output = Buffer.allocUnsafe(input.length + Math.ceil(input.length / 255) + 16);
  const places = new Int32Array(1 << 14).fill(-1);
  // The format wants the last five bytes to be literals, and no match to begin in the last twelve.
  const lastMatch = input.length - 12;
  let [at, anchor, to] = [0, 0, 0];
  while (at <= lastMatch) {
    const word = input.readInt32LE(at);
    const slot = Math.imul(word, -1_640_531_535) >>> 18;
    const candidate = places[slot] ?? -1;
    places[slot] = at;
    if (candidate < 0 || at - candidate > maxDistance || input.readInt32LE(candidate) !== word) {
      at++;
      continue;
    }
    let length = minMatch;
    while (at + length < input.length - 5 && input[candidate + length] === input[at + length]) length++;
    to = writeSequence(output, to, input.subarray(anchor, at), at - candidate, length);
    at += length;
    anchor = at;
  }
  return output.subarray(0, writeSequence(output, to, input.subarray(anchor), 0, 0));
}

function writeSequence(
  output: Buffer,
  start: number,
  literals: Buffer,
  distance: number,
  matchLength: number,
): number {
  const match = matchLength - minMatch;
  let to = start;
  output[to++] = (Math.min(15, literals.length) << 4) | (matchLength === 0 ? 0 : Math.min(15, match));
  if (literals.length >= 15) to = writeLength(output, to, literals.length - 15);
  to += literals.copy(output, to);
  if (matchLength === 0) return to;
  to = output.writeUInt16LE(distance, to);
  return match >= 15 ? writeLength(output, to, match - 15) : to;
}

function writeLength(output: Buffer, start: number, length: number): number {
  let [to, left] = [start, length];
  for (; left >= 255; left -= 255) output[to++] = 255;
  output[to++] = left;
  return to;
}
