import type { Clock } from '../runtime/clock.ts';
import type { Channel, ChannelHandler } from './transport.ts';

/** What travels: bytes, an end, or the news that the peer has room again. */
type Parcel = Buffer | 'drain' | { readonly end: Error | undefined };

/** Bytes under way at which a writer is asked to wait. */
const highWaterMark = 64 * 1_024;

/** One end of a connection of a `MemoryNetwork`. */
export class MemoryChannel implements Channel {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly #clock: Clock;
  readonly #latency: () => number;
  readonly #pass: (deliver: () => void) => void;
  /** Sent by the peer, not yet received here; in order. */
  readonly #incoming: Parcel[] = [];
  #incomingBytes = 0;
  #lastArrival = 0;
  #arrived = 0;
  #paused = false;
  #ended = false;
  #closed = false;
  #blocked = false;
  #peer: MemoryChannel | undefined;
  #handler: ChannelHandler | undefined;
  #onClosed: () => void = () => {};
  readonly #arrive = (): void => {
    this.#arrived++;
    this.#receive();
  };

  /** @param pass delivers, or does not when the network is partitioned */
  constructor(
    local: string,
    remote: string,
    clock: Clock,
    latency: () => number,
    pass: (deliver: () => void) => void,
  ) {
    this.localAddress = local;
    this.remoteAddress = remote;
    this.#clock = clock;
    this.#latency = latency;
    this.#pass = pass;
  }

  /** Before anything else: the other end. */
  join(peer: MemoryChannel, onClosed: () => void): void {
    this.#peer = peer;
    this.#onClosed = onClosed;
  }

  bind(handler: ChannelHandler): void {
    this.#handler = handler;
  }

  write(data: Buffer): boolean {
    if (this.#ended) return false;
    this.#peer?.send(data);
    this.#blocked = (this.#peer?.backlog ?? 0) >= highWaterMark;
    return !this.#blocked;
  }

  close(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#peer?.send({ end: error === undefined ? undefined : new Error('read ECONNRESET') });
    queueMicrotask(() => this.#finish(error));
  }

  /** Ends both sides at once, as a reset does. */
  break(error: Error): void {
    for (const side of [this, this.#peer]) {
      if (side === undefined) continue;
      side.#ended = true;
      queueMicrotask(() => side.#finish(error));
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    queueMicrotask(() => this.#receive());
  }

  /** Bytes that are on their way to here. */
  get backlog(): number {
    return this.#incomingBytes;
  }

  /** Called by the peer: something is on its way to here. */
  send(parcel: Parcel): void {
    this.#pass(() => {
      this.#incoming.push(parcel);
      if (Buffer.isBuffer(parcel)) this.#incomingBytes += parcel.length;
      const now = this.#clock.uptime();
      this.#lastArrival = Math.max(this.#lastArrival, now + this.#latency());
      if (this.#lastArrival > now) this.#clock.timer(this.#lastArrival - now, this.#arrive);
      else queueMicrotask(this.#arrive);
    });
  }

  #receive(): void {
    while (this.#arrived > 0 && !this.#paused && !this.#closed) {
      this.#arrived--;
      const parcel = this.#incoming.shift();
      if (parcel === 'drain') this.#handler?.onDrain();
      else if (Buffer.isBuffer(parcel)) this.#take(parcel);
      else if (parcel !== undefined) this.#finish(parcel.end);
    }
  }

  #take(data: Buffer): void {
    this.#incomingBytes -= data.length;
    const peer = this.#peer;
    if (peer !== undefined && peer.#blocked && this.#incomingBytes < highWaterMark / 2) {
      peer.#blocked = false;
      peer.send('drain');
    }
    this.#handler?.onData(data);
  }

  #finish(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    // An end that came from the peer ends this side too.
    if (!this.#ended) {
      this.#ended = true;
      this.#peer?.send({ end: undefined });
    }
    this.#incoming.length = 0;
    this.#onClosed();
    this.#handler?.onClose(error);
  }
}
