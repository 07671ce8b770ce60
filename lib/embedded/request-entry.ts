import { commandByCode } from '../../protocol/commands/index.ts';
import { type ExtFields, isOneway, type RemotingCommand } from '../../protocol/remoting-command.ts';
import { ReceivedCommand } from '../../protocol/received-command.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { ServerConnection } from '../remoting/remoting-server.ts';
import type { Clock } from '../runtime/clock.ts';
import type { LoggedRequest } from './request-log.ts';

interface Origin {
  readonly name: string;
  readonly context: { readonly settings: { readonly clock: Clock } };
}

/** Reading the fields costs as much as all the rest of a small request, so it waits until they are asked for. */
interface Fields {
  readonly ext?: Readonly<ExtFields> | undefined;
  readonly command?: RemotingCommand | undefined;
}

/** Bodies up to this size, in bytes, may stay in memory with their request. */
const mostKept = 8_192;

const none: Readonly<ExtFields> = Object.freeze(Object.create(null) as ExtFields);

/** A {@link LoggedRequest} that still waits for its answer. */
export class RequestEntry implements LoggedRequest {
  readonly at: number;
  readonly server: string;
  readonly direction: 'in' | 'out';
  readonly client: string;
  readonly code: number;
  readonly opaque: number;
  readonly oneway: boolean;
  #ext: Readonly<ExtFields> | undefined;
  /** The request itself while its fields were not asked for. */
  #command: RemotingCommand | undefined;
  readonly bodySize: number;
  answer: LoggedRequest['answer'];

  private constructor(
    origin: Origin,
    connection: ServerConnection,
    rest: Omit<LoggedRequest, 'at' | 'server' | 'client' | 'name' | 'answer' | 'ext'> & Fields,
  ) {
    this.at = origin.context.settings.clock.now();
    this.server = origin.name;
    this.client = connection.remoteAddress;
    this.direction = rest.direction;
    this.code = rest.code;
    this.opaque = rest.opaque;
    this.oneway = rest.oneway;
    this.#ext = rest.ext;
    this.#command = rest.command;
    this.bodySize = rest.bodySize;
  }

  static incoming(origin: Origin, connection: ServerConnection, command: RemotingCommand): RequestEntry {
    const { code, opaque } = command;
    const bodySize = command.body?.length ?? 0;
    // A plain command has been read as a whole already.
    const isRead = bodySize > mostKept || !(command instanceof ReceivedCommand);
    return new RequestEntry(origin, connection, {
      direction: 'in',
      code,
      opaque,
      oneway: isOneway(command),
      bodySize,
      ext: isRead ? (command.extFields ?? none) : undefined,
      command: isRead ? undefined : command,
    });
  }

  static outgoing(
    origin: Origin,
    connection: ServerConnection,
    row: Pick<Command, 'code'>,
    ext: ExtFields | undefined,
    oneway: boolean,
  ): RequestEntry {
    return new RequestEntry(origin, connection, {
      direction: 'out',
      code: row.code,
      opaque: 0,
      oneway,
      ext: ext ?? none,
      bodySize: 0,
    });
  }

  get ext(): Readonly<ExtFields> {
    this.#ext ??= this.#command?.extFields ?? none;
    this.#command = undefined;
    return this.#ext;
  }

  get name(): string {
    return commandByCode(this.code)?.name ?? String(this.code);
  }

  settle(at: number, code: number, remark: string | undefined): void {
    this.answer = { at, code, remark };
  }
}
