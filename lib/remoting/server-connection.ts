import type { LanguageCode } from '../../protocol/codes/language-code.ts';
import type { OutgoingCommand } from '../../protocol/frame.ts';
import { CommandFlag } from '../../protocol/remoting-command.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';
import type { RocketMQError } from '../errors.ts';
import { buildCommand } from './build-command.ts';
import type { Connection } from './connection.ts';
import { PendingRequest } from './pending-request.ts';

/** What the connections of one server have in common. */
export interface ServerConnectionContext {
  readonly language: LanguageCode;
  readonly version: number;
  nextOpaque(): number;
  now(): number;
}

/** One client of a {@link RemotingServer}. */
export class ServerConnection {
  /** 1, 2, 3 … in order of arrival. */
  readonly id: number;
  /** `host:port` of the client. */
  readonly remoteAddress: string;
  readonly #connection: Connection;
  readonly #context: ServerConnectionContext;

  constructor(id: number, remoteAddress: string, connection: Connection, context: ServerConnectionContext) {
    this.id = id;
    this.remoteAddress = remoteAddress;
    this.#connection = connection;
    this.#context = context;
  }

  /** `false` once it is closing or closed. */
  get isOpen(): boolean {
    return this.#connection.state === 'ready';
  }

  /** Sends a frame; all frames of a turn leave in one write. Does nothing once closed. Throws `ProtocolError`. */
  send(command: OutgoingCommand): void {
    this.#connection.send(command);
  }

  /** Asks the client; answers with its frame, whatever the response code. `timeout` in milliseconds. */
  async invoke<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    timeout: number,
  ): Promise<RemotingCommand> {
    return new Promise<RemotingCommand>((resolve, reject) => {
      const done = (error: RocketMQError | undefined, answer: RemotingCommand | undefined): void =>
        answer === undefined ? reject(error) : resolve(answer);
      this.#submit(
        new PendingRequest(row, buildCommand(row, header, body, 0), this.#context.now(), timeout, done),
      );
    });
  }

  /** Tells the client something that has no answer. Throws `ProtocolError`. */
  oneway<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
  ): void {
    const command = buildCommand(row, header, body, CommandFlag.oneway);
    this.#submit(new PendingRequest(row, command, this.#context.now(), 0, () => {}));
  }

  /** Ends it: what was sent still leaves, unless there is an error. */
  close(error?: Error): void {
    this.#connection.close(error);
  }

  #submit(request: PendingRequest): void {
    if (!this.isOpen) {
      request.closed(this.remoteAddress, false, undefined);
      return;
    }
    const { command } = request;
    command.opaque = this.#context.nextOpaque();
    command.language = this.#context.language;
    command.version = this.#context.version;
    this.#connection.submit(request);
  }
}
