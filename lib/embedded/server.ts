import { ResponseCode } from '../../protocol/codes/response-code.ts';
import { isOneway, type RemotingCommand, SerializeType } from '../../protocol/remoting-command.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { Body } from '../../protocol/schema/body.ts';
import type { Header, HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';
import { RemotingServer, type ServerConnection } from '../remoting/remoting-server.ts';
import type { ServerTransport } from '../remoting/transport.ts';
import type { Answer, Controls, ControlVerdict } from './control.ts';
import type { ClusterSettings } from './embedded-options.ts';
import type { Manners } from './manners.ts';
import { RequestEntry } from './request-entry.ts';

/** What all servers of a cluster share. */
export interface ServerContext {
  readonly settings: ClusterSettings;
  readonly manners: Manners;
  readonly transport: ServerTransport;
  readonly controls: Controls;
  /** Puts a request into the log. */
  record(entry: RequestEntry): void;
}

/** A request with its header and body read. */
export interface Inbound<Q extends HeaderFields = HeaderFields, QB = unknown> {
  readonly header: HeaderValue<Q>;
  readonly body: QB;
  readonly command: RemotingCommand;
  readonly connection: ServerConnection;
  /** Gives the answer later, when the handler gave none. */
  readonly answer: (answer: Answer) => void;
}

/** An answer in the terms of its row. */
export interface RowAnswer<S extends HeaderFields, SB> extends Omit<Answer, 'body'> {
  readonly header?: HeaderValue<S>;
  readonly body?: SB;
}

/** A request as it came. */
export interface RawInbound {
  readonly command: RemotingCommand;
  readonly connection: ServerConnection;
  readonly answer: (answer: Answer) => void;
}

type Handled = Answer | undefined | Promise<Answer | undefined>;
type Handler = (request: RawInbound) => Handled;

/** One listening server: reads requests, applies controls, finds the handler, writes the answer. */
export class EmbeddedServer {
  readonly name: string;
  readonly context: ServerContext;
  readonly #handlers = new Map<number, Handler>();
  readonly #connections = new Set<ServerConnection>();
  readonly #onGone: (connection: ServerConnection) => void;
  readonly #refusesUnknown: boolean;
  #server: RemotingServer | undefined;
  #address = '';

  constructor(
    name: string,
    context: ServerContext,
    options: { onGone?: (connection: ServerConnection) => void; refusesUnknown?: boolean } = {},
  ) {
    this.name = name;
    this.context = context;
    this.#onGone = options.onGone ?? (() => undefined);
    this.#refusesUnknown = options.refusesUnknown ?? true;
  }

  get isRunning(): boolean {
    return this.#server !== undefined;
  }

  /** `host:port`; stays the same over a stop and a start. */
  get address(): string {
    return this.#address;
  }

  get connections(): ReadonlySet<ServerConnection> {
    return this.#connections;
  }

  /** Declares who answers a command. A handler that returns undefined answers later, by `request.answer`. */
  handle<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    row: Command<Q, S, QB, SB>,
    run: (request: Inbound<Q, QB>) => RowAnswer<S, SB> | undefined | Promise<RowAnswer<S, SB> | undefined>,
  ): void {
    const encode = (answer: RowAnswer<S, SB> | undefined): Answer | undefined => encodeAnswer(row, answer);
    this.handleRaw(row, ({ command, connection, answer }) => {
      const header = row.request.decode(command.extFields);
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
    const { transport, settings, manners } = this.context;
    const server = new RemotingServer({
      transport,
      clock: settings.clock,
      version: manners.version,
      onRequest: (connection, command) => this.#receive(connection, command),
      onOpen: (connection) => this.#connections.add(connection),
      onClose: (connection) => {
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
    await server?.close();
  }

  /** Sends a one-way request to a client, unless a control has it otherwise. */
  notify<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    connection: ServerConnection,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
  ): void {
    const send = (): void => {
      this.context.record(RequestEntry.outgoing(this, connection, row, row.request.encode(header), true));
      connection.oneway(row, header, body);
    };
    const command = outgoing(row, row.request.encode(header));
    if (!this.context.controls.concerns(row.code)) return send();
    const verdict = this.context.controls.decide({
      server: this.name,
      client: connection.remoteAddress,
      command,
    });
    this.#apply(verdict, connection, send);
  }

  /** Asks a client and waits for its answer. */
  async ask<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    connection: ServerConnection,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    timeout: number,
  ): Promise<RemotingCommand> {
    const entry = RequestEntry.outgoing(this, connection, row, row.request.encode(header), false);
    this.context.record(entry);
    const answer = await connection.invoke(row, header, body, timeout);
    entry.settle(this.context.settings.clock.now(), answer.code, answer.remark);
    return answer;
  }

  #receive(connection: ServerConnection, command: RemotingCommand): void {
    const entry = RequestEntry.incoming(this, connection, command);
    this.context.record(entry);
    if (!this.context.controls.concerns(command.code)) return this.#serve(connection, command, entry);
    const verdict = this.context.controls.decide({
      server: this.name,
      client: connection.remoteAddress,
      command,
    });
    if (verdict !== undefined && 'answer' in verdict)
      return this.#write(connection, command, entry, spoken(verdict));
    const mute =
      verdict !== undefined && ('mute' in verdict || ('close' in verdict && verdict.close === 'after'));
    this.#apply(verdict, connection, () => this.#serve(connection, command, entry, mute));
  }

  #apply(verdict: ControlVerdict | undefined, connection: ServerConnection, go: () => void): void {
    if (verdict === undefined || 'mute' in verdict) return go();
    if ('delay' in verdict) return void this.context.settings.clock.timer(verdict.delay, go);
    if ('hold' in verdict) return void verdict.hold.then(go, go);
    if (!('close' in verdict)) return;
    if (verdict.close === 'after') go();
    connection.close(new Error(`Closed by a control of ${this.name}`));
  }

  #serve(connection: ServerConnection, command: RemotingCommand, entry: RequestEntry, mute = false): void {
    const write = (answer: Answer): void => {
      if (!mute) this.#write(connection, command, entry, answer);
    };
    const handler = this.#handlers.get(command.code);
    if (handler === undefined) {
      if (this.#refusesUnknown) write(unsupported(command.code));
      return;
    }
    try {
      const handled = handler({ connection, command, answer: write });
      if (handled instanceof Promise)
        handled.then(
          (answer) => answer && write(answer),
          (error: unknown) => write(failure(error)),
        );
      else if (handled !== undefined) write(handled);
    } catch (error) {
      write(failure(error));
    }
  }

  #write(connection: ServerConnection, request: RemotingCommand, entry: RequestEntry, answer: Answer): void {
    const { manners, settings } = this.context;
    const code = answer.code ?? ResponseCode.SUCCESS;
    if (isOneway(request)) return;
    entry.settle(settings.clock.now(), code, answer.remark);
    connection.send({
      code,
      language: 'JAVA',
      version: manners.version,
      opaque: request.opaque,
      flag: 1,
      remark: answer.remark,
      extFields: answer.ext,
      body: answer.body,
      serializeType: manners.echoesSerializeType ? request.serializeType : SerializeType.JSON,
    });
  }
}

