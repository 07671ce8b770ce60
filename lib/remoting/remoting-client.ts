import { EventEmitter } from 'node:events';

import { CommandFlag } from '../../protocol/remoting-command.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';
import { notify, trace } from '../diagnostics.ts';
import { IllegalStateError, ProtocolError, ResponseError, RocketMQError } from '../errors.ts';
import { silentLogger } from '../logger.ts';
import type { Logger } from '../logger.ts';
import { reportThrown, warnProcess } from '../runtime/process-warning.ts';
import type { Connection, ConnectionCounters } from './connection.ts';
import { Deadlines } from './deadlines.ts';
import { buildAnswer, buildCommand } from './build-command.ts';
import { Outgoing } from './outgoing.ts';
import { PeerTable } from './peer-table.ts';
import type { Peer, PeerContext } from './peer.ts';
import { PendingRequest } from './pending-request.ts';
import type { CallDone } from './pending-request.ts';
import type { RemotingClientOptions } from './remoting-options.ts';
import type { Answer, CallOptions, RemotingEvents, RemotingStats } from './remoting-types.ts';
import { settleRequest } from './settle-request.ts';
import { RequestDispatch } from './request-dispatch.ts';
import type { RequestHandler } from './request-dispatch.ts';

export type { RemotingClientOptions } from './remoting-options.ts';
export type { Answer, CallOptions, RemotingEvents, RemotingStats } from './remoting-types.ts';
export type { CallDone } from './pending-request.ts';
export type { HandlerAnswer, IncomingRequest, RequestHandler } from './request-dispatch.ts';

/**
 * The client's end of the remoting protocol: one connection per address, any number of requests on it, and the
 * requests that servers make of clients. Java: `NettyRemotingClient`.
 */
export class RemotingClient extends EventEmitter<RemotingEvents> implements AsyncDisposable {
  readonly #logger: Logger;
  readonly #requestTimeout: number;
  readonly #outgoing: Outgoing;
  readonly #deadlines: Deadlines;
  readonly #dispatch: RequestDispatch;
  readonly #counters: ConnectionCounters = { writes: 0, reads: 0, late: 0, unknown: 0 };
  readonly #peers: PeerTable;
  #closing: Promise<void> | undefined;

