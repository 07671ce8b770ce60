import { bytes, none } from '../schema/body.ts';
import { command } from '../schema/command.ts';
import { boolean, int, long, millis, string } from '../schema/field.ts';
import { header, noHeader } from '../schema/header.ts';
import { document, topicFields } from './base-fields.ts';

const handleFields = {
  consumerGroup: string(),
  topic: string(),
  queueId: int(),
  /** The receipt handle, property POP_CK of the message. */
  extraInfo: string(),
  offset: long(),
};

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
    response: header('PopMessageResponseHeader', {
      popTime: millis(),
      invisibleTime: millis(),
      reviveQid: int(),
      restNum: long(),
      startOffsetInfo: string().optional(),
      msgOffsetInfo: string().optional(),
      orderCountInfo: string().optional(),
    }),
    requestBody: none,
    responseBody: bytes,
  }),
  ackMessage: command({
    code: 200051,
    name: 'ACK_MESSAGE',
    servedBy: 'broker',
    idempotent: true,
    request: header('AckMessageRequestHeader', { ...handleFields, ...topicFields }),
    response: noHeader,
    requestBody: none,
    responseBody: none,
  }),
  batchAckMessage: command({
    code: 200151,
    name: 'BATCH_ACK_MESSAGE',
    servedBy: 'broker',
    idempotent: true,
    request: noHeader,
    response: noHeader,
    requestBody: document('BatchAckMessageRequestBody'),
    responseBody: none,
  }),
  changeMessageInvisibleTime: command({
    code: 200053,
    name: 'CHANGE_MESSAGE_INVISIBLETIME',
    servedBy: 'broker',
    request: header('ChangeInvisibleTimeRequestHeader', {
      ...handleFields,
      invisibleTime: millis(),
      ...topicFields,
    }),
    response: header('ChangeInvisibleTimeResponseHeader', {
      popTime: millis(),
      invisibleTime: millis(),
      reviveQid: int(),
    }),
    requestBody: none,
    responseBody: none,
  }),
  queryAssignment: command({
    code: 400,
    name: 'QUERY_ASSIGNMENT',
    servedBy: 'broker',
    idempotent: true,
    request: noHeader,
    response: noHeader,
    requestBody: document('QueryAssignmentRequestBody'),
    responseBody: document('QueryAssignmentResponseBody'),
  }),
  setMessageRequestMode: command({
    code: 401,
    name: 'SET_MESSAGE_REQUEST_MODE',
    servedBy: 'broker',
    idempotent: true,
    request: noHeader,
    response: noHeader,
    requestBody: document('SetMessageRequestModeRequestBody'),
    responseBody: none,
  }),
};
