import * as zlib from 'node:zlib';
import { ProtocolError } from '../errors.ts';
import { compressLz4, inflateLz4 } from './lz4.ts';
import { SysFlag } from './sys-flag.ts';
import { compressZstd, inflateZstd } from './zstd.ts';

/** How a body is compressed. Java: `CompressionType`. Reading works everywhere; writing `zstd` needs Node 22.15 or later. */
export type CompressionType = 'zlib' | 'lz4' | 'zstd';

/** Java's default compression level. */
const zlibLevel = 5;

/** The `sysFlag` bits of a body that was compressed so. */
export function compressionFlags(type: CompressionType): number {
  const bits = { zlib: SysFlag.compressionZlib, lz4: SysFlag.compressionLz4, zstd: SysFlag.compressionZstd };
  return SysFlag.compressed | bits[type];
}

/** Compresses a body; the caller sets {@link compressionFlags} in the message's `sysFlag`. `level` is for zlib. */
export function compress(body: Buffer, type: CompressionType = 'zlib', level = zlibLevel): Buffer {
  if (type === 'zlib') return zlib.deflateSync(body, { level });
  return type === 'lz4' ? compressLz4(body) : compressZstd(body);
}

/**
 * The body as it was before compression; the same buffer when `sysFlag` does not say that it is compressed.
 *
 * @throws ProtocolError when the body is malformed or would be larger than `maxSize` bytes, checked while inflating
 */
export function inflateBody(body: Buffer, sysFlag: number, maxSize: number): Buffer {
  if ((sysFlag & SysFlag.compressed) === 0) return body;
  switch (sysFlag & SysFlag.compressionMask) {
    case 0:
    case SysFlag.compressionZlib:
      return guarded('zlib', maxSize, () =>
        zlib.inflateSync(body, { maxOutputLength: Math.max(1, maxSize) }),
      );
    case SysFlag.compressionLz4:
      return inflateLz4(body, maxSize);
    case SysFlag.compressionZstd:
      return guarded('zstd', maxSize, () => inflateZstd(body, maxSize));
    default:
      throw new ProtocolError('body', `is compressed in an unknown way (sysFlag 0x${sysFlag.toString(16)})`);
  }
}

function guarded(type: string, maxSize: number, inflate: () => Buffer): Buffer {
  try {
    const inflated = inflate();
    if (inflated.length <= maxSize) return inflated;
    throw new ProtocolError(`${type} body`, `yields more than the allowed ${maxSize} bytes`);
  } catch (cause) {
    if (cause instanceof ProtocolError) throw cause;
    const isTooLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new ProtocolError(
      `${type} body`,
      isTooLarge ? `yields more than the allowed ${maxSize} bytes` : 'is malformed',
      { cause },
    );
  }
}
