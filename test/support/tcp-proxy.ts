import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** How long data of both sides gathers unread before a connection is broken off, ms. */
const UNREAD = 30;

/** Stands on a port of 127.0.0.1 before a server, hands on all bytes, and can reset what goes through it. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #address = '';

  private constructor(host: string, port: number) {
    this.#server = createServer((client) => this.#join(client, connect({ host, port })));
  }

  /** @param target `host:port` of the server; it may be down, and connections then end at once */
  static async start(target: string): Promise<TcpProxy> {
    const at = target.lastIndexOf(':');
    const proxy = new TcpProxy(target.slice(0, at), Number(target.slice(at + 1)));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    const bound = proxy.#server.address();
    if (typeof bound !== 'object' || bound === null) throw new Error('The proxy does not listen');
    proxy.#address = `127.0.0.1:${bound.port}`;
    return proxy;
  }

  /** Where clients connect to. */
  get address(): string {
    return this.#address;
  }

  /** Connections that go through it now. */
  get connections(): number {
    return this.#pairs.size;
  }

  /**
   * Breaks off every connection, at whatever byte of a frame that is. What arrives in the moment before is not read, and so the
   * kernel answers it with an RST. Not by `resetAndDestroy`: with a shutdown under way, Node.js 20 then never closes the handle, and
   * the process spins at its end.
   */
  async resetAll(): Promise<void> {
    const pairs = [...this.#pairs];
    for (const pair of pairs) for (const socket of pair) socket.unpipe().pause();
    await delay(UNREAD);
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    await closed;
  }

  #join(client: Socket, server: Socket): void {
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [server, client] as const]) {
      from.setNoDelay(true);
      // Ends are handed on by `pipe`; what is no end breaks off the other side too.
      from.on('error', () => to.destroy());
      from.once('close', () => {
        this.#pairs.delete(pair);
        to.destroySoon();
      });
      from.pipe(to);
    }
  }
}
