import { createRequire } from 'node:module';

import type * as GenericPool from 'generic-pool';

import { ConnectError } from '../errors.ts';
import { Peer } from './peer.ts';
import type { PeerContext, PeerObserver } from './peer.ts';
import type { PendingRequest } from './pending-request.ts';

/** Milliseconds. A lease covers one write, so that whoever waits this long waits for something that is broken. */
const acquireTimeout = 3_000;

/**
 * Connections to one address besides the first, for requests that need not travel on it. The broker ties a client's
 * identity to the connection of its heartbeat; these carry none, and nobody hears that they come and go.
 *
 * A lease lasts for the writing only: answers find their way by opaque, so each connection carries many requests. What
 * the pool holds never fails to be created: it connects by itself, when it is first used, and tells its requests if
 * that fails. (A pool of this kind whose `create` rejects would spin until its own timeout and hide the cause.)
 */
export class ConnectionPool {
  readonly #pool: GenericPool.Pool<Peer>;
  readonly #peers = new Set<Peer>();
  readonly #address: string;

  constructor(
    address: string,
    max: number,
    context: PeerContext,
    observer: Pick<PeerObserver, 'onRequest' | 'onStray'>,
  ) {
    this.#address = address;
    const create = async (): Promise<Peer> => {
      const peer = new Peer(address, context, {
        ...observer,
        onConnected() {},
        onDisconnected() {},
        onIdle() {},
      });
      this.#peers.add(peer);
      return peer;
    };
    const destroy = async (): Promise<void> => {};
    // Few clients want additional connections: the others need not load what makes them.
    const { createPool } = createRequire(import.meta.url)('generic-pool') as typeof GenericPool;
    this.#pool = createPool({ create, destroy }, { max, acquireTimeoutMillis: acquireTimeout });
  }

  get connections(): number {
    return this.#sum((peer) => peer.connections);
  }

  get pending(): number {
    return this.#sum((peer) => peer.pending);
  }

  /** Sends a request over whichever connection has rested longest. */
  submit(request: PendingRequest): void {
    this.#pool.acquire().then(
      (peer) => {
        if (!request.isOver) peer.submit(request);
        void this.#pool.release(peer);
      },
      (cause: unknown) =>
        request.done(
          new ConnectError(this.#address, { problem: 'no connection was free', cause }),
          undefined,
        ),
    );
  }

  /** Ends every connection; what waits for an answer fails with `cause` as its cause. */
  async close(cause: Error): Promise<void> {
    await this.#pool.drain();
    await Promise.all([...this.#peers].map(async (peer) => peer.close(cause)));
    await this.#pool.clear();
  }

  #sum(count: (peer: Peer) => number): number {
    let sum = 0;
    for (const peer of this.#peers) sum += count(peer);
    return sum;
  }
}
