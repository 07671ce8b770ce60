import type { LanguageCode } from './codes/language-code.ts';
import { ProtocolError } from './errors.ts';
import { SerializeType } from './remoting-command.ts';
import type { RemotingCommand } from './remoting-command.ts';
import { writeBinaryHeader } from './serialization/binary-header.ts';
import { writeJsonHeader } from './serialization/json-header.ts';

/** A command that is to be written; a sender always names its language. */
export type OutgoingCommand = Omit<RemotingCommand, 'language'> & { readonly language: LanguageCode };

const prefixSize = 8;
const chunkSize = 65_536;

/** The header length has 24 bits. */
const maxHeaderSize = 0xff_ffff;

/** One command as one frame. */
export function encodeCommand(command: OutgoingCommand): Buffer {
  const writer = new FrameWriter(0);
  writer.append(command);
  return writer.take();
}

/** Writes many frames one after another into one buffer, so that they leave in one write. Bodies are copied once. */
export class FrameWriter {
  readonly #chunkSize: number;
  #chunk: Buffer;
  #start = 0;
  #end = 0;

  /** `size`: bytes to allocate at a time, 64 KiB by default; a longer frame gets a buffer of its own size. */
  constructor(size = chunkSize) {
    this.#chunkSize = size;
    this.#chunk = Buffer.alloc(0);
  }

  /** Bytes that wait to be taken. */
  get size(): number {
    return this.#end - this.#start;
  }

  append(command: OutgoingCommand): void {
    const { body } = command;
    const bodySize = body === undefined ? 0 : body.length;
    const isJson = command.serializeType === SerializeType.JSON;
    const header = isJson ? writeJsonHeader(command) : writeBinaryHeader(command);
    // The exact size of UTF-8 is worked out only where the bound of three bytes for each character does not fit.
    let headerSize = isJson ? header.length * 3 : header.length;
    if (isJson && this.#end + prefixSize + headerSize + bodySize > this.#chunk.length)
      headerSize = Buffer.byteLength(header);
    this.#reserve(prefixSize + headerSize + bodySize);
    const chunk = this.#chunk;
    const headerAt = this.#end + prefixSize;
    const written = chunk.write(header, headerAt, isJson ? 'utf8' : 'latin1');
    if (written > maxHeaderSize)
      throw new ProtocolError('header', `has ${written} bytes; at most ${maxHeaderSize} are allowed`);
    chunk.writeInt32BE(4 + written + bodySize, this.#end);
    chunk.writeInt32BE((command.serializeType << 24) | written, this.#end + 4);
    if (body !== undefined) chunk.set(body, headerAt + written);
    this.#end = headerAt + written + bodySize;
  }

  /** All frames since the last call; the buffer is the caller's. */
  take(): Buffer {
    const bytes = this.#chunk.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return bytes;
  }

  #reserve(more: number): void {
    if (this.#end + more <= this.#chunk.length) return;
    const waiting = this.#end - this.#start;
    const chunk = Buffer.allocUnsafeSlow(
      Math.max(this.#chunkSize, waiting + more, waiting === 0 ? 0 : waiting * 2),
    );
    this.#chunk.copy(chunk, 0, this.#start, this.#end);
    this.#chunk = chunk;
    this.#start = 0;
    this.#end = waiting;
  }
}
