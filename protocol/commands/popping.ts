import {
  messageRequestModeTable,
  queryAssignmentRequestBody,
  queryAssignmentResponseBody,
  setMessageRequestModeRequestBody,
} from '../model/assignment.ts';
import { batchAckMessageRequestBody } from '../model/batch-ack.ts';
import { storedMessages } from '../schema/body.ts';
import { command } from '../schema/command.ts';
import { boolean, int, long, millis, string } from '../schema/field.ts';
import { header } from '../schema/header.ts';
import { shaped } from '../schema/shape.ts';
import { topicFields } from './base-fields.ts';

const handleFields = {
  consumerGroup: string(),
  topic: string(),
  queueId: int(),
  /** The receipt handle, property POP_CK of the message. */
  extraInfo: string(),
  offset: long(),
};

/** Java: `PopMessageResponseHeader`. */
export const popResponseHeader = header('PopMessageResponseHeader', {
  popTime: millis(),
  invisibleTime: millis(),
  reviveQid: int(),
  /** Messages left in the queue. */
  restNum: long(),
  startOffsetInfo: string().optional(),
  msgOffsetInfo: string().optional(),
  orderCountInfo: string().optional(),
});

const waitingFields = { consumerGroup: string(), topic: string(), queueId: int() };

/** Pop consumption. The codes do not fit the binary header: these go as JSON only. */
export const poppingCommands = {
  popMessage: command({
    code: 200050,
    name: 'POP_MESSAGE',
    servedBy: 'broker',
    request: header('PopMessageRequestHeader', {
      consumerGroup: string(),
      topic: string(),
      queueId: int(),
      maxMsgNums: int(),
      invisibleTime: millis(),
      pollTime: millis(),
      bornTime: millis(),
      initMode: int(),
      expType: string().optional(),
      exp: string().optional(),
      order: boolean().optional(),
      attemptId: string().optional(),
      ...topicFields,
    }),
    response: popResponseHeader,
    responseBody: storedMessages,
  }),
  ackMessage: command({
    code: 200051,
    name: 'ACK_MESSAGE',
    servedBy: 'broker',
    idempotent: true,
    request: header('AckMessageRequestHeader', {
      ...handleFields,
      liteTopic: string().optional(),
      ...topicFields,
    }),
  }),
  /** Looks at messages without popping them. */
  peekMessage: command({
    code: 200052,
    name: 'PEEK_MESSAGE',
    servedBy: 'broker',
    idempotent: true,
    request: header('PeekMessageRequestHeader', {
      topic: string(),
      queueId: int(),
      maxMsgNums: int(),
      consumerGroup: string(),
      ...topicFields,
    }),
    response: popResponseHeader,
    responseBody: storedMessages,
  }),
  /** Waits until there is something to pop. */
  notification: command({
    code: 200054,
    name: 'NOTIFICATION',
    servedBy: 'broker',
    idempotent: true,
    request: header('NotificationRequestHeader', {
      ...waitingFields,
      pollTime: millis(),
      bornTime: millis(),
      order: boolean().optional(),
      attemptId: string().optional(),
      expType: string().optional(),
      /** Marked mandatory in 5.5; older servers do not know it. */
      exp: string().optional(),
      ...topicFields,
    }),
    response: header('NotificationResponseHeader', {
      hasMsg: boolean(),
      pollingFull: boolean().optional(),
    }),
  }),
  pollingInfo: command({
    code: 200055,
    name: 'POLLING_INFO',
    servedBy: 'broker',
    idempotent: true,
    request: header('PollingInfoRequestHeader', { ...waitingFields, ...topicFields }),
    response: header('PollingInfoResponseHeader', { pollingNum: int() }),
  }),
  /** Puts what was popped through RocksDB back to the file store. */
  popRollback: command({ code: 200056, name: 'POP_ROLLBACK', servedBy: 'broker' }),
  batchAckMessage: command({
    code: 200151,
    name: 'BATCH_ACK_MESSAGE',
    servedBy: 'broker',
    idempotent: true,
    requestBody: shaped(batchAckMessageRequestBody),
  }),
  changeMessageInvisibleTime: command({
    code: 200053,
    name: 'CHANGE_MESSAGE_INVISIBLETIME',
    servedBy: 'broker',
    request: header('ChangeInvisibleTimeRequestHeader', {
      ...handleFields,
      invisibleTime: millis(),
      liteTopic: string().optional(),
      suspend: boolean().optional(),
      ...topicFields,
    }),
    response: header('ChangeInvisibleTimeResponseHeader', {
      popTime: millis(),
      invisibleTime: millis(),
      reviveQid: int(),
    }),
  }),
  queryAssignment: command({
    code: 400,
    name: 'QUERY_ASSIGNMENT',
    servedBy: 'broker',
    idempotent: true,
    requestBody: shaped(queryAssignmentRequestBody),
    responseBody: shaped(queryAssignmentResponseBody),
  }),
  setMessageRequestMode: command({
    code: 401,
    name: 'SET_MESSAGE_REQUEST_MODE',
    servedBy: 'broker',
    idempotent: true,
    requestBody: shaped(setMessageRequestModeRequestBody),
  }),
  getAllMessageRequestMode: command({
    code: 402,
    name: 'GET_ALL_MESSAGE_REQUEST_MODE',
    servedBy: 'broker',
    idempotent: true,
    responseBody: shaped(messageRequestModeTable),
  }),
};
