import type { Logger } from '../logger.ts';
import type { RemotingClient } from '../remoting/remoting-client.ts';
import type { Heartbeats } from './heartbeats.ts';

export interface PresenceOptions {
  readonly remoting: Pick<RemotingClient, 'on' | 'off' | 'keep' | 'release' | 'isConnected'>;
  readonly heartbeats: Heartbeats;
  readonly logger: Logger;
  /** A broker that was lost, or could not be reached before, knows us again. */
  readonly onReturn: (address: string) => void;
  /** A heartbeat over a new connection failed; ask for another soon. */
  readonly onFailure: () => void;
}

/**
 * Keeps us known to every broker we need: holds a connection to each target of heartbeats, and makes a heartbeat the first
 * thing on every new connection, because a broker forgets a client with its channel. Java: `ChannelEventListener` of
 * `MQClientInstance`.
 */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #kept = new Set<string>();
  /** Addresses that were connected to, or tried, before. */
  readonly #seen = new Set<string>();
  /** Addresses whose broker has not heard of us on the present connection. */
  readonly #unannounced = new Set<string>();
  readonly #onConnected = ({ address }: { readonly address: string }): void => {
    if (this.#kept.has(address)) void this.#greet(address);
  };

  constructor(options: PresenceOptions) {
    this.#options = options;
    options.remoting.on('connected', this.#onConnected);
  }

  /** Brings the kept connections in line with the targets; resolves to the addresses that are new. */
  sync(): readonly string[] {
    const wanted = new Set(this.#options.heartbeats.targets().map(({ address }) => address));
    for (const address of this.#kept) if (!wanted.has(address)) this.#drop(address);
    const added = [...wanted].filter((address) => !this.#kept.has(address));
    for (const address of added) {
      this.#kept.add(address);
      this.#options.remoting.keep(address);
    }
    return added;
  }

  /** Tells one broker; rejects if it does not answer. */
  async announce(address: string): Promise<void> {
    const { heartbeats, onReturn } = this.#options;
    try {
      await heartbeats.sendTo(address);
    } finally {
      this.#seen.add(address);
    }
    if (this.#unannounced.delete(address)) onReturn(address);
  }

  /** Tells all brokers. Never rejects; failures are logged. */
  async announceToAll(signal?: AbortSignal): Promise<void> {
    const { heartbeats, logger } = this.#options;
    this.sync();
    const tell = async ({ address, brokerName }: { address: string; brokerName: string }): Promise<void> => {
      try {
        await this.announce(address);
      } catch (error) {
        if (signal?.aborted !== true) logger.warn({ address, brokerName, error }, 'Heartbeat failed');
      }
    };
    await Promise.all(heartbeats.targets().map(tell));
  }

  /** Whether a connected broker does not know us yet. */
  get isIncomplete(): boolean {
    return [...this.#unannounced].some((address) => this.#options.remoting.isConnected(address));
  }

  /** Lets all connections go. */
  close(): void {
    this.#options.remoting.off('connected', this.#onConnected);
    for (const address of this.#kept) this.#drop(address);
  }

  #drop(address: string): void {
    this.#kept.delete(address);
    this.#seen.delete(address);
    this.#unannounced.delete(address);
    this.#options.heartbeats.forget(address);
    this.#options.remoting.release(address);
  }

  async #greet(address: string): Promise<void> {
    const { heartbeats, logger, onReturn, onFailure } = this.#options;
    // The very first connection is made by a heartbeat, which waits for it: that one is the greeting.
    if (!this.#seen.has(address) && heartbeats.isUnderWay(address)) return;
    this.#seen.add(address);
    this.#unannounced.add(address);
    try {
      await heartbeats.sendNow(address);
      if (this.#unannounced.delete(address)) onReturn(address);
    } catch (error) {
      logger.warn({ address, error }, 'Heartbeat after connecting failed');
      if (this.isIncomplete) onFailure();
    }
  }
}
