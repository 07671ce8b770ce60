import { storedMessages } from '../schema/body.ts';
import { command } from '../schema/command.ts';
import { boolean, boundary, int, long, millis, string } from '../schema/field.ts';
import { header } from '../schema/header.ts';
import { topicFields } from './base-fields.ts';

/** Java: `PullMessageRequestHeader`. */
export const pullRequestHeader = header('PullMessageRequestHeader', {
  consumerGroup: string(),
  topic: string(),
  liteTopic: string().optional(),
  queueId: int(),
  queueOffset: long(),
  maxMsgNums: int(),
  /** Bits of `PullSysFlag`. */
  sysFlag: int(),
  /** Stored for the group when `sysFlag` says so. */
  commitOffset: long(),
  /** How long the broker may hold the request, milliseconds. */
  suspendTimeoutMillis: millis(),
  subscription: string().optional(),
  subVersion: millis(),
  expressionType: string().optional(),
  maxMsgBytes: int().optional(),
  requestSource: int().optional(),
  proxyFrowardClientId: string().optional(),
  ...topicFields,
});

/** Java: `PullMessageResponseHeader`. */
export const pullResponseHeader = header('PullMessageResponseHeader', {
  suggestWhichBrokerId: long(),
  nextBeginOffset: long(),
  minOffset: long(),
  maxOffset: long(),
  /** To be added to the offsets of the messages; logical queues only. */
  offsetDelta: long().optional(),
  topicSysFlag: int().optional(),
  groupSysFlag: int().optional(),
  /** With code 16: 1 broker, 2 group, 3 topic, 4 broadcasting, 5 subscription. */
  forbiddenType: int().optional(),
});

const queueFields = { topic: string(), queueId: int() };

/** Requests that read messages and the extent of queues. */
export const pullingCommands = {
  pullMessage: command({
    code: 11,
    name: 'PULL_MESSAGE',
    servedBy: 'broker',
    idempotent: true,
    request: pullRequestHeader,
    response: pullResponseHeader,
    responseBody: storedMessages,
  }),
  litePullMessage: command({
    code: 361,
    name: 'LITE_PULL_MESSAGE',
    servedBy: 'broker',
    idempotent: true,
    request: pullRequestHeader,
    response: pullResponseHeader,
    responseBody: storedMessages,
  }),
  queryMessage: command({
    code: 12,
    name: 'QUERY_MESSAGE',
    servedBy: 'broker',
    idempotent: true,
    request: header(
      'QueryMessageRequestHeader',
      {
        topic: string(),
        key: string(),
        maxNum: int(),
        beginTimestamp: millis(),
        endTimestamp: millis(),
        /** K key, U unique id, T tag; from 5.5 on. */
        indexType: string().optional(),
        /** Where a query in pages goes on; from 5.5 on. */
        lastKey: string().optional(),
        uniqueKeyQuery: boolean('_UNIQUE_KEY_QUERY').optional(),
        ...topicFields,
      },
      { _UNIQUE_KEY_QUERY: 'Java puts it into the map beside the header (MixAll.UNIQUE_MSG_QUERY_FLAG)' },
    ),
    response: header('QueryMessageResponseHeader', {
      indexLastUpdateTimestamp: millis(),
      indexLastUpdatePhyoffset: long(),
    }),
    responseBody: storedMessages,
  }),
  searchOffsetByTimestamp: command({
    code: 29,
    name: 'SEARCH_OFFSET_BY_TIMESTAMP',
    servedBy: 'broker',
    idempotent: true,
    request: header('SearchOffsetRequestHeader', {
      ...queueFields,
      liteTopic: string().optional(),
      timestamp: millis(),
      boundaryType: boundary().optional(),
      ...topicFields,
    }),
    response: header('SearchOffsetResponseHeader', { offset: long() }),
  }),
  getMaxOffset: command({
    code: 30,
    name: 'GET_MAX_OFFSET',
    servedBy: 'broker',
    idempotent: true,
    request: header('GetMaxOffsetRequestHeader', {
      ...queueFields,
      committed: boolean().optional(),
      ...topicFields,
    }),
    response: header('GetMaxOffsetResponseHeader', { offset: long() }),
  }),
  getMinOffset: command({
    code: 31,
    name: 'GET_MIN_OFFSET',
    servedBy: 'broker',
    idempotent: true,
    request: header('GetMinOffsetRequestHeader', { ...queueFields, ...topicFields }),
    response: header('GetMinOffsetResponseHeader', { offset: long() }),
  }),
  getEarliestMsgStoretime: command({
    code: 32,
    name: 'GET_EARLIEST_MSG_STORETIME',
    servedBy: 'broker',
    idempotent: true,
    request: header('GetEarliestMsgStoretimeRequestHeader', { ...queueFields, ...topicFields }),
    response: header('GetEarliestMsgStoretimeResponseHeader', { timestamp: millis() }),
  }),
  viewMessageById: command({
    code: 33,
    name: 'VIEW_MESSAGE_BY_ID',
    servedBy: 'broker',
    idempotent: true,
    request: header('ViewMessageRequestHeader', { topic: string().optional(), offset: long() }),
    responseBody: storedMessages,
  }),
};
