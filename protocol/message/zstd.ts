import * as zlib from 'node:zlib';
import { ProtocolError } from '../errors.ts';
import { InflatedOutput } from './inflated-output.ts';
import { FrameState, inflateZstdBlock } from './zstd-block.ts';
import { malformedZstd } from './zstd-entropy.ts';
import { maxBlockSize } from './zstd-literals.ts';

/*
 * Node reads and writes ZSTD from 22.15 on. For Node 20 there is a reader here: those on npm take the memory that a
 * header asks for, and work through sequences that copy far more than a block may hold, so that twenty bytes of a
 * message could stop a consumer for seconds.
 */

/** The parts of `node:zlib` that came with 22.15; the types of Node 20 do not know them. */
interface ZstdOfNode {
  readonly zstdCompressSync?: (body: Buffer) => Buffer;
  readonly zstdDecompressSync?: (body: Buffer, options: { readonly maxOutputLength: number }) => Buffer;
}

const node: ZstdOfNode = zlib as ZstdOfNode;

/** Compresses with ZSTD. Throws a {@link ProtocolError} before Node 22.15. */
export function compressZstd(body: Buffer): Buffer {
  if (node.zstdCompressSync === undefined)
    throw new ProtocolError(
      'zstd body',
      `cannot be written by Node ${process.version}; use Node 22.15 or later, or another compression`,
    );
  return node.zstdCompressSync(body);
}

/** Decompresses ZSTD frames, by Node where it can. Throws when the body is malformed or yields more than `maxSize` bytes. */
export function inflateZstd(body: Buffer, maxSize: number): Buffer {
  return node.zstdDecompressSync === undefined || !isOneWholeFrame(body)
    ? readZstd(body, maxSize)
    : node.zstdDecompressSync(body, { maxOutputLength: Math.max(1, maxSize) });
}

const frameMagic = 0xfd2fb528;

/** The reader for Node 20; checksums are not verified. Throws a {@link ProtocolError}. RFC 8878. */
export function readZstd(body: Buffer, maxSize: number): Buffer {
  const output = new InflatedOutput('zstd body', maxSize, body.length * 4);
  let at = 0;
  do {
    if (at + 8 > body.length) throw malformedZstd('is cut off');
    const magic = body.readUInt32LE(at);
    // Frames for other purposes are skipped.
    if (magic >>> 4 === 0x184d2a5) at += 8 + body.readUInt32LE(at + 4);
    else if (magic === frameMagic) at = readFrame(body, at + 4, maxSize, output);
    else throw malformedZstd('is not a ZSTD frame');
    if (at > body.length) throw malformedZstd('is cut off');
  } while (at < body.length);
  return output.bytes();
}

/** Reads the frame whose descriptor is at `start`; answers where it ends. */
function readFrame(body: Buffer, start: number, maxSize: number, output: InflatedOutput): number {
  const descriptor = body.readUInt8(start);
  if ((descriptor & 0x08) !== 0) throw malformedZstd('has an unknown kind of header');
  if ((descriptor & 0x03) !== 0) throw malformedZstd('needs a dictionary');
  let at = checkAnnouncedSize(body, start, descriptor, maxSize);
  const state = new FrameState(output.length, 1_024 + maxSize / 4_096);
  for (;;) {
    if (--state.blocksLeft < 0) throw malformedZstd('has more blocks than its size needs');
    if (at + 3 > body.length) throw malformedZstd('is cut off');
    const head = body.readUIntLE(at, 3);
    at = readBlock(body, at + 3, (head >> 1) & 3, head >> 3, state, output);
    if ((head & 1) === 1) return at + checksumSize(descriptor);
  }
}

/**
 * Whether the body is one frame from its first to its last byte, by the lengths of its blocks. Node 22 gives what there
 * is of a frame that is cut off, and nothing of a second one, both without an error.
 */
function isOneWholeFrame(body: Buffer): boolean {
  if (body.length < 8 || body.readUInt32LE(0) !== frameMagic) return false;
  const descriptor = body.readUInt8(4);
  let at = blocksAt(4, descriptor);
  for (;;) {
    if (at + 3 > body.length) return false;
    const head = body.readUIntLE(at, 3);
    at += 3 + (((head >> 1) & 3) === 1 ? 1 : head >> 3);
    if ((head & 1) === 1) return at + checksumSize(descriptor) === body.length;
  }
}

/** Bytes of the size that a frame says it has. */
function announcedSize(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  return [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
}

/** Where the first block of a frame begins whose descriptor is at `start`. */
function blocksAt(start: number, descriptor: number): number {
  return start + ((descriptor & 0x20) !== 0 ? 1 : 2) + announcedSize(descriptor);
}

const checksumSize = (descriptor: number): number => ((descriptor & 0x04) === 0 ? 0 : 4);

/** Refuses a frame that says itself that it is too large; answers where its blocks begin. */
function checkAnnouncedSize(body: Buffer, start: number, descriptor: number, maxSize: number): number {
  const size = announcedSize(descriptor);
  const end = blocksAt(start, descriptor);
  if (end > body.length) throw malformedZstd('is cut off');
  const at = end - size;
  const announced =
    size === 8 ? Number(body.readBigUInt64LE(at)) : size === 0 ? 0 : body.readUIntLE(at, size);
  if (announced > maxSize) throw malformedZstd(`yields more than the allowed ${maxSize} bytes`);
  return end;
}

function readBlock(
  body: Buffer,
  at: number,
  kind: number,
  size: number,
  state: FrameState,
  output: InflatedOutput,
): number {
  const end = at + (kind === 1 ? 1 : size);
  if (size > maxBlockSize || kind === 3) throw malformedZstd('has a damaged block');
  if (end > body.length) throw malformedZstd('is cut off');
  if (kind === 0) output.append(body.subarray(at, end));
  else if (kind === 1) output.fill(body[at] ?? 0, size);
  else inflateZstdBlock(body.subarray(at, end), state, output);
  return end;
}
