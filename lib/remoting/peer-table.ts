import { RequestCode } from '../../protocol/codes/request-code.ts';
import { ConnectionPool } from './connection-pool.ts';
import { Peer } from './peer.ts';
import type { PeerContext, PeerObserver } from './peer.ts';
import type { PendingRequest } from './pending-request.ts';

/** Requests that may travel on an additional connection: none that a broker ties to the client that made it. */
const spreadCodes: ReadonlySet<number> = new Set([
  RequestCode.SEND_MESSAGE,
  RequestCode.SEND_MESSAGE_V2,
  RequestCode.SEND_BATCH_MESSAGE,
]);

/** All servers of a client, by advertised address. */
export class PeerTable {
  readonly #context: PeerContext;
  readonly #observer: PeerObserver;
  readonly #additional: number;
  readonly #peers = new Map<string, Peer>();
  readonly #pools = new Map<string, ConnectionPool>();

  constructor(context: PeerContext, observer: Omit<PeerObserver, 'onIdle'>) {
    this.#context = context;
    this.#observer = { ...observer, onIdle: ({ address }) => this.#peers.delete(address) };
    this.#additional = context.options.additionalConnections ?? 0;
  }

  /** Sends a request over the connection it belongs on. */
  submit(address: string, request: PendingRequest): void {
    if (this.#additional > 0 && spreadCodes.has(request.command.code)) this.#pool(address).submit(request);
    else this.#peer(address).submit(request);
  }

  keep(address: string): void {
    this.#peer(address).keep();
  }

  release(address: string): void {
    this.#peers.get(address)?.release();
  }

  isConnected(address: string): boolean {
    return this.#peers.get(address)?.isConnected === true;
  }

  /** Open connections, and requests that wait for a connection or an answer. */
  count(): { readonly connections: number; readonly pending: number } {
    let connections = 0;
    let pending = 0;
    for (const table of [this.#peers, this.#pools]) {
      for (const member of table.values()) {
        connections += member.connections;
        pending += member.pending;
      }
    }
    return { connections, pending };
  }

  /** Ends all connections. Requests that wait for an answer fail with `cause` as their cause. */
  async close(cause: Error): Promise<void> {
    const members = [...this.#peers.values(), ...this.#pools.values()];
    await Promise.all(members.map(async (member) => member.close(cause)));
    this.#peers.clear();
    this.#pools.clear();
  }

  #peer(address: string): Peer {
    let peer = this.#peers.get(address);
    if (peer === undefined) {
      peer = new Peer(address, this.#context, this.#observer);
      this.#peers.set(address, peer);
    }
    return peer;
  }

  #pool(address: string): ConnectionPool {
    let pool = this.#pools.get(address);
    if (pool === undefined) {
      pool = new ConnectionPool(address, this.#additional, this.#context, this.#observer);
      this.#pools.set(address, pool);
    }
    return pool;
  }
}
