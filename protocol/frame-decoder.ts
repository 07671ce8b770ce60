import { ProtocolError } from './errors.ts';
import { DEFAULT_FRAME_LIMITS } from './frame-limits.ts';
import type { FrameLimits } from './frame-limits.ts';
import { SerializeType } from './remoting-command.ts';
import type { RemotingCommand } from './remoting-command.ts';
import { ReceivedCommand } from './received-command.ts';
import { BinaryHeader } from './serialization/binary-header.ts';
import { readInt32 } from './serialization/integers.ts';
import { readJsonHeader } from './serialization/json-header.ts';
import { JsonScanner } from './serialization/json-scanner.ts';

/** Length of the frame, serialize type and header length. */
const prefixSize = 8;

/** How commands come out of a {@link FrameDecoder}. */
export interface FrameDecoderOptions {
  /**
   * Commands look into their frame when they are asked, which saves most of the work when only a header is read, by
   * `row.response.read(command)`. Such a command must not be copied by spreading it. Default: plain objects.
   */
  readonly lazy?: boolean;
}

/**
 * Cuts a stream of bytes into commands. Bodies are views of the chunk they arrived in; a frame that spans chunks is
 * gathered in one buffer of its exact size.
 */
export class FrameDecoder {
  readonly #limits: FrameLimits;
  /** Longer ones are another protocol, or too long. */
  readonly #usualLength: number;
  readonly #lazy: boolean;
  readonly #prefix = Buffer.alloc(prefixSize);
  readonly #binary = new BinaryHeader();
  readonly #json = new JsonScanner();
  #prefixFilled = 0;
  #frame: Buffer | undefined;
  #frameFilled = 0;
  #failure: ProtocolError | undefined;

  constructor(limits?: Partial<FrameLimits>, { lazy = false }: FrameDecoderOptions = {}) {
    this.#lazy = lazy;
    this.#limits = { ...DEFAULT_FRAME_LIMITS, ...limits };
    this.#usualLength = Math.min(this.#limits.maxFrameSize, DEFAULT_FRAME_LIMITS.maxFrameSize) - 4;
  }

  /** Bytes of an unfinished frame that are held. */
  get pending(): number {
    return this.#frame === undefined ? this.#prefixFilled : this.#frameFilled;
  }

