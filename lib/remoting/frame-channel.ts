import { FrameDecoder, FrameWriter } from '../../protocol/frame.ts';
import type { FrameLimits, OutgoingCommand } from '../../protocol/frame.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import { OverloadedError } from '../errors.ts';
import type { Channel, ChannelHandler } from './transport.ts';

/** Bytes at which frames leave without waiting for the end of the turn. */
const flushSize = 48 * 1_024;

/** Bytes that may wait for a peer that does not read. */
const mostWaiting = 100 * 1_024 * 1_024;

export interface FrameReceiver {
  /** Must not throw: what it did not handle of the chunk would be lost. */
  onCommand(command: RemotingCommand): void;
  /** Bytes arrived. */
  onRead(): void;
  onClose(error?: Error): void;
}

/** Counts that say how well writing and reading are bundled. */
export interface TrafficCounters {
  writes: number;
  reads: number;
}

/** Frames over a channel. All frames of one turn leave in one write, and none while the peer asks to wait. */
export class FrameChannel implements ChannelHandler {
  readonly #receiver: FrameReceiver;
  readonly #counters: TrafficCounters;
  readonly #decoder: FrameDecoder;
  readonly #writer = new FrameWriter();
  #channel: Channel | undefined;
  #appended = 0;
  #flushed = 0;
  #scheduled = false;
  #blocked = false;
  #broken = false;
  readonly #onCommand = (command: RemotingCommand): void => {
    if (!this.#broken) this.#receiver.onCommand(command);
  };
  readonly #flushScheduled = (): void => {
    this.#scheduled = false;
    if (!this.#blocked) this.flush();
  };

  constructor(receiver: FrameReceiver, counters: TrafficCounters, limits: Partial<FrameLimits> | undefined) {
    this.#receiver = receiver;
    this.#counters = counters;
    this.#decoder = new FrameDecoder(limits, { lazy: true });
  }

  /** Frames written so far have numbers up to this. */
  get flushed(): number {
    return this.#flushed;
  }

  get remoteAddress(): string {
    return this.#channel?.remoteAddress ?? '';
  }

  get localAddress(): string {
    return this.#channel?.localAddress ?? '';
  }

  attach(channel: Channel): void {
    this.#channel = channel;
    this.flush();
  }

  /** Adds a frame to what leaves at the end of the turn; answers its number. Throws when it cannot be encoded. */
  send(command: OutgoingCommand): number {
    if (this.#blocked && this.#writer.size > mostWaiting)
      throw new OverloadedError(this.remoteAddress, this.#writer.size);
    if (this.#writer.size === 0 && this.#channel?.isDrained === true) this.#writer.reuse();
    this.#writer.append(command);
    this.#appended++;
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(this.#flushScheduled);
    }
    if (this.#writer.size >= flushSize && !this.#blocked) this.flush();
    return this.#appended;
  }

  /** Writes what there is, now. */
  flush(): void {
    if (this.#channel === undefined || this.#writer.size === 0 || this.#broken) return;
    this.#flushed = this.#appended;
    this.#counters.writes++;
    this.#blocked = !this.#channel.write(this.#writer.take());
  }

  /** Ends the stream after what was sent, or with an error at once. */
  close(error?: Error): void {
    if (error === undefined) this.flush();
    this.#broken = true;
    this.#channel?.close(error);
  }

  onData(chunk: Buffer): void {
    if (this.#broken) return;
    this.#counters.reads++;
    this.#receiver.onRead();
    try {
      this.#decoder.push(chunk, this.#onCommand);
    } catch (error) {
      this.close(error as Error);
    }
  }

  onDrain(): void {
    this.#blocked = false;
    this.flush();
  }

  onClose(error?: Error): void {
    this.#broken = true;
    this.#receiver.onClose(error);
  }
}
