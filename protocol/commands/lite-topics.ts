import {
  brokerLiteInfo,
  liteClientInfo,
  liteGroupInfo,
  liteSubscriptionControl,
  liteTopicInfo,
  parentTopicInfo,
} from '../model/lite-topic.ts';
import { storedMessages } from '../schema/body.ts';
import { command } from '../schema/command.ts';
import { int, millis, string } from '../schema/field.ts';
import { header } from '../schema/header.ts';
import { shaped } from '../schema/shape.ts';
import { rpcFields } from './base-fields.ts';

const reading = { servedBy: 'broker', idempotent: true } as const;

/** Lite topics of 5.5: many small queues under one parent topic. Read from the classes of 5.5.0. */
export const liteTopicCommands = {
  popLiteMessage: command({
    code: 200070,
    name: 'POP_LITE_MESSAGE',
    servedBy: 'broker',
    request: header('PopLiteMessageRequestHeader', {
      clientId: string(),
      consumerGroup: string(),
      topic: string(),
      maxMsgNum: int(),
      invisibleTime: millis(),
      pollTime: millis(),
      bornTime: millis(),
      attemptId: string().optional(),
      ...rpcFields,
    }),
    response: header('PopLiteMessageResponseHeader', {
      popTime: millis(),
      invisibleTime: millis(),
      reviveQid: int(),
      startOffsetInfo: string().optional(),
      msgOffsetInfo: string().optional(),
      orderCountInfo: string().optional(),
    }),
    responseBody: storedMessages,
  }),
  liteSubscriptionControl: command({
    code: 200071,
    name: 'LITE_SUBSCRIPTION_CTL',
    servedBy: 'broker',
    idempotent: true,
    request: header('LiteSubscriptionCtlRequestHeader', { ...rpcFields }),
    requestBody: shaped(liteSubscriptionControl),
  }),
  ackLiteMessage: command({
    code: 200072,
    name: 'ACK_LITE_MESSAGE',
    servedBy: 'broker',
    idempotent: true,
    note: 'No class of 5.5.0 is named after it; clients acknowledge by ACK_MESSAGE with liteTopic',
  }),
  notifyUnsubscribeLite: command({
    code: 200073,
    name: 'NOTIFY_UNSUBSCRIBE_LITE',
    servedBy: 'client',
    oneway: true,
    idempotent: true,
    request: header('NotifyUnsubscribeLiteRequestHeader', {
      liteTopic: string(),
      consumerGroup: string(),
      clientId: string(),
      ...rpcFields,
    }),
  }),
  getBrokerLiteInfo: command({
    ...reading,
    code: 200074,
    name: 'GET_BROKER_LITE_INFO',
    responseBody: shaped(brokerLiteInfo),
  }),
  getParentTopicInfo: command({
    ...reading,
    code: 200075,
    name: 'GET_PARENT_TOPIC_INFO',
    request: header('GetParentTopicInfoRequestHeader', { topic: string() }),
    responseBody: shaped(parentTopicInfo),
  }),
  getLiteTopicInfo: command({
    ...reading,
    code: 200076,
    name: 'GET_LITE_TOPIC_INFO',
    request: header('GetLiteTopicInfoRequestHeader', {
      parentTopic: string().optional(),
      liteTopic: string().optional(),
    }),
    responseBody: shaped(liteTopicInfo),
  }),
  getLiteClientInfo: command({
    ...reading,
    code: 200077,
    name: 'GET_LITE_CLIENT_INFO',
    request: header('GetLiteClientInfoRequestHeader', {
      parentTopic: string().optional(),
      group: string().optional(),
      clientId: string().optional(),
      maxCount: int().optional(),
    }),
    responseBody: shaped(liteClientInfo),
  }),
  getLiteGroupInfo: command({
    ...reading,
    code: 200078,
    name: 'GET_LITE_GROUP_INFO',
    request: header('GetLiteGroupInfoRequestHeader', {
      group: string(),
      liteTopic: string().optional(),
      topK: int().optional(),
    }),
    responseBody: shaped(liteGroupInfo),
  }),
  triggerLiteDispatch: command({
    code: 200079,
    name: 'TRIGGER_LITE_DISPATCH',
    servedBy: 'broker',
    idempotent: true,
    request: header('TriggerLiteDispatchRequestHeader', { group: string(), clientId: string().optional() }),
  }),
};
