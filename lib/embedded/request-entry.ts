import { commandByCode } from '../../protocol/commands/index.ts';
import { type ExtFields, isOneway, type RemotingCommand } from '../../protocol/remoting-command.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { ServerConnection } from '../remoting/remoting-server.ts';
import type { Clock } from '../runtime/clock.ts';
import type { LoggedRequest } from './request-log.ts';

interface Origin {
  readonly name: string;
  readonly context: { readonly settings: { readonly clock: Clock } };
}

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
  readonly ext: Readonly<ExtFields>;
  readonly bodySize: number;
  answer: LoggedRequest['answer'];

  private constructor(
    origin: Origin,
    connection: ServerConnection,
    rest: Omit<LoggedRequest, 'at' | 'server' | 'client' | 'name' | 'answer'>,
  ) {
    this.at = origin.context.settings.clock.now();
    this.server = origin.name;
    this.client = connection.remoteAddress;
    this.direction = rest.direction;
    this.code = rest.code;
    this.opaque = rest.opaque;
    this.oneway = rest.oneway;
    this.ext = rest.ext;
    this.bodySize = rest.bodySize;
  }

  static incoming(origin: Origin, connection: ServerConnection, command: RemotingCommand): RequestEntry {
    const { code, opaque, extFields, body } = command;
    const rest = {
      direction: 'in' as const,
      code,
      opaque,
      oneway: isOneway(command),
      ext: extFields ?? none,
      bodySize: body?.length ?? 0,
    };
    return new RequestEntry(origin, connection, rest);
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

  get name(): string {
    return commandByCode(this.code)?.name ?? String(this.code);
  }

  settle(at: number, code: number, remark: string | undefined): void {
    this.answer = { at, code, remark };
  }
}
