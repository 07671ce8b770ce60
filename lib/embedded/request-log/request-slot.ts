import { commandByCode } from '../../../protocol/commands/index.ts';
import { ReceivedCommand, readFields } from '../../../protocol/received-command.ts';
import { type ExtFields, isOneway, type RemotingCommand } from '../../../protocol/remoting-command.ts';
import type { LoggedRequest, RequestFilter } from './logged-request.ts';

/** Bytes of a header that a slot has room for. */
export const headerRoom = 512;

const none: Readonly<ExtFields> = Object.freeze(Object.create(null) as ExtFields);

/**
 * A place in the log of requests, taken again and again: a log of objects, each of which lives for thousands of requests, keeps the
 * garbage collector busier than the requests themselves. To read the fields costs as much as all the rest of a small request, so
 * their bytes are kept until somebody asks.
 */
export class RequestSlot {
  /** Which request of the log has the slot. */
  number = -1;
  readonly #header: Buffer;
  #headerSize = 0;
  #serializeType: RemotingCommand['serializeType'] = 0;
  #ext: Readonly<ExtFields> | undefined;
  #at = 0;
  #server = '';
  #client = '';
  #direction: 'in' | 'out' = 'in';
  #code = 0;
  #opaque = 0;
  #isOneway = false;
  #bodySize = 0;
  #answeredAt = -1;
  #answerCode = 0;
  #remark: string | undefined;

  /** @param header room for {@link headerRoom} bytes */
  constructor(header: Buffer) {
    this.#header = header;
  }

  incoming(number: number, at: number, server: string, client: string, command: RemotingCommand): void {
    this.#begin(number, at, server, client, 'in');
    this.#code = command.code;
    this.#opaque = command.opaque;
    this.#isOneway = isOneway(command);
    this.#bodySize = ReceivedCommand.is(command) ? command.bodySize : (command.body?.length ?? 0);
    this.#serializeType = command.serializeType;
    this.#headerSize = ReceivedCommand.is(command) ? command.copyFields(this.#header) : -1;
    this.#ext = this.#headerSize < 0 ? (command.extFields ?? none) : undefined;
  }

  outgoing(
    number: number,
    at: number,
    server: string,
    client: string,
    { code, extFields: ext, flag }: Pick<RemotingCommand, 'code' | 'extFields' | 'flag'>,
  ): void {
    this.#begin(number, at, server, client, 'out');
    this.#code = code;
    this.#opaque = 0;
    this.#isOneway = isOneway({ flag });
    this.#bodySize = 0;
    this.#ext = ext ?? none;
  }

  settle(at: number, code: number, remark: string | undefined): void {
    this.#answeredAt = at;
    this.#answerCode = code;
    this.#remark = remark;
  }

  fits({ command, server, direction, client, since }: RequestFilter): boolean {
    const code = typeof command === 'object' ? command.code : command;
    return (
      (code === undefined || this.#code === code) &&
      (server === undefined || this.#server === server) &&
      (direction === undefined || this.#direction === direction) &&
      (client === undefined || this.#client === client) &&
      (since === undefined || this.#at >= since)
    );
  }

  /** The request as it is now. */
  read(): LoggedRequest {
    const code = this.#code;
    return {
      at: this.#at,
      server: this.#server,
      direction: this.#direction,
      client: this.#client,
      code,
      name: commandByCode(code)?.name ?? String(code),
      opaque: this.#opaque,
      oneway: this.#isOneway,
      ext: this.#fields(),
      bodySize: this.#bodySize,
      answer:
        this.#answeredAt < 0
          ? undefined
          : { at: this.#answeredAt, code: this.#answerCode, remark: this.#remark },
    };
  }

  #fields(): Readonly<ExtFields> {
    if (this.#ext === undefined && this.#headerSize > 0)
      this.#ext = readFields(this.#serializeType, this.#header, 0, this.#headerSize);
    return this.#ext ?? none;
  }

  #begin(number: number, at: number, server: string, client: string, direction: 'in' | 'out'): void {
    this.number = number;
    this.#at = at;
    this.#server = server;
    this.#client = client;
    this.#direction = direction;
    this.#answeredAt = -1;
    this.#remark = undefined;
  }
}