  constructor(options: RemotingClientOptions) {
    super();
    const { clock, random, limits } = options;
    this.#logger = (options.logger ?? silentLogger).child({ component: 'remoting' });
    this.#requestTimeout = options.requestTimeout ?? 3_000;
    this.#outgoing = new Outgoing(options);
    this.#deadlines = new Deadlines(clock);
    this.#dispatch = new RequestDispatch(this.#logger);
    const shared = { deadlines: this.#deadlines, counters: this.#counters, outgoing: this.#outgoing };
    const context: PeerContext = { ...shared, limits, options, clock, random };
    this.#peers = new PeerTable(context, {
      onConnected: (peer) => this.#onConnected(peer),
      onDisconnected: (peer, error) => this.#onDisconnected(peer, error),
      onRequest: (connection, command) => void this.#serve(connection, command),
      onStray: ({ address }, { opaque, code }) => this.#emitSafely('stray', { address, opaque, code }),
    });
    if (options.tls?.insecureSkipVerify === true) {
      warnProcess(
        'TLS certificates are not verified (insecureSkipVerify), anyone in between can read and change everything',
      );
    }
  }

  /**
   * Asks, and answers with the decoded header and body.
   *
   * @throws ResponseError for any code but `SUCCESS`, and all that {@link request} throws
   */
  async invoke<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    address: string,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    options?: CallOptions,
  ): Promise<Answer<S, SB>> {
    const answer = await this.request(address, row, header, body, options);
    if (answer.code !== 0) throw new ResponseError(answer.code, answer.remark, address, row.name);
    return { header: row.response.read(answer), body: row.responseBody.decode(answer.body) };
  }

  /**
   * Asks, and answers with the frame as it came, whatever its response code.
   *
   * @throws ConnectError, ConnectionClosedError, RequestTimeoutError, OverloadedError, ProtocolError, the signal's reason
   */
  async request<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    address: string,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    { timeout = this.#requestTimeout, signal }: CallOptions = {},
  ): Promise<RemotingCommand> {
    return trace(
      'request',
      () => ({ address, command: row.name }),
      async () =>
        settleRequest<RemotingCommand>(signal, (resolve, reject) =>
          this.#start(address, row, header, body, timeout, (error, answer) =>
            answer === undefined ? reject(error) : resolve(answer),
          ),
        ),
    );
  }

  /** {@link request} without a promise: `done` is called once, in a later turn or microtask. Never throws. */
  call<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    address: string,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    timeout: number,
    done: CallDone,
  ): void {
    this.#start(address, row, header, body, timeout, done);
  }

  /** Sends a request that has no answer. Resolves once it has been handed to a connection. */
  async oneway<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    address: string,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    { timeout = this.#requestTimeout, signal }: CallOptions = {},
  ): Promise<void> {
    await settleRequest<void>(signal, (resolve, reject) =>
      this.#start(
        address,
        row,
        header,
        body,
        timeout,
        (error) => (error === undefined ? resolve() : reject(error)),
        CommandFlag.oneway,
      ),
    );
  }

  /** Sets who answers a request of servers. Codes without a handler are answered with `REQUEST_CODE_NOT_SUPPORTED`. */
  handle<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    handler: RequestHandler<Q, S, QB, SB>,
  ): void {
    this.#dispatch.handle(row, handler);
  }

  /** Connects now, and again within about a second whenever the connection is lost. */
  keep(address: string): void {
    if (this.#closing === undefined) this.#peers.keep(address);
  }

  /** Ends what {@link keep} began; an open connection stays open until the server closes it. */
  release(address: string): void {
    this.#peers.release(address);
  }

  isConnected(address: string): boolean {
    return this.#peers.isConnected(address);
  }

  stats(): RemotingStats {
    return { ...this.#peers.count(), ...this.#counters };
  }

  /** Ends all connections; what was sent still leaves, what waits fails. Leaves no timer. */
  async close(): Promise<void> {
    const cause = new IllegalStateError('RemotingClient', 'closed', 'requesting');
    this.#closing ??= this.#peers.close(cause);
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #start<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    address: string,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    timeout: number,
    done: CallDone,
    flag = 0,
  ): PendingRequest | undefined {
    try {
      if (this.#closing !== undefined) throw new IllegalStateError('RemotingClient', 'closed', 'requesting');
      const command = buildCommand(row, header, body, flag);
      const request = new PendingRequest(row, command, this.#deadlines.now(), timeout, done);
      this.#peers.submit(address, request);
      return request;
    } catch (error) {
      const failure =
        error instanceof RocketMQError
          ? error
          : new ProtocolError(row.name, 'cannot be encoded', { cause: error });
      queueMicrotask(() => done(failure, undefined));
      return undefined;
    }
  }

  async #serve(connection: Connection, command: RemotingCommand): Promise<void> {
    const answer = await this.#dispatch.dispatch(command, connection.address);
    if (answer === undefined) return;
    const language = this.#outgoing.languageFor(connection.peerVersion);
    try {
      connection.send(buildAnswer(command, answer, language, this.#outgoing.version));
    } catch (error) {
      this.#logger.warn(
        { address: connection.address, code: command.code, err: error },
        'answer to server cannot be sent',
      );
    }
  }

  #onConnected({ address }: Peer): void {
    this.#logger.debug({ address }, 'connected');
    notify('connection', () => ({ address, state: 'connected' }));
    this.#emitSafely('connected', { address });
  }

  #onDisconnected({ address }: Peer, error: Error | undefined): void {
    this.#logger.debug({ address, err: error }, 'disconnected');
    notify('connection', () => ({ address, state: 'disconnected', error }));
    this.#emitSafely('disconnected', { address, error });
  }

  #emitSafely<K extends keyof RemotingEvents>(event: K, detail: RemotingEvents[K][0]): void {
    try {
      (this as EventEmitter).emit(event, detail);
    } catch (error) {
      reportThrown(`A listener of ${event}`, error);
    }
  }
}
