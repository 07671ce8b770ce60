import type { LanguageCode } from '../../protocol/codes/language-code.ts';
import { ResponseCode } from '../../protocol/codes/response-code.ts';
import { CURRENT_VERSION } from '../../protocol/codes/version.ts';
import type { FrameLimits } from '../../protocol/frame.ts';
import { isOneway } from '../../protocol/remoting-command.ts';
import type { RemotingCommand } from '../../protocol/remoting-command.ts';
import { silentLogger } from '../logger.ts';
import type { Logger } from '../logger.ts';
import type { Clock } from '../runtime/clock.ts';
import { reportThrown } from '../runtime/process-warning.ts';
import { buildAnswer } from './build-command.ts';
import { Connection } from './connection.ts';
import type { ConnectionCounters, ConnectionOwner } from './connection.ts';
import { Deadlines } from './deadlines.ts';
import { Outgoing } from './outgoing.ts';
import { ServerConnection } from './server-connection.ts';
import type { Channel, ChannelHandler, Listening, ServerTransport } from './transport.ts';

export { ServerConnection } from './server-connection.ts';

export interface RemotingServerOptions {
  readonly transport: ServerTransport;
  readonly clock: Clock;
  readonly logger?: Logger | undefined;
  /** Written into requests that the server makes; default `JAVA`. */
  readonly language?: LanguageCode | undefined;
  /** Ordinal in Java's `MQVersion`, of requests that the server makes; default `CURRENT_VERSION`. */
  readonly version?: number | undefined;
  readonly limits?: Partial<FrameLimits> | undefined;
  /** A request has come. A throw is answered with `SYSTEM_ERROR` and its message. */
  onRequest(connection: ServerConnection, command: RemotingCommand): void;
  onOpen?(connection: ServerConnection): void;
  /** The client is gone; an error if that was not orderly. */
  onClose?(connection: ServerConnection, error?: Error): void;
}

/** The server's end of the remoting protocol, for the embedded cluster. Java: `NettyRemotingServer`. */
export class RemotingServer {
  readonly #options: RemotingServerOptions;
  readonly #logger: Logger;
  readonly #deadlines: Deadlines;
  readonly #outgoing: Outgoing;
  readonly #counters: ConnectionCounters = { writes: 0, reads: 0, late: 0, unknown: 0 };
  readonly #connections = new Map<ServerConnection, Connection>();
  #listening: Listening | undefined;
  #lastId = 0;

  constructor(options: RemotingServerOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#deadlines = new Deadlines(options.clock);
    this.#outgoing = new Outgoing({
      language: options.language ?? 'JAVA',
      version: options.version ?? CURRENT_VERSION,
    });
  }

  /** Open connections, in order of arrival. */
  get connections(): readonly ServerConnection[] {
    return [...this.#connections.keys()];
  }

  /** Begins to accept; resolves to `host:port`. Port 0 takes any free one. */
  async listen(host: string, port: number): Promise<string> {
    this.#listening = await this.#options.transport.listen(host, port, (channel) => this.#accept(channel));
    return this.#listening.address;
  }

  /** Accepts no more and closes every connection. */
  async close(): Promise<void> {
    const connections = [...this.#connections.values()];
    for (const connection of connections) connection.close();
    const closed = connections.map(async (connection) => connection.closed);
    await this.#listening?.close();
    this.#listening = undefined;
    await Promise.all(closed);
  }

  #accept(channel: Channel): ChannelHandler {
    const { remoteAddress } = channel;
    const connection = new Connection(
      remoteAddress,
      this.#ownerOf(() => client),
      {
        deadlines: this.#deadlines,
        counters: this.#counters,
        limits: this.#options.limits,
      },
    );
    const client = new ServerConnection(++this.#lastId, remoteAddress, connection, {
      language: this.#outgoing.languageFor(undefined),
      version: this.#outgoing.version,
      nextOpaque: () => this.#outgoing.nextOpaque(),
      now: () => this.#deadlines.now(),
    });
    this.#connections.set(client, connection);
    connection.accept(channel);
    this.#guard('onOpen', () => this.#options.onOpen?.(client));
    return connection.handler;
  }

  #ownerOf(client: () => ServerConnection): ConnectionOwner {
    return {
      onRequest: (connection, command) => this.#onRequest(connection, client(), command),
      onAnswer: (_connection, request, answer) => request.done(undefined, answer),
      onStray: () => {},
      onClosed: (_connection, error) => {
        this.#connections.delete(client());
        if (error !== undefined)
          this.#logger.debug({ address: client().remoteAddress, err: error }, 'connection failed');
        this.#guard('onClose', () => this.#options.onClose?.(client(), error));
      },
    };
  }

  #onRequest(connection: Connection, client: ServerConnection, command: RemotingCommand): void {
    try {
      this.#options.onRequest(client, command);
    } catch (error) {
      this.#logger.error({ address: client.remoteAddress, code: command.code, err: error }, 'request failed');
      if (isOneway(command)) return;
      const remark = error instanceof Error ? error.message : String(error);
      const answer = { code: ResponseCode.SYSTEM_ERROR, remark };
      connection.send(
        buildAnswer(command, answer, this.#outgoing.languageFor(undefined), this.#outgoing.version),
      );
    }
  }

  #guard(name: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      reportThrown(`${name} of a RemotingServer`, error);
    }
  }
}
