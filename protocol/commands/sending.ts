import { batchMembers, messageBody } from '../schema/body.ts';
import { command } from '../schema/command.ts';
import { boolean, int, long, millis, string } from '../schema/field.ts';
import { header } from '../schema/header.ts';
import { rpcFields, topicFields } from './base-fields.ts';

const sendRequestFields = {
  producerGroup: string(),
  topic: string(),
  defaultTopic: string(),
  defaultTopicQueueNums: int(),
  queueId: int(),
  sysFlag: int(),
  bornTimestamp: millis(),
  flag: int(),
  properties: string().optional(),
  reconsumeTimes: int().optional(),
  unitMode: boolean().optional(),
};

/** Java: `SendMessageRequestHeader`. */
export const sendRequestHeader = header('SendMessageRequestHeader', {
  ...sendRequestFields,
  batch: boolean().optional(),
  maxReconsumeTimes: int().optional(),
  ...topicFields,
});

const inherited = "Java's own encoder of this header leaves it out; the name of the broker travels as n";

/** The same with names of one letter on the wire. Java: `SendMessageRequestHeaderV2`. */
export const sendRequestHeaderV2 = header(
  'SendMessageRequestHeaderV2',
  {
    producerGroup: string('a'),
    topic: string('b'),
    defaultTopic: string('c'),
    defaultTopicQueueNums: int('d'),
    /** Negative: the broker picks a queue. */
    queueId: int('e'),
    sysFlag: int('f'),
    bornTimestamp: millis('g'),
    flag: int('h'),
    /** Encoded by `encodeProperties`. */
    properties: string('i').optional(),
    reconsumeTimes: int('j').optional(),
    unitMode: boolean('k').optional(),
    maxReconsumeTimes: int('l').optional(),
    batch: boolean('m').optional(),
    brokerName: string('n').optional(),
    namespace: rpcFields.namespace,
    namespaced: rpcFields.namespaced,
  },
  { bname: inherited, lo: inherited, oway: inherited },
);

const besides = 'Java puts it into the map beside the header';

/** Where the message was stored. Java: `SendMessageResponseHeader`. */
export const sendResponseHeader = header(
  'SendMessageResponseHeader',
  {
    /** The offset id; of a batch all of them, separated by commas. */
    msgId: string(),
    queueId: int(),
    queueOffset: long(),
    transactionId: string().optional(),
    batchUniqId: string().optional(),
    recallHandle: string().optional(),
    regionId: string('MSG_REGION').optional(),
    traceOn: boolean('TRACE_ON').optional(),
  },
  { MSG_REGION: besides, TRACE_ON: besides },
);

/** Requests that store or recall messages. Codes 10, 11 and 12 of an answer also mean that the message is stored. */
export const sendingCommands = {
  sendMessage: command({
    code: 10,
    name: 'SEND_MESSAGE',
    servedBy: 'broker',
    request: sendRequestHeader,
    response: sendResponseHeader,
    requestBody: messageBody,
  }),
  sendMessageV2: command({
    code: 310,
    name: 'SEND_MESSAGE_V2',
    servedBy: 'broker',
    request: sendRequestHeaderV2,
    response: sendResponseHeader,
    requestBody: messageBody,
  }),
  /** The body is made by `encodeBatch`, `batch` is true. */
  sendBatchMessage: command({
    code: 320,
    name: 'SEND_BATCH_MESSAGE',
    servedBy: 'broker',
    request: sendRequestHeaderV2,
    response: sendResponseHeader,
    requestBody: batchMembers,
  }),
  sendReplyMessage: command({
    code: 324,
    name: 'SEND_REPLY_MESSAGE',
    servedBy: 'broker',
    request: sendRequestHeader,
    response: sendResponseHeader,
    requestBody: messageBody,
  }),
  sendReplyMessageV2: command({
    code: 325,
    name: 'SEND_REPLY_MESSAGE_V2',
    servedBy: 'broker',
    request: sendRequestHeaderV2,
    response: sendResponseHeader,
    requestBody: messageBody,
  }),
  /** Ends a transaction; the reason travels as remark. `fromTransactionCheck` must always be given. */
  endTransaction: command({
    code: 37,
    name: 'END_TRANSACTION',
    servedBy: 'broker',
    oneway: true,
    request: header(
      'EndTransactionRequestHeader',
      {
        topic: string().optional(),
        producerGroup: string(),
        tranStateTableOffset: long(),
        commitLogOffset: long(),
        /** 8 commit, 12 roll back, 0 not known yet. */
        commitOrRollback: int(),
        fromTransactionCheck: boolean(),
        msgId: string(),
        transactionId: string().optional(),
        ...rpcFields,
      },
      { fromTransactionCheck: 'Java gives it a value from the start, so that every Java client writes it' },
    ),
    response: header('EndTransactionResponseHeader', {}),
  }),
  /** Withdraws a timed message that is not delivered yet. */
  recallMessage: command({
    code: 370,
    name: 'RECALL_MESSAGE',
    servedBy: 'broker',
    request: header('RecallMessageRequestHeader', {
      producerGroup: string().optional(),
      topic: string(),
      recallHandle: string(),
      ...topicFields,
    }),
    response: header('RecallMessageResponseHeader', { msgId: string() }),
  }),
};

/** Java: `ReplyMessageRequestHeader`. */
export const replyRequestHeader = header('ReplyMessageRequestHeader', {
  ...sendRequestFields,
  bornHost: string(),
  storeHost: string(),
  storeTimestamp: millis(),
  ...topicFields,
});
