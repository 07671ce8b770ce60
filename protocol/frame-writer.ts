import type { LanguageCode } from './codes/language-code.ts';
import { ProtocolError } from './errors.ts';
import { SerializeType } from './remoting-command.ts';
import type { RemotingCommand } from './remoting-command.ts';
import type { HeaderPlan } from './schema/header-plan.ts';
import { writeBinaryHeader } from './serialization/binary-header.ts';
import { writeInt32 } from './serialization/integers.ts';
import { writeJsonHeader } from './serialization/json-header.ts';
import { TypedWriter } from './serialization/typed-writer.ts';

/** A header as its caller gave it, with the declaration that writes it. */
export interface TypedHeader {
  readonly plan: HeaderPlan;
  /** The fields as a map: the general way to write it. */
  encode(value: object): RemotingCommand['extFields'];
}

/** A body that lies in many places, or in memory that somebody else needs again. */
export interface BodySource {
  /** Bytes. */
  readonly length: number;
  copyTo(target: Buffer, at: number): void;
}

/** A command that is to be written; a sender always names its language. */
export type OutgoingCommand = Omit<RemotingCommand, 'language'> & {
  readonly language: LanguageCode;
  /** Declares {@link header}, such as `row.request`. */
  readonly headerType?: TypedHeader | undefined;
  /** Written instead of `extFields`, straight from this object to the frame; both must not be given. */
  readonly header?: object | undefined;
  /** Written instead of `body`, straight to the frame; both must not be given. */
  readonly bodySource?: BodySource | undefined;
};

const bodySizeOf = ({ body, bodySource }: OutgoingCommand): number =>
  body === undefined ? (bodySource?.length ?? 0) : body.length;

const prefixSize = 8;
/** Bytes to allocate at first, and at most, at a time: a connection with little to say holds little. */
const firstChunk = 16_384;
const mostChunk = 262_144;

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
  #chunkSize: number;
  /** By form, then by header. */
  readonly #typed: readonly [Map<HeaderPlan, TypedWriter>, Map<HeaderPlan, TypedWriter>] = [
    new Map(),
    new Map(),
  ];
  /** Connections carry the same request many times in a row. */
  #lastWriter: TypedWriter | undefined;
  #chunk: Buffer;
  #start = 0;
  #end = 0;

  /** `size`: bytes to allocate at first, 16 KiB by default; twice as many each further time, up to 256 KiB. A longer frame gets a buffer of its own size. */
  constructor(size = firstChunk) {
    this.#chunkSize = size;
    this.#chunk = Buffer.alloc(0);
  }

  /** Bytes that wait to be taken. */
  get size(): number {
    return this.#end - this.#start;
  }

  append(command: OutgoingCommand): void {
    const { headerType, header } = command;
    if (headerType === undefined || header === undefined) this.#appendGeneral(command);
    else if (command.remark !== undefined || !this.#appendTyped(command, headerType.plan, header))
      this.#appendGeneral({ ...command, extFields: headerType.encode(header) });
  }

  #appendTyped(command: OutgoingCommand, plan: HeaderPlan, header: object): boolean {
    const writer = this.#writerFor(plan, command.serializeType);
    const size = writer.prepare(command, header);
    if (size < 0) return false;
    this.#reserve(prefixSize + size + bodySizeOf(command));
    writer.write(command, this.#chunk, this.#end + prefixSize);
    this.#finish(command, size);
    return true;
  }

  #writerFor(plan: HeaderPlan, type: SerializeType): TypedWriter {
    const last = this.#lastWriter;
    if (last?.plan === plan && last.type === type) return last;
    const writers = this.#typed[type];
    let writer = writers.get(plan);
    if (writer === undefined) {
      writer = new TypedWriter(plan, type);
      writers.set(plan, writer);
    }
    this.#lastWriter = writer;
    return writer;
  }

  #appendGeneral(command: OutgoingCommand): void {
    const bodySize = bodySizeOf(command);
    const isJson = command.serializeType === SerializeType.JSON;
    const header = isJson ? writeJsonHeader(command) : writeBinaryHeader(command);
    // The exact size of UTF-8 is worked out only where the bound of three bytes for each character does not fit.
    let headerSize = isJson ? header.length * 3 : header.length;
    if (isJson && this.#end + prefixSize + headerSize + bodySize > this.#chunk.length)
      headerSize = Buffer.byteLength(header);
    this.#reserve(prefixSize + headerSize + bodySize);
    this.#finish(command, this.#chunk.write(header, this.#end + prefixSize, isJson ? 'utf8' : 'latin1'));
  }

  /** Writes what surrounds a header of `size` bytes that is in its place. */
  #finish(command: OutgoingCommand, size: number): void {
    if (size > maxHeaderSize)
      throw new ProtocolError('header', `has ${size} bytes; at most ${maxHeaderSize} are allowed`);
    const chunk = this.#chunk;
    const bodyAt = this.#end + prefixSize + size;
    const end = bodyAt + bodySizeOf(command);
    writeInt32(chunk, this.#end, end - this.#end - 4);
    writeInt32(chunk, this.#end + 4, (command.serializeType << 24) | size);
    if (command.body !== undefined) chunk.set(command.body, bodyAt);
    else command.bodySource?.copyTo(chunk, bodyAt);
    this.#end = end;
  }

  /** All frames since the last call; the buffer is the caller's until {@link reuse}. */
  take(): Buffer {
    const bytes = this.#chunk.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return bytes;
  }

  /** Nobody needs what was taken any longer: the next frames are written over it, which spares the garbage collector a buffer for every few frames. */
  reuse(): void {
    if (this.#end > this.#start) return;
    // One long frame shall not hold its memory as long as the connection lasts.
    if (this.#chunk.length > mostChunk) this.#chunk = Buffer.alloc(0);
    this.#start = 0;
    this.#end = 0;
  }

  #reserve(more: number): void {
    if (this.#end + more <= this.#chunk.length) return;
    const waiting = this.#end - this.#start;
    const chunk = Buffer.allocUnsafeSlow(
      Math.max(this.#chunkSize, waiting + more, waiting === 0 ? 0 : waiting * 2),
    );
    this.#chunkSize = Math.min(this.#chunkSize * 2, mostChunk);
    this.#chunk.copy(chunk, 0, this.#start, this.#end);
    this.#chunk = chunk;
    this.#start = 0;
    this.#end = waiting;
  }
}
