import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import { ConnectError, ProtocolError, RocketMQError } from '../errors.ts';
import { Backoff } from '../runtime/backoff.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { mapAddress, parseAddress } from './address.ts';
import { Connection } from './connection.ts';
import type { ConnectionContext, ConnectionOwner } from './connection.ts';
import type { Expiring } from './deadlines.ts';
import type { Outgoing } from './outgoing.ts';
import type { PendingRequest, RequestHolder } from './pending-request.ts';
import type { RemotingClientOptions } from './remoting-options.ts';

/** Response code by which a server asks to be left. */
const goAway = 1_500;

/** A connection that ends sooner than this, in milliseconds, does not count as a success. */
const shortLife = 1_000;

/** What all addresses of a client share. */
export interface PeerContext extends ConnectionContext {
  readonly options: RemotingClientOptions;
  readonly outgoing: Outgoing;
  readonly clock: Clock;
  readonly random: Random;
}

/** Whom an address tells what happens to it. None of these may throw. */
export interface PeerObserver {
  onConnected(peer: Peer): void;
  onDisconnected(peer: Peer, error: Error | undefined): void;
  onRequest(connection: Connection, command: RemotingCommand): void;
  onStray(connection: Connection, answer: RemotingCommand): void;
  /** Nothing is left that would have to be remembered of this address. */
  onIdle(peer: Peer): void;
}

/**
 * One server, by the address that routes advertise: its connection, the requests that wait for it, and the will to
 * have it again when it is lost.
 */
export class Peer implements ConnectionOwner, RequestHolder, Expiring {
  readonly address: string;
  readonly #context: PeerContext;
  readonly #observer: PeerObserver;
  readonly #backoff: Backoff;
  readonly #waiting = new Set<PendingRequest>();
  readonly #connections = new Set<Connection>();
  /** The connection for new requests; may be connecting. */
  #current: Connection | undefined;
  /** The connection that was made last, whatever became of it. */
  #last: Connection | undefined;
  #retry: Timer | undefined;
  #kept = false;
  #ended = false;

  constructor(address: string, context: PeerContext, observer: PeerObserver) {
    this.address = address;
    this.#context = context;
    this.#observer = observer;
    this.#backoff = new Backoff({ random: context.random, first: 50, max: 1_000 });
  }

  get isConnected(): boolean {
    return this.#current?.state === 'ready';
  }

