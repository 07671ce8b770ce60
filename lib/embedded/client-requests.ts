import { RequestTimeoutError } from '../errors.ts';
import { CommandFlag, type RemotingCommand, SerializeType } from '../../protocol/remoting-command.ts';
import type { OutgoingCommand } from '../../protocol/frame.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { HeaderFields, HeaderValue } from '../../protocol/schema/header.ts';
import type { ServerConnection } from '../remoting/remoting-server.ts';
import { spoken, spelledOut } from './answers.ts';
import type { ControlVerdict } from './faults/control.ts';
import type { OpenConnection } from './faults/open-connection.ts';
import type { ServerContext } from './server-context.ts';

/** What a server asks of its clients and tells them, controls included. */
export class ClientRequests {
  readonly name: string;
  readonly context: ServerContext;
  readonly #open: (connection: ServerConnection) => OpenConnection | undefined;

  constructor(
    name: string,
    context: ServerContext,
    open: (connection: ServerConnection) => OpenConnection | undefined,
  ) {
    this.name = name;
    this.context = context;
    this.#open = open;
  }

  /** Sends a one-way request to a client, unless a control has it otherwise. */
  notify<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    connection: ServerConnection,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
  ): void {
    const ext = row.request.encode(header);
    const command = oneWay(row, ext, row.requestBody.encode(body), this.context.manners.version);
    const verdict = this.#decide(connection, command);
    const send = (): void => {
      this.context.requests.outgoing(this.name, connection.remoteAddress, command);
      if (verdict === undefined) connection.oneway(row, header, body);
      else this.#open(connection)?.send(command, verdict);
      if (verdict?.close === 'after') connection.close(cut(this.name));
    };
    if (verdict === undefined) return send();
    if (verdict.close === 'before') return connection.close(cut(this.name));
    if (verdict.drop === true || verdict.mute === true || verdict.answer !== undefined) return;
    void this.#wait(verdict).then(send);
  }

  /** Asks a client and waits for its answer; a control may have one of its own, or let it time out. */
  async ask<Q extends HeaderFields, S extends HeaderFields, QB, SB>(
    connection: ServerConnection,
    row: Command<Q, S, QB, SB>,
    header: HeaderValue<Q>,
    body: QB,
    timeout: number,
  ): Promise<RemotingCommand> {
    const ext = row.request.encode(header);
    const command = oneWay(row, ext, undefined, this.context.manners.version);
    const verdict = this.#decide(connection, command);
    if (verdict?.answer !== undefined) return answered(command, verdict.answer, verdict.remark);
    if (verdict?.close === 'before') connection.close(cut(this.name));
    if (verdict?.drop === true) return this.#timeOut(connection, row, timeout);
    if (verdict !== undefined) await this.#wait(verdict);
    const { requests } = this.context;
    const entry = requests.outgoing(this.name, connection.remoteAddress, { ...command, flag: 0 });
    const asked = connection.invoke(row, header, body, timeout);
    if (verdict?.close === 'after') connection.close(cut(this.name));
    const answer = await asked;
    requests.settle(entry, answer.code, answer.remark);
    if (verdict?.mute === true) return this.#timeOut(connection, row, timeout);
    if (verdict?.late !== undefined) await this.context.settings.clock.sleep(verdict.late);
    return answer;
  }

  #decide(connection: ServerConnection, command: RemotingCommand): ControlVerdict | undefined {
    const { controls } = this.context;
    if (!controls.concerns(command.code)) return undefined;
    const { remoteAddress: client } = connection;
    return controls.decide({ server: this.name, client, direction: 'out', command });
  }

  async #wait({ delay, hold }: ControlVerdict): Promise<void> {
    if (delay !== undefined) await this.context.settings.clock.sleep(delay);
    await hold?.catch(() => undefined);
  }

  async #timeOut(
    connection: ServerConnection,
    row: Pick<Command, 'code' | 'name'>,
    timeout: number,
  ): Promise<never> {
    await this.context.settings.clock.sleep(timeout);
    throw new RequestTimeoutError(connection.remoteAddress, row.name, timeout);
  }
}

const cut = (server: string): Error => new Error(`Closed by a control of ${server}`);

const oneWay = (
  row: Pick<Command, 'code'>,
  extFields: RemotingCommand['extFields'],
  body: Buffer | undefined,
  version: number,
): OutgoingCommand => ({
  code: row.code,
  language: 'JAVA',
  version,
  opaque: 0,
  flag: CommandFlag.oneway,
  extFields,
  body,
  serializeType: SerializeType.JSON,
});

function answered(
  request: OutgoingCommand,
  answer: NonNullable<ControlVerdict['answer']>,
  remark: string | undefined,
): RemotingCommand {
  const { code = 0, ext, ...rest } = spelledOut(spoken(answer, remark));
  return {
    ...request,
    flag: CommandFlag.response,
    code,
    extFields: ext,
    body: rest.body,
    remark: rest.remark,
  };
}
