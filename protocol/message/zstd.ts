import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';
import { ProtocolError } from '../errors.ts';

/** The parts of `node:zlib` that came with 22.15; the types of Node 20 do not know them. */
interface ZstdOfNode {
  readonly zstdCompressSync?: (body: Buffer) => Buffer;
  readonly zstdDecompressSync?: (body: Buffer, options: { readonly maxOutputLength: number }) => Buffer;
}

/** The parts of the optional package `fzstd`, which only reads. */
interface Fzstd {
  readonly Decompress: new (onData: (chunk: Uint8Array, isLast: boolean) => void) => {
    push(chunk: Uint8Array, isLast?: boolean): void;
  };
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

/** Decompresses ZSTD frames: by Node from 22.15 on, else by `fzstd`. Throws when the body is malformed or too large. */
export function inflateZstd(body: Buffer, maxSize: number): Buffer {
  // Every frame announces what it needs, and some codecs believe it.
  checkWindow(body, maxSize);
  if (node.zstdDecompressSync !== undefined)
    return node.zstdDecompressSync(body, { maxOutputLength: maxSize });
  return inflateByFzstd(loadFzstd(), body, maxSize);
}

const require = createRequire(import.meta.url);

function loadFzstd(): Fzstd {
  try {
    return require('fzstd') as Fzstd;
  } catch (cause) {
    throw new ProtocolError(
      'zstd body',
      `cannot be read by Node ${process.version} without the package fzstd; install it, or use Node 22.15 or later`,
      { cause },
    );
  }
}

function inflateByFzstd({ Decompress }: Fzstd, body: Buffer, maxSize: number): Buffer {
  const parts: Uint8Array[] = [];
  let size = 0;
  const stream = new Decompress((part) => {
    size += part.length;
    if (size > maxSize) throw tooLarge(maxSize);
    parts.push(part);
  });
  stream.push(body, true);
  return Buffer.concat(parts, size);
}

const frameMagic = 0xfd2fb528;

/** Bytes that a window may have beyond the allowed size: a block may be that much larger than what is left of it. */
const slack = 128 * 1024;

/** Refuses a first frame that announces more than is allowed, before any memory is taken for it. */
function checkWindow(body: Buffer, maxSize: number): void {
  if (body.length < 6 || body.readUInt32LE(0) !== frameMagic) return;
  const descriptor = body.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const sizeAt = 5 + (isSingleSegment ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  if (body.length < sizeAt + sizeBytes) throw new ProtocolError('zstd body', 'is cut off');
  const announced = sizeBytes === 0 ? 0 : contentSize(body, sizeAt, sizeBytes);
  const window = isSingleSegment ? announced : windowSize(body.readUInt8(5));
  // A window is as large as its writer's level makes it, whatever the content; 8 MiB is what all readers must accept.
  if (announced > maxSize || window > Math.max(maxSize + slack, 8 * 1024 * 1024)) throw tooLarge(maxSize);
}

function contentSize(body: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return Number(body.readBigUInt64LE(at));
  return body.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function tooLarge(maxSize: number): ProtocolError {
  return new ProtocolError('zstd body', `yields more than the allowed ${maxSize} bytes`);
}
