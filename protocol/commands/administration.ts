import { consumeStats, topicStatsTable } from '../model/consume-stats.ts';
import { readConsumerStatusBody, writeConsumerStatusBody } from '../model/consumer-status.ts';
import { readResetOffsetBody, writeResetOffsetBody } from '../model/reset-offset.ts';
import { readGroupList, readKVTable, readTopicList, writeKVTable } from '../model/tables.ts';
import { subscriptionGroupConfig, subscriptionGroupTable } from '../model/subscription-group.ts';
import { topicConfigAndQueueMapping, topicConfigTable } from '../model/topic-config.ts';
import { configText, json } from '../schema/body.ts';
import { command } from '../schema/command.ts';
import { boolean, int, string } from '../schema/field.ts';
import { header } from '../schema/header.ts';
import { shaped } from '../schema/shape.ts';
import { rpcFields, topicFields } from './base-fields.ts';
import { consumerStatusRequestHeader, resetOffsetRequestHeader } from './client.ts';

const topicList = json('TopicList', readTopicList);

const paging =
  'Paging came with 5.3.3: requests without it are answered whole, and brokers before answer without a total';

/** Java: `CreateTopicRequestHeader`. */
export const createTopicRequestHeader = header('CreateTopicRequestHeader', {
  topic: string(),
  defaultTopic: string(),
  readQueueNums: int(),
  writeQueueNums: int(),
  perm: int(),
  topicFilterType: string(),
  topicSysFlag: int().optional(),
  order: boolean(),
  /** `+message.type=FIFO,-reserve.time` sets one attribute and deletes another; see `writeAttributeChanges`. */
  attributes: string().optional(),
  force: boolean().optional(),
  ...topicFields,
});

