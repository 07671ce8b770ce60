import { connect as connectTcp, createServer, isIP } from 'node:net';
import type { Server, Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { ConnectionOptions, TlsOptions as ServerTlsOptions } from 'node:tls';

import { ConnectError } from '../errors.ts';
import type { Clock } from '../runtime/clock.ts';
import { systemClock } from '../runtime/clock.ts';
import { formatAddress, parseAddress } from './address.ts';
import type { HostPort } from './address.ts';
import { describeConnectFailure } from './connect-failure.ts';
import { TcpChannel } from './tcp-channel.ts';
import type {
  Channel,
  ChannelHandler,
  ConnectOptions,
  Listening,
  ServerTransport,
  TlsOptions,
  Transport,
} from './transport.ts';

export interface TcpTransportOptions {
  readonly clock?: Clock;
  /** Certificate and key with which {@link TcpTransport.listen} encrypts. */
  readonly serverTls?: ServerTlsOptions;
}

/** Real sockets; the only place that knows of them. */
export class TcpTransport implements Transport, ServerTransport {
  readonly #clock: Clock;
  readonly #serverTls: ServerTlsOptions | undefined;

  constructor({ clock = systemClock, serverTls }: TcpTransportOptions = {}) {
    this.#clock = clock;
    this.#serverTls = serverTls;
  }

  async connect(address: string, handler: ChannelHandler, options: ConnectOptions): Promise<Channel> {
    const target = parseAddress(address);
    options.signal?.throwIfAborted();
    return new Promise<Channel>((resolve, reject) => {
      const socket = openSocket(target, options.tls);
      const finish = (): void => {
        timer.cancel();
        options.signal?.removeEventListener('abort', abort);
        socket.off('error', fail).off('close', closed);
      };
      const giveUp = (reason: Error): void => {
        finish();
        // The socket may yet report how it ended; nobody is interested any more.
        socket.on('error', () => {}).destroy();
        reject(reason);
      };
      const fail = (cause: Error): void =>
        giveUp(new ConnectError(address, { ...describeConnectFailure(cause), cause }));
      const closed = (): void =>
        giveUp(new ConnectError(address, { problem: 'the other end closed the connection' }));
      const abort = (): void => giveUp(options.signal?.reason as Error);
      const timer = this.#clock.timer(options.timeout, () =>
        giveUp(new ConnectError(address, { problem: `no answer within ${Math.round(options.timeout)} ms` })),
      );
      options.signal?.addEventListener('abort', abort, { once: true });
      socket.on('error', fail).on('close', closed);
      socket.once(options.tls === undefined ? 'connect' : 'secureConnect', () => {
        finish();
        const channel = new TcpChannel(socket, this.#clock);
        channel.bind(handler);
        resolve(channel);
      });
    });
  }

  async listen(host: string, port: number, accept: (channel: Channel) => ChannelHandler): Promise<Listening> {
    const sockets = new Set<Socket>();
    const onSocket = (socket: Socket): void => {
      const channel = new TcpChannel(socket, this.#clock);
      channel.bind(accept(channel));
    };
    const server =
      this.#serverTls === undefined
        ? createServer({ noDelay: true }, onSocket)
        : createTlsServer({ noDelay: true, ...this.#serverTls }, onSocket);
    // Under TLS these are the sockets below, which are there before any handshake.
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await listening(server, host, port);
    const bound = server.address();
    const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
    return { address: formatAddress(host, boundPort), close: async () => closeServer(server, sockets) };
  }
}

function openSocket({ host, port }: HostPort, tls: TlsOptions | undefined): Socket {
  const base = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 };
  return tls === undefined ? connectTcp(base) : connectTls({ ...base, ...tlsOptions(host, tls) });
}

function tlsOptions(
  host: string,
  { ca, cert, key, servername, insecureSkipVerify }: TlsOptions,
): ConnectionOptions {
  const name = servername ?? (isIP(host) === 0 ? host : undefined);
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: insecureSkipVerify !== true,
    ...(ca !== undefined && { ca: typeof ca === 'string' || Buffer.isBuffer(ca) ? ca : [...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(name !== undefined && { servername: name }),
  };
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
