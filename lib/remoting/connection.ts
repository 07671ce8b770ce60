import type { FrameLimits, OutgoingCommand } from '../../protocol/frame.ts';
import { ConnectError } from '../errors.ts';
import { isOneway, isResponse } from '../../protocol/remoting-command.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import type { Deferred } from '../runtime/deferred.ts';
import { deferred } from '../runtime/deferred.ts';
import { StateMachine } from '../runtime/state-machine.ts';
import type { Deadlines, Expiring } from './deadlines.ts';
import { FrameChannel } from './frame-channel.ts';
import type { FrameReceiver, TrafficCounters } from './frame-channel.ts';
import { InFlight } from './in-flight.ts';
import type { PendingRequest, RequestHolder } from './pending-request.ts';
import { SilenceDetector } from './silence-detector.ts';
import type { Channel, ChannelHandler, Transport } from './transport.ts';

export type ConnectionState = 'idle' | 'connecting' | 'ready' | 'draining' | 'closed';

const transitions = {
  idle: ['connecting', 'ready', 'closed'],
  connecting: ['ready', 'closed'],
  ready: ['draining', 'closed'],
  draining: ['closed'],
  closed: [],
} as const;

export interface ConnectionCounters extends TrafficCounters {
  late: number;
  unknown: number;
}

/** Whom a connection tells what happens on it. None of these may throw. */
export interface ConnectionOwner {
  /** The peer asks for something. */
  onRequest(connection: Connection, command: RemotingCommand): void;
  onAnswer(connection: Connection, request: PendingRequest, answer: RemotingCommand): void;
  /** An answer came that nobody waits for. */
  onStray(connection: Connection, answer: RemotingCommand): void;
  /** Once, for a connection that was ready; its requests have failed already. */
  onClosed(connection: Connection, error?: Error): void;
}

export interface ConnectionContext {
  readonly deadlines: Deadlines;
  readonly counters: ConnectionCounters;
  readonly limits?: Partial<FrameLimits> | undefined;
}

/** One connection, of either end: frames in both directions and the requests that wait for answers. */
export class Connection implements FrameReceiver, RequestHolder, Expiring {
  /** The address that errors name. */
  readonly address: string;
  /** Uptime at which it became ready. */
  readyAt = 0;
  /** The other end's version, once it has said something; see `MQVersion`. */
  peerVersion: number | undefined;
  readonly #owner: ConnectionOwner;
  readonly #context: ConnectionContext;
  readonly #frames: FrameChannel;
  readonly #inFlight = new InFlight();
  readonly #silence = new SilenceDetector();
  readonly #state = new StateMachine<ConnectionState>('Connection', 'idle', transitions);
  readonly #abort = new AbortController();
  readonly #closed: Deferred<void> = deferred();

  constructor(address: string, owner: ConnectionOwner, context: ConnectionContext) {
    this.address = address;
    this.#owner = owner;
    this.#context = context;
    this.#frames = new FrameChannel(this, context.counters, context.limits);
  }

  get state(): ConnectionState {
    return this.#state.state;
  }

  /** Requests that wait for answers. */
  get pending(): number {
    return this.#inFlight.size;
  }

  get remoteAddress(): string {
    return this.#frames.remoteAddress;
  }

  /** Resolves when nothing is left of it. Never rejects. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** What a transport is to call. */
  get handler(): ChannelHandler {
    return this.#frames;
  }

  /** Connects to `target`. Rejects with `ConnectError`, and the connection is then closed. */
  async connect(
    transport: Transport,
    target: string,
    options: Omit<Parameters<Transport['connect']>[2], 'signal'>,
  ): Promise<void> {
    this.#state.to('connecting');
    try {
      const channel = await transport.connect(target, this.#frames, {
        ...options,
        signal: this.#abort.signal,
      });
      if (this.state === 'closed')
        throw new ConnectError(target, { problem: 'the other end closed the connection' });
      this.accept(channel);
    } catch (error) {
      if (this.state !== 'closed') this.onClose();
      throw error;
    }
  }

  /** Is ready on this channel. */
  accept(channel: Channel): void {
    this.#state.to('ready');
    this.readyAt = this.#context.deadlines.now();
    this.#context.deadlines.add(this);
    this.#frames.attach(channel);
  }

  /** Sends a frame that has no answer. Throws when it cannot be encoded. */
  send(command: OutgoingCommand): void {
    if (this.state !== 'closed') this.#frames.send(command);
  }

  /** Sends a request and waits for its answer. Throws when it cannot be encoded. */
  submit(request: PendingRequest): void {
    request.frame = this.#frames.send(request.command);
    request.sentAt = this.#context.deadlines.now();
    if (isOneway(request.command)) {
      queueMicrotask(() => request.done(undefined, undefined));
      return;
    }
    request.holder = this;
    this.#inFlight.add(request);
    this.#context.deadlines.watch(request.deadline);
  }

  forget(request: PendingRequest): void {
    this.#inFlight.giveUp(request.command.opaque);
    this.#closeIfDrained();
  }

  /** Takes no more requests and closes once the last is answered or has timed out. */
  drain(): void {
    if (this.state === 'ready') this.#state.to('draining');
    this.#closeIfDrained();
  }

  /** Ends it: what was sent still leaves, unless there is an error. */
  close(error?: Error): void {
    if (this.state === 'connecting') this.#abort.abort(error);
    else if (this.state === 'idle') this.onClose(error);
    else {
      if (this.state === 'ready') this.#state.to('draining');
      this.#frames.close(error);
    }
  }

  onCommand(command: RemotingCommand): void {
    this.peerVersion = command.version;
    if (!isResponse(command)) {
      this.#owner.onRequest(this, command);
      return;
    }
    const request = this.#inFlight.take(command.opaque);
    if (request === undefined) this.#onStray(command);
    else this.#owner.onAnswer(this, request, command);
    if (this.state === 'draining') this.#closeIfDrained();
  }

  onRead(): void {
    this.#silence.hear(this.#context.deadlines.now());
  }

  onClose(error?: Error): void {
    if (this.state === 'closed') return;
    const wasOpen = this.state === 'ready' || this.state === 'draining';
    this.#state.to('closed');
    if (wasOpen) this.#end(error);
    this.#closed.resolve();
  }

  #end(error: Error | undefined): void {
    this.#context.deadlines.remove(this);
    const { flushed } = this.#frames;
    for (const request of this.#inFlight.list()) {
      this.#inFlight.take(request.command.opaque);
      request.closed(this.address, request.frame <= flushed, error);
    }
    this.#owner.onClosed(this, error);
  }

  expire(now: number): number {
    let next = Infinity;
    let oldest = Infinity;
    for (const request of this.#inFlight.list()) {
      if (request.deadline > now) {
        next = Math.min(next, request.deadline);
      } else if (this.#inFlight.giveUp(request.command.opaque)) {
        oldest = Math.min(oldest, request.sentAt);
        request.timeOut(this.address);
      }
    }
    if (oldest < Infinity && this.#silence.timedOut(oldest, now))
      this.close(this.#silence.error(this.address));
    this.#closeIfDrained();
    return next;
  }

  #onStray(command: RemotingCommand): void {
    if (this.#inFlight.wasGivenUp(command.opaque)) this.#context.counters.late++;
    else this.#context.counters.unknown++;
    this.#owner.onStray(this, command);
  }

  #closeIfDrained(): void {
    if (this.state === 'draining' && this.#inFlight.size === 0) this.close();
  }
}
