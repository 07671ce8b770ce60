import { ConnectError } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import { formatAddress } from './address.ts';
import { MemoryChannel } from './memory-channel.ts';
import type {
  Channel,
  ChannelHandler,
  ConnectOptions,
  Listening,
  ServerTransport,
  Transport,
} from './transport.ts';

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  /** Milliseconds that each piece of data takes, one way; default 0, which is within the turn. */
  readonly latency?: (() => number) | undefined;
}

interface Listener {
  readonly accept: (channel: Channel) => ChannelHandler;
}

interface Link {
  readonly address: string;
  readonly client: MemoryChannel;
}

/**
 * A network within the process: asynchronous, in order, and without any timer but those of its clock. What it can do
 * that is bad: refuse, cut, and swallow everything silently.
 */
export class MemoryNetwork implements Transport, ServerTransport {
  readonly #clock: Clock;
  readonly #latency: () => number;
  readonly #listeners = new Map<string, Listener>();
  readonly #links = new Set<Link>();
  readonly #partitioned = new Set<string>();
  #nextPort = 40_000;

  constructor({ clock, latency = () => 0 }: MemoryNetworkOptions) {
    this.#clock = clock;
    this.#latency = latency;
  }

  /** Open connections. */
  get connections(): number {
    return this.#links.size;
  }

  async connect(address: string, handler: ChannelHandler, options: ConnectOptions): Promise<Channel> {
    options.signal?.throwIfAborted();
    await this.#pass(address, options);
    const listener = this.#listeners.get(address);
    if (listener === undefined)
      throw new ConnectError(address, { problem: 'connection refused, nothing listens there' });
    const local = formatAddress('127.0.0.1', this.#nextPort++);
    const pass = (deliver: () => void): void => this.#deliver(address, deliver);
    const client = new MemoryChannel(local, address, this.#clock, this.#latency, pass);
    const server = new MemoryChannel(address, local, this.#clock, this.#latency, pass);
    const link: Link = { address, client };
    this.#links.add(link);
    client.join(server, () => this.#links.delete(link));
    server.join(client, () => this.#links.delete(link));
    client.bind(handler);
    server.bind(listener.accept(server));
    return client;
  }

  async listen(host: string, port: number, accept: (channel: Channel) => ChannelHandler): Promise<Listening> {
    const address = formatAddress(host, port === 0 ? this.#nextPort++ : port);
    if (this.#listeners.has(address))
      throw new ConnectError(address, { problem: 'something listens there already' });
    const listener: Listener = { accept };
    this.#listeners.set(address, listener);
    return {
      address,
      close: async () => {
        if (this.#listeners.get(address) === listener) this.#listeners.delete(address);
        this.cut(address);
      },
    };
  }

  /** Resets every connection to a listener, or every connection there is. */
  cut(address?: string, error: Error = new Error('read ECONNRESET')): void {
    for (const link of this.#links)
      if (address === undefined || link.address === address) link.client.break(error);
  }

  /** Swallows everything to and from a listener, connecting included, until {@link heal}: no error, no end. */
  partition(address: string): void {
    this.#partitioned.add(address);
  }

  /** Lets pass what is sent from now on. */
  heal(address: string): void {
    this.#partitioned.delete(address);
  }

  #deliver(address: string, deliver: () => void): void {
    if (!this.#partitioned.has(address)) deliver();
  }

  /** The time that connecting takes. */
  async #pass(address: string, { timeout, signal }: ConnectOptions): Promise<void> {
    const latency = this.#latency() * 2;
    const lost = this.#partitioned.has(address);
    if (lost || latency > timeout) {
      await this.#clock.sleep(timeout, signal);
      throw new ConnectError(address, { problem: `no answer within ${timeout} ms` });
    }
    if (latency > 0) await this.#clock.sleep(latency, signal);
    else await Promise.resolve();
  }
}
