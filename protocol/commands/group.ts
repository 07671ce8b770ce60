import { readCheckClientRequest, writeCheckClientRequest } from '../model/check-client.ts';
import {
  readConsumerConnection,
  readProducerConnection,
  writeConsumerConnection,
  writeProducerConnection,
} from '../model/consumer-connection.ts';
import { readHeartbeatData, writeHeartbeatData } from '../model/heartbeat-data.ts';
import {
  readLockBatchRequest,
  readLockBatchResponse,
  writeLockBatchRequest,
  writeLockBatchResponse,
} from '../model/lock.ts';
import { readConsumerIds } from '../model/tables.ts';
import { json } from '../schema/body.ts';
import { command } from '../schema/command.ts';
import { boolean, int, long, string } from '../schema/field.ts';
import { header } from '../schema/header.ts';
import { rpcFields, topicFields } from './base-fields.ts';

/** Membership, offsets and locks of groups. */
export const groupCommands = {
  heartBeat: command({
    code: 34,
    name: 'HEART_BEAT',
    servedBy: 'broker',
    idempotent: true,
    request: header('HeartbeatRequestHeader', { ...rpcFields }),
    response: header(
      'HeartbeatResponse',
      {
        supportsHeartbeatV2: boolean('IS_SUPPORT_HEART_BEAT_V2').optional(),
        /** The broker noticed a changed subscription; the next heartbeat must carry everything. */
        subscriptionChanged: boolean('IS_SUB_CHANGE').optional(),
      },
      'Java has no class for it: the broker puts the fields into the map',
    ),
    requestBody: json('HeartbeatData', readHeartbeatData, writeHeartbeatData),
  }),
  unregisterClient: command({
    code: 35,
    name: 'UNREGISTER_CLIENT',
    servedBy: 'broker',
    idempotent: true,
    request: header('UnregisterClientRequestHeader', {
      clientID: string(),
      producerGroup: string().optional(),
      consumerGroup: string().optional(),
      ...rpcFields,
    }),
  }),
  /** A failed message goes back, to come again later or to the dead-letter topic. */
  consumerSendMsgBack: command({
    code: 36,
    name: 'CONSUMER_SEND_MSG_BACK',
    servedBy: 'broker',
    request: header('ConsumerSendMsgBackRequestHeader', {
      /** Commit-log offset of the message. */
      offset: long(),
      group: string(),
      /** 0 the broker decides, negative straight to the dead-letter topic. */
      delayLevel: int(),
      originMsgId: string().optional(),
      originTopic: string().optional(),
      unitMode: boolean(),
      maxReconsumeTimes: int().optional(),
      ...rpcFields,
    }),
  }),
  getConsumerListByGroup: command({
    code: 38,
    name: 'GET_CONSUMER_LIST_BY_GROUP',
    servedBy: 'broker',
    idempotent: true,
    request: header('GetConsumerListByGroupRequestHeader', { consumerGroup: string(), ...rpcFields }),
    responseBody: json('GetConsumerListByGroupResponseBody', readConsumerIds),
  }),
  queryConsumerOffset: command({
    code: 14,
    name: 'QUERY_CONSUMER_OFFSET',
    servedBy: 'broker',
    idempotent: true,
    request: header('QueryConsumerOffsetRequestHeader', {
      consumerGroup: string(),
      topic: string(),
      queueId: int(),
      setZeroIfNotFound: boolean().optional(),
      ...topicFields,
    }),
    response: header('QueryConsumerOffsetResponseHeader', { offset: long() }),
  }),
  /** Java sends it one-way; it may be sent two-way too. */
  updateConsumerOffset: command({
    code: 15,
    name: 'UPDATE_CONSUMER_OFFSET',
    servedBy: 'broker',
    idempotent: true,
    request: header('UpdateConsumerOffsetRequestHeader', {
      consumerGroup: string(),
      topic: string(),
      queueId: int(),
      commitOffset: long(),
      ...topicFields,
    }),
  }),
  lockBatchMq: command({
    code: 41,
    name: 'LOCK_BATCH_MQ',
    servedBy: 'broker',
    idempotent: true,
    request: header('LockBatchMqRequestHeader', { ...rpcFields }),
    requestBody: json('LockBatchRequestBody', readLockBatchRequest, writeLockBatchRequest),
    responseBody: json('LockBatchResponseBody', readLockBatchResponse, writeLockBatchResponse),
  }),
  unlockBatchMq: command({
    code: 42,
    name: 'UNLOCK_BATCH_MQ',
    servedBy: 'broker',
    idempotent: true,
    request: header('UnlockBatchMqRequestHeader', { ...rpcFields }),
    requestBody: json('UnlockBatchRequestBody', readLockBatchRequest, writeLockBatchRequest),
  }),
  /** Asks the broker to compile a filter before it is used. */
  checkClientConfig: command({
    code: 46,
    name: 'CHECK_CLIENT_CONFIG',
    servedBy: 'broker',
    idempotent: true,
    requestBody: json('CheckClientRequestBody', readCheckClientRequest, writeCheckClientRequest),
  }),
  getConsumerConnectionList: command({
    code: 203,
    name: 'GET_CONSUMER_CONNECTION_LIST',
    servedBy: 'broker',
    idempotent: true,
    request: header('GetConsumerConnectionListRequestHeader', { consumerGroup: string(), ...rpcFields }),
    responseBody: json('ConsumerConnection', readConsumerConnection, writeConsumerConnection),
  }),
  getProducerConnectionList: command({
    code: 204,
    name: 'GET_PRODUCER_CONNECTION_LIST',
    servedBy: 'broker',
    idempotent: true,
    request: header('GetProducerConnectionListRequestHeader', { producerGroup: string(), ...rpcFields }),
    responseBody: json('ProducerConnection', readProducerConnection, writeProducerConnection),
  }),
};
