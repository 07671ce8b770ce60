import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands on a port of 127.0.0.1 before a server, hands on all bytes, and can reset what goes through it. */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #address = '';

  private constructor(host: string, port: number) {
    this.#server = createServer((client) => this.#join(client, connect({ host, port })));
  }

  /** @param target `host:port` of the server; it may be down, and connections are then reset */
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

  /** Both ends of every connection get an RST, at whatever byte of a frame that is. */
  resetAll(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.resetAll();
    await closed;
  }

  #join(client: Socket, server: Socket): void {
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [server, client] as const]) {
      from.setNoDelay(true);
      // Ends are handed on by `pipe`; what is no end is a reset for the other side too.
      from.on('error', () => to.resetAndDestroy());
      from.once('close', () => {
        this.#pairs.delete(pair);
        to.destroySoon();
      });
      from.pipe(to);
    }
  }
}
