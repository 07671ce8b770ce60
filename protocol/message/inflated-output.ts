import { ProtocolError } from '../errors.ts';

/** What a decompressor has written so far. Grows with what is really there, never by what a header claims. */
export class InflatedOutput {
  readonly #where: string;
  readonly #maxSize: number;
  buffer: Buffer;
  length = 0;

  /** `guess`: bytes to begin with, at most `maxSize`. */
  constructor(where: string, maxSize: number, guess: number) {
    this.#where = where;
    this.#maxSize = maxSize;
    this.buffer = Buffer.allocUnsafe(Math.min(maxSize, Math.max(64, guess)));
  }

  /** Makes room; throws a {@link ProtocolError} where the allowed size would be exceeded. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed > this.#maxSize)
      throw new ProtocolError(this.#where, `yields more than the allowed ${this.#maxSize} bytes`);
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.min(this.#maxSize, Math.max(needed, this.buffer.length * 2)));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  fill(byte: number, length: number): void {
    this.reserve(length);
    this.buffer.fill(byte, this.length, this.length + length);
    this.length += length;
  }

  /** Writes again what was written `distance` bytes ago; the two may overlap. */
  repeat(distance: number, length: number): void {
    this.reserve(length);
    const { buffer, length: to } = this;
    const from = to - distance;
    if (distance >= length) buffer.copyWithin(to, from, from + length);
    else for (let index = 0; index < length; index++) buffer[to + index] = buffer[from + index] ?? 0;
    this.length = to + length;
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}
