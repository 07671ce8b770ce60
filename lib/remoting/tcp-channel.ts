import type { Socket } from 'node:net';

import type { Clock, Timer } from '../runtime/clock.ts';
import { formatAddress } from './address.ts';
import type { Channel, ChannelHandler } from './transport.ts';

/** Milliseconds in which a peer must take what was written before an orderly end. */
const closeGrace = 1_000;

/** A socket as a channel. */
export class TcpChannel implements Channel {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly #socket: Socket;
  readonly #clock: Clock;
  #error: Error | undefined;
  #grace: Timer | undefined;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.remoteAddress = formatAddress(socket.remoteAddress ?? '', socket.remotePort ?? 0);
    this.localAddress = formatAddress(socket.localAddress ?? '', socket.localPort ?? 0);
  }

  /** Hands the socket's events to `handler`. Called in the turn in which the socket became ready. */
  bind(handler: ChannelHandler): void {
    this.#socket
      .on('data', (chunk: Buffer) => handler.onData(chunk))
      .on('drain', () => handler.onDrain())
      .on('error', (error) => (this.#error ??= error))
      // The peer has ended its side; a half-open connection is of no use to a protocol of requests and answers.
      .on('end', () => this.#socket.end())
      .once('close', () => {
        this.#grace?.cancel();
        handler.onClose(this.#error);
      });
  }

  write(data: Buffer): boolean {
    return this.#socket.write(data);
  }

  get isDrained(): boolean {
    return this.#socket.writableLength === 0;
  }

  close(error?: Error): void {
    if (error === undefined) {
      if (this.#grace !== undefined || this.#socket.destroyed) return;
      this.#socket.destroySoon();
      this.#grace = this.#clock.timer(closeGrace, () => this.#socket.destroy());
      return;
    }
    this.#error ??= error;
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}
