import { readConsumeDirectlyResult, writeConsumeDirectlyResult } from '../model/consume-directly-result.ts';
import { readConsumerRunningInfo, writeConsumerRunningInfo } from '../model/consumer-running-info.ts';
import { readConsumerStatusBody, writeConsumerStatusBody } from '../model/consumer-status.ts';
import { readResetOffsetBody, writeResetOffsetBody } from '../model/reset-offset.ts';
import { json, messageBody, storedMessages } from '../schema/body.ts';
import { command } from '../schema/command.ts';
import { boolean, int, long, millis, string } from '../schema/field.ts';
import { header } from '../schema/header.ts';
import { rpcFields, topicFields } from './base-fields.ts';
import { replyRequestHeader } from './sending.ts';

const unset = 'inherited since 5.0, and set by nobody: the broker sends it to a client that it knows';

/** Java: `ResetOffsetRequestHeader`; -1 as queue or offset means that it is not given. */
export const resetOffsetRequestHeader = header('ResetOffsetRequestHeader', {
  topic: string(),
  group: string(),
  queueId: int().optional(),
  offset: long().optional(),
  timestamp: millis(),
  isForce: boolean(),
  ...topicFields,
});

/** Java: `GetConsumerStatusRequestHeader`. */
export const consumerStatusRequestHeader = header('GetConsumerStatusRequestHeader', {
  topic: string(),
  group: string(),
  clientAddr: string().optional(),
  ...topicFields,
});

/** Requests that brokers send to their clients. */
export const clientCommands = {
  /** What became of a transaction; the answer is a new request, `endTransaction`. The body is a stored message. */
  checkTransactionState: command({
    code: 39,
    name: 'CHECK_TRANSACTION_STATE',
    servedBy: 'client',
    oneway: true,
    request: header('CheckTransactionStateRequestHeader', {
      topic: string().optional(),
      tranStateTableOffset: long(),
      commitLogOffset: long(),
      msgId: string().optional(),
      transactionId: string().optional(),
      offsetMsgId: string().optional(),
      ...rpcFields,
    }),
    requestBody: storedMessages,
  }),
  notifyConsumerIdsChanged: command({
    code: 40,
    name: 'NOTIFY_CONSUMER_IDS_CHANGED',
    servedBy: 'client',
    oneway: true,
    idempotent: true,
    request: header('NotifyConsumerIdsChangedRequestHeader', { consumerGroup: string(), ...rpcFields }),
  }),
  resetConsumerClientOffset: command({
    code: 220,
    name: 'RESET_CONSUMER_CLIENT_OFFSET',
    servedBy: 'client',
    oneway: true,
    idempotent: true,
    request: resetOffsetRequestHeader,
    requestBody: json('ResetOffsetBody', readResetOffsetBody, writeResetOffsetBody),
  }),
  getConsumerStatusFromClient: command({
    code: 221,
    name: 'GET_CONSUMER_STATUS_FROM_CLIENT',
    servedBy: 'client',
    idempotent: true,
    request: consumerStatusRequestHeader,
    responseBody: json('GetConsumerStatusBody', readConsumerStatusBody, writeConsumerStatusBody),
  }),
  /** Asked by administrators; the broker forwards it to the client. */
  getConsumerRunningInfo: command({
    code: 307,
    name: 'GET_CONSUMER_RUNNING_INFO',
    servedBy: 'client',
    idempotent: true,
    request: header('GetConsumerRunningInfoRequestHeader', {
      consumerGroup: string(),
      clientId: string(),
      jstackEnable: boolean().optional(),
      ...rpcFields,
    }),
    responseBody: json('ConsumerRunningInfo', readConsumerRunningInfo, writeConsumerRunningInfo),
  }),
  /** Asked by administrators; the broker adds the stored message as body and forwards it. */
  consumeMessageDirectly: command({
    code: 309,
    name: 'CONSUME_MESSAGE_DIRECTLY',
    servedBy: 'client',
    request: header(
      'ConsumeMessageDirectlyResultRequestHeader',
      {
        consumerGroup: string(),
        clientId: string().optional(),
        msgId: string().optional(),
        /** The broker that stores the message; not the `bname` of other requests. */
        brokerName: string().optional(),
        topic: string().optional(),
        topicSysFlag: int().optional(),
        groupSysFlag: int().optional(),
      },
      { bname: unset, lo: unset, ns: unset, nsd: unset, oway: unset },
    ),
    requestBody: storedMessages,
    responseBody: json('ConsumeMessageDirectlyResult', readConsumeDirectlyResult, writeConsumeDirectlyResult),
  }),
  /** The reply to a request message. */
  pushReplyMessageToClient: command({
    code: 326,
    name: 'PUSH_REPLY_MESSAGE_TO_CLIENT',
    servedBy: 'client',
    request: replyRequestHeader,
    requestBody: messageBody,
  }),
};
