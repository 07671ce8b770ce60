import type { Socket } from 'node:net';

import { formatAddress } from './address.ts';
import type { Channel, ChannelHandler } from './transport.ts';

/** A socket as a channel. */
export class TcpChannel implements Channel {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly #socket: Socket;
  #error: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
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
      .once('close', () => handler.onClose(this.#error));
  }

  write(data: Buffer): boolean {
    return this.#socket.write(data);
  }

  close(error?: Error): void {
    if (error === undefined) {
      this.#socket.end();
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
