import { ResponseCode } from '../../protocol/codes/response-code.ts';
import {
  CommandFlag,
  isOneway,
  type RemotingCommand,
  SerializeType,
} from '../../protocol/remoting-command.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';
import { randomInteger } from '../runtime/random.ts';
import { RemotingServer, type ServerConnection } from '../remoting/remoting-server.ts';
import { encodeAnswer, failure, type RowAnswer, spoken, unsupported, spelledOut } from './answers.ts';
import { ClientRequests } from './client-requests.ts';
import type { Answer, ControlledRequest, ControlVerdict } from './faults/control.ts';
import { FaultyTransport } from './faults/faulty-channel.ts';
import { OpenConnection } from './faults/open-connection.ts';
import type { ServerContext } from './server-context.ts';
import { Timers } from './timers.ts';

/** A request with its header and body read. */
export interface Inbound<Q extends HeaderFields = HeaderFields, QB = unknown> {
  readonly header: HeaderValue<Q>;
  readonly body: QB;
  readonly command: RemotingCommand;
  readonly connection: ServerConnection;
  /** Gives the answer later, when the handler gave none. */
  readonly answer: (answer: Answer) => void;
}

/** A request as it came. */
export interface RawInbound {
  readonly command: RemotingCommand;
  readonly connection: ServerConnection;
  readonly answer: (answer: Answer) => void;
}

export type { RowAnswer } from './answers.ts';

type Handled = Answer | undefined | Promise<Answer | undefined>;
type Handler = (request: RawInbound) => Handled;

export interface ServerOptions {
  /** A connection has ended. */
  readonly onGone?: (connection: ServerConnection) => void;
  /** Whether requests that nobody handles are answered. Default true. */
  readonly refusesUnknown?: boolean;
  /** Looks at each request before it is handled; an answer refuses it. */
  readonly refuse?: ((command: RemotingCommand, client: string) => Answer | undefined) | undefined;
}

/** One listening server: reads requests, applies controls, finds the handler, writes the answer. */
export class EmbeddedServer {
  readonly name: string;
  readonly context: ServerContext;
  readonly #handlers = new Map<number, Handler>();
  readonly #connections = new Map<ServerConnection, OpenConnection>();
  readonly #clients: ClientRequests;
  readonly #timers: Timers;
  readonly #onGone: (connection: ServerConnection) => void;
  readonly #refusesUnknown: boolean;
  readonly #refuse: ServerOptions['refuse'];
  #server: RemotingServer | undefined;
  #address = '';

  constructor(name: string, context: ServerContext, options: ServerOptions = {}) {
    this.name = name;
    this.context = context;
    this.#timers = new Timers(context.settings.clock);
    this.#clients = new ClientRequests(name, context, (connection) => this.#connections.get(connection));
    this.#onGone = options.onGone ?? (() => undefined);
    this.#refusesUnknown = options.refusesUnknown ?? true;
    this.#refuse = options.refuse;
  }

  get isRunning(): boolean {
    return this.#server !== undefined;
  }

  /** `host:port`; stays the same over a stop and a start. */
  get address(): string {
    return this.#address;
  }

  /** The open ones. */
  get connections(): readonly ServerConnection[] {
    return [...this.#connections.keys()];
  }

  /** Declares who answers a command. A handler that returns undefined answers later, by `request.answer`. */
  handle<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    run: (request: Inbound<Q, QB>) => RowAnswer<S, SB> | undefined | Promise<RowAnswer<S, SB> | undefined>,
  ): void {
    const encode = (answer: RowAnswer<S, SB> | undefined): Answer | undefined => encodeAnswer(row, answer);
    this.handleRaw(row, ({ command, connection, answer }) => {
      const header = row.request.read(command);
      const body = row.requestBody.decode(command.body);
      const result = run({ header, body, command, connection, answer });
      return result instanceof Promise ? result.then(encode) : encode(result);
    });
  }

  /** The same for a handler that reads and writes by itself. */
  handleRaw(row: Pick<Command, 'code'>, run: Handler): void {
    this.#handlers.set(row.code, run);
  }

