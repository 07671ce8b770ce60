import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import type { Command } from '../../../protocol/schema/command.ts';
import type { BrokerState } from '../broker-state.ts';
import type { Answer } from '../faults/control.ts';
import type { EmbeddedServer } from '../server.ts';
import { answerFields } from './send.ts';

const sends: readonly Pick<Command, 'code'>[] = [
  Commands.sendMessage,
  Commands.sendMessageV2,
  Commands.sendBatchMessage,
];

/** What a slave refuses; the rest it answers from what it shares with its master. As real slaves of 5.5.0 and 4.9.7 do. */
export function handleAsSlave(server: EmbeddedServer, { manners }: BrokerState): void {
  const refuse = (row: Pick<Command, 'code'>, answer: Answer): void => server.handleRaw(row, () => answer);
  const busy = { code: ResponseCode.SYSTEM_BUSY, remark: rejected };
  const unavailable = { code: ResponseCode.SERVICE_NOT_AVAILABLE, remark: notAvailable, ext: answerFields() };
  for (const row of sends) refuse(row, manners.slavesReject ? busy : unavailable);
  const notBack = { code: ResponseCode.SYSTEM_ERROR, remark: 'SERVICE_NOT_AVAILABLE', ext: {} };
  refuse(Commands.consumerSendMsgBack, manners.slavesReject ? busy : notBack);
  refuse(Commands.endTransaction, {
    code: ResponseCode.SLAVE_NOT_AVAILABLE,
    // Java forgets to clear the text it began with.
    remark: 'not set any response code',
  });
  if (manners.slavesReject) {
    refuse(Commands.invokeBrokerToResetOffset, {
      code: ResponseCode.SYSTEM_ERROR,
      remark: 'Can not reset offset in slave broker',
    });
    return;
  }
  const changes = [Commands.updateAndCreateTopic, Commands.updateAndCreateSubscriptionGroup];
  for (const row of changes) refuse(row, { code: ResponseCode.SYSTEM_ERROR, remark: notHere });
}

const rejected = '[REJECTREQUEST]system busy, start flow control for a while';
const notAvailable =
  "service not available now. It may be caused by one of the following reasons: the broker's disk is full " +
  '[CL:  0.00 CQ:  0.00 INDEX:  0.00], messages are put to the slave, message store has been shut down, etc.';
const notHere =
  "Can't modify topic or subscription group from slave broker, please execute it from master broker.";