function encodeAnswer<S extends HeaderFields, SB>(
  row: { readonly response: Header<S>; readonly responseBody: Body<SB> },
  answer: RowAnswer<S, SB> | undefined,
): Answer | undefined {
  if (answer === undefined) return undefined;
  const { header, body, ext, ...rest } = answer;
  const fields = header === undefined ? ext : { ...row.response.encode(header), ...ext };
  return { ...rest, ext: fields, body: body === undefined ? undefined : row.responseBody.encode(body) };
}

/** A control's answer. */
function spoken(verdict: { readonly answer: number | Answer; readonly remark?: string }): Answer {
  if (typeof verdict.answer !== 'number') return verdict.answer;
  return { code: verdict.answer, remark: verdict.remark ?? `Answered ${verdict.answer} by a control` };
}

/** The words of every RocketMQ server, leading blank included. */
const unsupported = (code: number): Answer => ({
  code: ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
  remark: ` request type ${code} not supported`,
});

const failure = (error: unknown): Answer => ({
  code: ResponseCode.SYSTEM_ERROR,
  remark: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
});

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));

const outgoing = (row: Pick<Command, 'code'>, extFields: RemotingCommand['extFields']): RemotingCommand => ({
  code: row.code,
  language: 'JAVA',
  version: 0,
  opaque: 0,
  flag: 0,
  extFields,
  serializeType: SerializeType.JSON,
});