  async start(port: number): Promise<void> {
    if (this.#server !== undefined) return;
    const { settings, manners } = this.context;
    const transport = new FaultyTransport(this.context.transport, settings.clock);
    const server = new RemotingServer({
      transport,
      clock: settings.clock,
      version: manners.version,
      onRequest: (connection, command) => this.#receive(connection, command),
      onOpen: (connection) => this.#opened(connection, transport),
      onClose: (connection) => {
        this.#connections.get(connection)?.forget();
        this.#connections.delete(connection);
        this.#onGone(connection);
      },
    });
    this.#server = server;
    try {
      this.#address = await server.listen(settings.host, this.#address === '' ? port : portOf(this.#address));
    } catch (error) {
      this.#server = undefined;
      throw error;
    }
  }

  /** Stops listening and cuts all connections. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#timers.cancelAll();
    await server?.close();
  }

  /** Sends a one-way request to a client, unless a control has it otherwise. */
  notify<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    connection: ServerConnection,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
  ): void {
    this.#clients.notify(connection, row, header, body);
  }

  /** Asks a client and waits for its answer. */
  async ask<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    connection: ServerConnection,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    timeout: number,
  ): Promise<RemotingCommand> {
    return this.#clients.ask(connection, row, header, body, timeout);
  }

  #opened(connection: ServerConnection, { accepted }: FaultyTransport): void {
    const { clock, connectionLife, random } = this.context.settings;
    const open = new OpenConnection(connection, accepted, clock);
    this.#connections.set(connection, open);
    if (connectionLife === undefined) return;
    const [least, most] = connectionLife;
    open.expire(least + randomInteger(random, most - least + 1));
  }

  #receive(connection: ServerConnection, command: RemotingCommand): void {
    const { controls, requests } = this.context;
    const entry = requests.incoming(this.name, connection.remoteAddress, command);
    if (!controls.concerns(command.code)) return this.#serve(connection, command, entry);
    const request = this.#describe(connection, command);
    const verdict = controls.decide(request);
    if (verdict === undefined) return this.#serve(connection, command, entry);
    if (verdict.drop === true) return;
    if (verdict.close === 'before') return this.#cut(connection);
    const go = (): void => {
      const { answer, remark } = verdict;
      if (answer === undefined) this.#serve(connection, command, entry, verdict);
      else this.#write(connection, command, entry, spoken(answer, remark), verdict);
      if (verdict.close === 'after') this.#cut(connection);
    };
    this.#wait(verdict, go);
  }

  #describe({ remoteAddress: client }: ServerConnection, command: RemotingCommand): ControlledRequest {
    return { server: this.name, client, direction: 'in', command };
  }

  #wait({ delay, hold }: ControlVerdict, go: () => void): void {
    const held = hold === undefined ? go : (): void => void hold.then(go, go);
    if (delay === undefined) held();
    else this.#timers.after(delay, held);
  }

  #cut(connection: ServerConnection): void {
    connection.close(new Error(`Closed by a control of ${this.name}`));
  }

  #serve(
    connection: ServerConnection,
    command: RemotingCommand,
    entry: number,
    verdict?: ControlVerdict,
  ): void {
    const request: RawInbound = {
      connection,
      command,
      answer: (answer) => this.#write(connection, command, entry, answer, verdict),
    };
    const handler = this.#handlers.get(command.code);
    if (handler === undefined) {
      if (this.#refusesUnknown) request.answer(unsupported(command.code));
      return;
    }
    try {
      const refusal = this.#refuse?.(command, connection.remoteAddress);
      if (refusal !== undefined) return request.answer(refusal);
      const handled = handler(request);
      if (handled instanceof Promise)
        handled.then(
          (answer) => answer && request.answer(answer),
          (error: unknown) => request.answer(failure(error)),
        );
      else if (handled !== undefined) request.answer(handled);
    } catch (error) {
      request.answer(failure(error));
    }
  }

  #write(
    connection: ServerConnection,
    request: RemotingCommand,
    entry: number,
    given: Answer,
    verdict: ControlVerdict | undefined,
  ): void {
    if (isOneway(request) || verdict?.mute === true || verdict?.close === 'after') return;
    const { manners, requests } = this.context;
    const answer = verdict?.change?.(spelledOut(given), this.#describe(connection, request)) ?? given;
    const code = answer.code ?? ResponseCode.SUCCESS;
    requests.settle(entry, code, answer.remark);
    this.#connections.get(connection)?.send(
      {
        code,
        language: 'JAVA',
        version: manners.version,
        opaque: request.opaque,
        flag: CommandFlag.response,
        remark: answer.remark,
        extFields: answer.ext,
        headerType: answer.typed?.type,
        header: answer.typed?.value,
        body: answer.body,
        bodySource: answer.bodySource,
        serializeType: manners.echoesSerializeType ? request.serializeType : SerializeType.JSON,
      },
      verdict,
    );
  }
}

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));
