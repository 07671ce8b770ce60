import type { Clock, Timer } from '../../runtime/clock.ts';
import type { Channel, ChannelHandler, Listening, ServerTransport } from '../../remoting/transport.ts';

/** A server's end of a connection where faults can get at the bytes. Without faults it only hands them on. */
export class FaultyChannel implements Channel {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly #inner: Channel;
  readonly #clock: Clock;
  /** What has to wait behind pieces. */
  readonly #pieces: Buffer[] = [];
  #timer: Timer | undefined;
  #isCut = false;

  constructor(inner: Channel, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
    this.remoteAddress = inner.remoteAddress;
    this.localAddress = inner.localAddress;
  }

  write(data: Buffer): boolean {
    if (this.#isCut) return true;
    if (this.#timer === undefined) return this.#inner.write(data);
    this.#pieces.push(data);
    return true;
  }

  get isDrained(): boolean {
    return this.#timer === undefined && this.#pieces.length === 0 && this.#inner.isDrained === true;
  }

  /** Writes in pieces of `size` bytes, `pace` ms apart; what is written meanwhile comes after. */
  writePieces(data: Buffer, size: number, pace: number): void {
    const pieces = [];
    for (let at = 0; at < data.length; at += size) pieces.push(data.subarray(at, at + size));
    if (pace === 0) for (const piece of pieces) this.write(piece);
    else {
      this.#pieces.push(...pieces);
      if (this.#timer === undefined) this.#next(pace);
    }
  }

  /** These bytes are the last that leave. */
  breakOff(data: Buffer): void {
    this.write(data);
    this.#isCut = true;
    this.#inner.close();
  }

  close(error?: Error): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#inner.close(error);
  }

  pause(): void {
    this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  #next(pace: number): void {
    const piece = this.#pieces.shift();
    this.#timer = undefined;
    if (piece === undefined) return;
    this.#inner.write(piece);
    this.#timer = this.#clock.timer(pace, () => this.#next(pace));
  }
}

/** A transport whose connections are {@link FaultyChannel}s. */
export class FaultyTransport implements ServerTransport {
  readonly #inner: ServerTransport;
  readonly #clock: Clock;
  #accepted: FaultyChannel | undefined;

  constructor(inner: ServerTransport, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
  }

  /** The channel of the connection that is being opened: to be asked for while that happens. */
  get accepted(): FaultyChannel | undefined {
    return this.#accepted;
  }

  async listen(host: string, port: number, accept: (channel: Channel) => ChannelHandler): Promise<Listening> {
    return this.#inner.listen(host, port, (channel) => {
      this.#accepted = new FaultyChannel(channel, this.#clock);
      try {
        return accept(this.#accepted);
      } finally {
        this.#accepted = undefined;
      }
    });
  }
}