/** What administrators ask brokers. */
export const administrationCommands = {
  updateAndCreateTopic: command({
    code: 17,
    name: 'UPDATE_AND_CREATE_TOPIC',
    servedBy: 'broker',
    idempotent: true,
    request: createTopicRequestHeader,
  }),
  deleteTopicInBroker: command({
    code: 215,
    name: 'DELETE_TOPIC_IN_BROKER',
    servedBy: 'broker',
    idempotent: true,
    request: header('DeleteTopicRequestHeader', { topic: string(), ...topicFields }),
  }),
  getTopicConfig: command({
    code: 351,
    name: 'GET_TOPIC_CONFIG',
    servedBy: 'broker',
    idempotent: true,
    request: header('GetTopicConfigRequestHeader', { topic: string(), ...topicFields }),
    responseBody: shaped(topicConfigAndQueueMapping),
  }),
  getAllTopicConfig: command({
    code: 21,
    name: 'GET_ALL_TOPIC_CONFIG',
    servedBy: 'broker',
    idempotent: true,
    request: header(
      'GetAllTopicConfigRequestHeader',
      {
        topicSeq: int().optional(),
        dataVersion: string().optional(),
        maxTopicNum: int().optional(),
      },
      { topicSeq: paging },
    ),
    response: header('GetAllTopicConfigResponseHeader', { totalTopicNum: int().optional() }),
    responseBody: shaped(topicConfigTable),
  }),
  updateAndCreateSubscriptionGroup: command({
    code: 200,
    name: 'UPDATE_AND_CREATE_SUBSCRIPTIONGROUP',
    servedBy: 'broker',
    idempotent: true,
    requestBody: shaped(subscriptionGroupConfig),
  }),
  getSubscriptionGroupConfig: command({
    code: 352,
    name: 'GET_SUBSCRIPTIONGROUP_CONFIG',
    servedBy: 'broker',
    idempotent: true,
    request: header('GetSubscriptionGroupConfigRequestHeader', { group: string(), ...rpcFields }),
    responseBody: shaped(subscriptionGroupConfig),
  }),
  getAllSubscriptionGroupConfig: command({
    code: 201,
    name: 'GET_ALL_SUBSCRIPTIONGROUP_CONFIG',
    servedBy: 'broker',
    idempotent: true,
    request: header(
      'GetAllSubscriptionGroupRequestHeader',
      {
        groupSeq: int().optional(),
        dataVersion: string().optional(),
        maxGroupNum: int().optional(),
      },
      { groupSeq: paging },
    ),
    response: header(
      'GetAllSubscriptionGroupResponseHeader',
      { totalGroupNum: int().optional() },
      { totalGroupNum: paging },
    ),
    responseBody: shaped(subscriptionGroupTable),
  }),
  deleteSubscriptionGroup: command({
    code: 207,
    name: 'DELETE_SUBSCRIPTIONGROUP',
    servedBy: 'broker',
    idempotent: true,
    request: header(
      'DeleteSubscriptionGroupRequestHeader',
      {
        groupName: string(),
        cleanOffset: boolean().optional(),
        ...rpcFields,
      },
      {
        removeOffset:
          'Renamed to cleanOffset in 4.9.8 and 5.0; a server that does not know the name keeps the offsets, as without it',
      },
    ),
  }),
  getConsumeStats: command({
    code: 208,
    name: 'GET_CONSUME_STATS',
    servedBy: 'broker',
    idempotent: true,
    request: header('GetConsumeStatsRequestHeader', {
      consumerGroup: string(),
      topic: string().optional(),
      topicList: string().optional(),
      ...topicFields,
    }),
    responseBody: shaped(consumeStats),
  }),
  getTopicStatsInfo: command({
    code: 202,
    name: 'GET_TOPIC_STATS_INFO',
    servedBy: 'broker',
    idempotent: true,
    request: header('GetTopicStatsInfoRequestHeader', { topic: string(), ...topicFields }),
    responseBody: shaped(topicStatsTable),
  }),
  queryTopicConsumeByWho: command({
    code: 300,
    name: 'QUERY_TOPIC_CONSUME_BY_WHO',
    servedBy: 'broker',
    idempotent: true,
    request: header('QueryTopicConsumeByWhoRequestHeader', { topic: string(), ...topicFields }),
    responseBody: json('GroupList', readGroupList),
  }),
  queryTopicsByConsumer: command({
    code: 343,
    name: 'QUERY_TOPICS_BY_CONSUMER',
    servedBy: 'broker',
    idempotent: true,
    request: header('QueryTopicsByConsumerRequestHeader', { group: string(), ...rpcFields }),
    responseBody: topicList,
  }),
  invokeBrokerToResetOffset: command({
    code: 222,
    name: 'INVOKE_BROKER_TO_RESET_OFFSET',
    servedBy: 'broker',
    idempotent: true,
    request: resetOffsetRequestHeader,
    responseBody: json('ResetOffsetBody', readResetOffsetBody, writeResetOffsetBody),
  }),
  invokeBrokerToGetConsumerStatus: command({
    code: 223,
    name: 'INVOKE_BROKER_TO_GET_CONSUMER_STATUS',
    servedBy: 'broker',
    idempotent: true,
    request: consumerStatusRequestHeader,
    responseBody: json('GetConsumerStatusBody', readConsumerStatusBody, writeConsumerStatusBody),
  }),
  cloneGroupOffset: command({
    code: 314,
    name: 'CLONE_GROUP_OFFSET',
    servedBy: 'broker',
    request: header('CloneGroupOffsetRequestHeader', {
      srcGroup: string(),
      destGroup: string(),
      topic: string().optional(),
      offline: boolean().optional(),
      ...rpcFields,
    }),
  }),
  getBrokerRuntimeInfo: command({
    code: 28,
    name: 'GET_BROKER_RUNTIME_INFO',
    servedBy: 'broker',
    idempotent: true,
    responseBody: json('KVTable', readKVTable, writeKVTable),
  }),
  getBrokerConfig: command({
    code: 26,
    name: 'GET_BROKER_CONFIG',
    servedBy: 'broker',
    idempotent: true,
    response: header(
      'GetBrokerConfigResponseHeader',
      { version: string().optional() },
      { version: 'A broker that fails answers without it; the mark is only checked by the reader' },
    ),
    responseBody: configText,
  }),
  getSystemTopicListFromBroker: command({
    code: 305,
    name: 'GET_SYSTEM_TOPIC_LIST_FROM_BROKER',
    servedBy: 'broker',
    idempotent: true,
    responseBody: topicList,
  }),
};
