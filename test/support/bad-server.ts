import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** What a server does with a connection. */
export type Manner = (socket: Socket) => void;

const answering =
  (bytes: Buffer): Manner =>
  (socket) =>
    void socket.once('data', () => socket.write(bytes));

/** The first bytes of a frame: a length, and a header of so many bytes, which does not follow. */
function frameStart(length: number, headerLength: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32BE(length, 0);
  bytes.writeInt32BE(headerLength, 4);
  return bytes;
}

/** Ways in which what listens on a port can fail to be a RocketMQ server. All but the first answer the first bytes that come. */
export const manners = {
  /** Takes the connection and never says a word. */
  silent: () => {},
  garbage: answering(Buffer.from('ffeeddccbbaa99887766554433221100', 'hex')),
  http: answering(Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')),
  /** Announces a frame of 2 GiB. */
  overLong: answering(frameStart(0x7f_ff_ff_ff, 100)),
  /** Begins a frame, and hangs up in the middle. */
  halfFrame: (socket) => void socket.once('data', () => socket.end(frameStart(200, 100))),
  hangsUp: (socket) => void socket.once('data', () => socket.destroy()),
} as const satisfies Record<string, Manner>;

/** Something that listens on 127.0.0.1 and is no RocketMQ server. */
export class BadServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(manner: Manner) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket)).on('error', () => {});
      // Without a reader it would never notice the end.
      socket.resume();
      manner(socket);
    });
  }

  static async start(manner: Manner): Promise<BadServer> {
    const bad = new BadServer(manner);
    bad.#server.listen(0, '127.0.0.1');
    await once(bad.#server, 'listening');
    return bad;
  }

  get address(): string {
    const bound = this.#server.address();
    if (typeof bound !== 'object' || bound === null) throw new Error('The server does not listen');
    return `127.0.0.1:${bound.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** An address on which nothing listens: it was free a moment ago. */
export async function closedAddress(): Promise<string> {
  const server = await BadServer.start(manners.silent);
  const { address } = server;
  await server[Symbol.asyncDispose]();
  return address;
}