  /**
   * Takes what arrived and calls `onCommand` for each frame that is complete.
   *
   * @throws ProtocolError when the bytes are not this protocol; the stream cannot be read any further, and each later call throws the same
   */
  push(chunk: Buffer, onCommand: (command: RemotingCommand) => void): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      this.#push(chunk, onCommand);
    } catch (error) {
      if (error instanceof ProtocolError) this.#failure = error;
      throw error;
    }
  }

  #push(chunk: Buffer, onCommand: (command: RemotingCommand) => void): void {
    let at = this.pending === 0 ? 0 : this.#finishFrame(chunk, onCommand);
    while (chunk.length - at >= prefixSize) {
      const size = this.#frameSize(chunk, at);
      if (chunk.length - at < size) {
        this.#startFrame(chunk, at, size);
        return;
      }
      const command = this.#decode(chunk, at, at + size);
      at += size;
      onCommand(command);
    }
    if (at < chunk.length) this.#prefixFilled += chunk.copy(this.#prefix, 0, at);
  }

  /** Completes what earlier chunks began; answers where the next frame starts. */
  #finishFrame(chunk: Buffer, onCommand: (command: RemotingCommand) => void): number {
    let at = 0;
    if (this.#prefixFilled > 0) {
      at = chunk.copy(this.#prefix, this.#prefixFilled, 0);
      this.#prefixFilled += at;
      if (this.#prefixFilled < prefixSize) return at;
      this.#prefixFilled = 0;
      this.#startFrame(this.#prefix, 0, this.#frameSize(this.#prefix, 0));
    }
    if (this.#frame === undefined) return at;
    const copied = chunk.copy(this.#frame, this.#frameFilled, at);
    this.#frameFilled += copied;
    if (this.#frameFilled === this.#frame.length) {
      const frame = this.#frame;
      this.#frame = undefined;
      onCommand(this.#decode(frame, 0, frame.length));
    }
    return at + copied;
  }

  #startFrame(chunk: Buffer, at: number, size: number): void {
    this.#frame = Buffer.allocUnsafeSlow(size);
    this.#frameFilled = chunk.copy(this.#frame, 0, at);
  }

  /** The command in the whole frame from `start` to `end`. Its parts are views. */
  #decode(bytes: Buffer, start: number, end: number): RemotingCommand {
    const headerAt = start + prefixSize;
    const headerEnd = headerAt + (readInt32(bytes, start + 4) & 0xff_ffff);
    if (bytes[start + 4] === SerializeType.ROCKETMQ) {
      this.#binary.locate(bytes, headerAt, headerEnd);
      const command = new ReceivedCommand(
        this.#binary,
        SerializeType.ROCKETMQ,
        bytes,
        headerAt,
        headerEnd,
        end,
      );
      return this.#lazy ? command : command.toJSON();
    }
    if (this.#lazy && this.#json.scan(bytes, headerAt, headerEnd))
      return new ReceivedCommand(this.#json, SerializeType.JSON, bytes, headerAt, headerEnd, end);
    const body = headerEnd < end ? bytes.subarray(headerEnd, end) : undefined;
    return readJsonHeader(bytes.toString('utf8', headerAt, headerEnd), body);
  }

  /** The size of the frame whose first eight bytes are at `at`, once they have been found sane. */
  #frameSize(bytes: Buffer, at: number): number {
    const length = readInt32(bytes, at);
    const type = bytes[at + 4] ?? 0;
    const headerSize = readInt32(bytes, at + 4) & 0xff_ffff;
    const { maxHeaderSize } = this.#limits;
    if (
      headerSize === 0 ||
      headerSize > maxHeaderSize ||
      headerSize > length - 4 ||
      length > this.#usualLength ||
      type > SerializeType.ROCKETMQ
    )
      this.#checkUnusual(bytes, at, length, headerSize);
    return length + 4;
  }

  /** Says what is wrong with the start of a frame; only a header of no bytes may pass. */
  #checkUnusual(bytes: Buffer, at: number, length: number, headerSize: number): void {
    const { maxFrameSize, maxHeaderSize } = this.#limits;
    const type = bytes[at + 4] ?? 0;
    const foreign = foreignProtocol(bytes, at, length, headerSize === 0 && type === 0);
    if (foreign !== undefined)
      throw new ProtocolError(
        'frame',
        `the peer speaks ${foreign}, not the RocketMQ remoting protocol; check address and port`,
      );
    if (length < 4) throw new ProtocolError('frame', `has the length ${length}; at least 4 is needed`);
    if (length + 4 > maxFrameSize)
      throw new ProtocolError('frame', `has ${length + 4} bytes; at most ${maxFrameSize} are allowed`);
    if (type > SerializeType.ROCKETMQ)
      throw new ProtocolError('frame', `has the unknown serialize type ${type}`);
    if (headerSize > length - 4)
      throw new ProtocolError('frame', `has a header of ${headerSize} bytes in a frame of ${length + 4}`);
    if (headerSize > maxHeaderSize)
      throw new ProtocolError(
        'frame',
        `has a header of ${headerSize} bytes; at most ${maxHeaderSize} are allowed`,
      );
  }
}

/** First four bytes of what else may listen where a name server or a broker was expected. */
const greetings: ReadonlyMap<string, string> = new Map([
  ...['HTTP', 'GET ', 'POST', 'PUT ', 'HEAD', 'DELE', 'OPTI', 'PATC', 'CONN'].map(
    (text) => [text, 'HTTP'] as const,
  ),
  ['PRI ', 'HTTP/2'],
  ['SSH-', 'SSH'],
]);

function foreignProtocol(bytes: Buffer, at: number, length: number, isNextZero: boolean): string | undefined {
  // A server's first HTTP/2 frame is SETTINGS: three bytes of length, type 4, flags, and stream 0.
  if (isNextZero && (length & 0xff) === 4) return 'HTTP/2 (a gRPC port?)';
  if (length <= DEFAULT_FRAME_LIMITS.maxFrameSize) return undefined;
  const kind = length >>> 8;
  if (kind >= 0x14_0300 && kind <= 0x17_0304 && (kind & 0xff00) === 0x0300) return 'TLS';
  return greetings.get(bytes.toString('latin1', at, at + 4));
}