  /** Connections that are open, those that only wait for answers included. */
  get connections(): number {
    let count = 0;
    for (const { state } of this.#connections) if (state === 'ready' || state === 'draining') count++;
    return count;
  }

  get pending(): number {
    let count = this.#waiting.size;
    for (const connection of this.#connections) count += connection.pending;
    return count;
  }

  /** Sends a request, now or when there is a connection. */
  submit(request: PendingRequest): void {
    const connection = this.#current;
    if (connection?.state === 'ready') {
      this.#transmit(request, connection);
      return;
    }
    // What cannot be written fails now, not when there is a connection.
    const { header, headerType } = request.command;
    if (header !== undefined) headerType?.encode(header);
    this.#hold(request);
    if (connection === undefined) this.#connect();
  }

  /** Connects, and again whenever the connection is lost, until {@link release}. */
  keep(): void {
    this.#kept = true;
    if (this.#current === undefined && this.#retry === undefined) this.#connect();
  }

  /** Connects no more unless a request wants it. An open connection stays. */
  release(): void {
    this.#kept = false;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#forgetIfIdle();
  }

  /** Ends every connection and request. Resolves when nothing is left. */
  async close(cause: Error): Promise<void> {
    this.#ended = true;
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#failWaiting((request) => request.closed(this.address, false, cause));
    const closed = [...this.#connections].map(async (connection) => connection.closed);
    for (const connection of this.#connections)
      connection.close(connection.state === 'connecting' ? cause : undefined);
    await Promise.all(closed);
  }

  forget(request: PendingRequest): void {
    this.#waiting.delete(request);
    if (this.#waiting.size === 0) this.#context.deadlines.remove(this);
  }

  expire(now: number): number {
    let next = Infinity;
    for (const request of this.#waiting) {
      if (request.deadline > now) {
        next = Math.min(next, request.deadline);
      } else {
        this.forget(request);
        request.timeOut(this.address, 'while connecting');
      }
    }
    return next;
  }

  onRequest(connection: Connection, command: RemotingCommand): void {
    this.#observer.onRequest(connection, command);
  }

  onStray(connection: Connection, answer: RemotingCommand): void {
    this.#observer.onStray(connection, answer);
  }

  onAnswer(connection: Connection, request: PendingRequest, answer: RemotingCommand): void {
    if (answer.code === goAway && this.#leave(connection, request)) return;
    this.#context.outgoing.observe(this.address, request.command, answer);
    request.done(undefined, answer);
  }

  onClosed(connection: Connection, error?: Error): void {
    this.#connections.delete(connection);
    if (connection !== this.#current) {
      this.#forgetIfIdle();
      return;
    }
    this.#current = undefined;
    if (this.#context.clock.uptime() - connection.readyAt >= shortLife) this.#backoff.reset();
    this.#observer.onDisconnected(this, error);
    if (this.#current === undefined) this.#connectLater();
  }

  #hold(request: PendingRequest): void {
    request.holder = this;
    if (this.#waiting.size === 0) this.#context.deadlines.add(this);
    this.#waiting.add(request);
    this.#context.deadlines.watch(request.deadline);
  }

  #transmit(request: PendingRequest, connection: Connection): void {
    try {
      this.#context.outgoing.prepare(this.address, request.command, connection.peerVersion);
      connection.submit(request);
    } catch (error) {
      const failure =
        error instanceof RocketMQError
          ? error
          : new ProtocolError(request.row.name, 'cannot be sent', { cause: error });
      queueMicrotask(() => request.done(failure, undefined));
    }
  }

  /**
   * The server asks to be left (GO_AWAY): a load balancer will choose another one for the next connection to the same
   * address. `false` when the request has been through this before and is to fail.
   */
  #leave(connection: Connection, request: PendingRequest): boolean {
    const isAgain = request.redirected;
    if (connection === this.#current) this.#current = undefined;
    if (isAgain) {
      connection.close();
    } else {
      request.redirected = true;
      this.submit(request);
      connection.drain();
    }
    if (this.#kept && this.#current === undefined) this.#connectLater();
    return !isAgain;
  }

  #connect(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    const connection = new Connection(this.address, this, this.#context);
    // The first request on a connection is what a broker remembers of it, the language too.
    connection.peerVersion = this.#last?.peerVersion;
    this.#last = connection;
    this.#current = connection;
    this.#connections.add(connection);
    void this.#open(connection);
  }

  async #open(connection: Connection): Promise<void> {
    const { options } = this.#context;
    let target = this.address;
    try {
      target = mapAddress(options.addressMap, this.address);
      parseAddress(target);
      await connection.connect(options.transport, target, {
        timeout: options.connectTimeout ?? 3_000,
        tls: options.tls,
      });
    } catch (error) {
      this.#connections.delete(connection);
      if (this.#current === connection) this.#current = undefined;
      this.#failedToConnect(connectError(error, target, this.address));
      return;
    }
    if (this.#ended) connection.close();
    else this.#connected(connection);
  }

  #connected(connection: Connection): void {
    // Whoever listens speaks first: a heartbeat must come before pulls.
    this.#observer.onConnected(this);
    // A listener may have closed it again: then they wait for the next.
    for (const request of this.#takeWaiting()) {
      if (connection.state === 'ready') this.#transmit(request, connection);
      else this.submit(request);
    }
  }

  #failedToConnect(error: ConnectError): void {
    if (this.#ended) return;
    this.#failWaiting((request) => request.done(error, undefined));
    if (this.#current === undefined) this.#connectLater();
  }

  #connectLater(): void {
    if (this.#ended) return;
    if (this.#waiting.size > 0) this.#connect();
    else if (!this.#kept) this.#forgetIfIdle();
    else this.#retry ??= this.#context.clock.timer(this.#backoff.next(), () => this.#connect());
  }

  #failWaiting(fail: (request: PendingRequest) => void): void {
    for (const request of this.#takeWaiting()) fail(request);
  }

  #takeWaiting(): PendingRequest[] {
    const requests = [...this.#waiting];
    for (const request of requests) this.forget(request);
    return requests;
  }

  #forgetIfIdle(): void {
    if (!this.#kept && this.#connections.size === 0 && this.#waiting.size === 0) this.#observer.onIdle(this);
  }
}

function connectError(error: unknown, address: string, advertised: string): ConnectError {
  const isMapped = address !== advertised;
  const problem = error instanceof ConnectError ? error.problem : undefined;
  const cause = error instanceof ConnectError ? (error.cause ?? error) : error;
  const remedy =
    (error instanceof ConnectError ? error.remedy : undefined) ??
    (isMapped
      ? 'check addressMap'
      : 'check that it is right, and if it only cannot be reached from here, map it with addressMap');
  return new ConnectError(address, {
    advertised,
    problem: problem ?? (error as Error).message,
    remedy,
    cause,
  });
}
