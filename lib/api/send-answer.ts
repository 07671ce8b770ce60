import { ResponseCode } from '../../protocol/codes/response-code.ts';
import { Commands } from '../../protocol/commands/index.ts';
import type { ExtFields, RemotingCommand } from '../../protocol/remoting-command.ts';
import { ResponseError } from '../errors.ts';

/** Header of a send request, by its long names; one letter each on the wire. Java: `SendMessageRequestHeaderV2`. */
export type SendHeader = Parameters<typeof Commands.sendMessageV2.request.encode>[0];

/** Header of its answer. Java: `SendMessageResponseHeader`. */
export type SendAnswerHeader = ReturnType<typeof Commands.sendMessageV2.response.decode>;

/** Stored; the other three: stored on the master, but not as safely as it is configured. Java: `SendStatus`. */
export type SendStatus = 'SEND_OK' | 'FLUSH_DISK_TIMEOUT' | 'FLUSH_SLAVE_TIMEOUT' | 'SLAVE_NOT_AVAILABLE';

export interface SendAnswer {
  readonly status: SendStatus;
  readonly header: SendAnswerHeader;
  /** All fields of the answer, for `MSG_REGION`, `TRACE_ON`. */
  readonly extFields: Readonly<ExtFields> | undefined;
}

const statuses: Readonly<Record<number, SendStatus | undefined>> = {
  [ResponseCode.SUCCESS]: 'SEND_OK',
  [ResponseCode.FLUSH_DISK_TIMEOUT]: 'FLUSH_DISK_TIMEOUT',
  [ResponseCode.FLUSH_SLAVE_TIMEOUT]: 'FLUSH_SLAVE_TIMEOUT',
  [ResponseCode.SLAVE_NOT_AVAILABLE]: 'SLAVE_NOT_AVAILABLE',
};

/** Reads the answer to a send; throws `ResponseError` unless the message is stored. Pure. */
export function readSendAnswer(
  answer: RemotingCommand,
  address: string,
  row: { readonly name: string },
): SendAnswer {
  const status = statuses[answer.code];
  if (status === undefined) throw new ResponseError(answer.code, answer.remark, address, row.name);
  return {
    status,
    header: Commands.sendMessageV2.response.read(answer),
    extFields: answer.extFields,
  };
}
