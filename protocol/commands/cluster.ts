import { dataVersion } from '../model/data-version.ts';
import { getBrokerMemberGroupResponseBody, haRuntimeInfo } from '../model/high-availability.ts';
import { readTopicList, writeTopicList } from '../model/tables.ts';
import { readTopicRouteData, writeTopicRouteData } from '../model/topic-route-data.ts';
import { configText, json } from '../schema/body.ts';
import { command } from '../schema/command.ts';
import { boolean, int, long, string } from '../schema/field.ts';
import { header } from '../schema/header.ts';
import { shaped } from '../schema/shape.ts';
import { topicFields } from './base-fields.ts';

const fromNameServer = { servedBy: 'nameServer', idempotent: true } as const;
const topicList = json('TopicList', readTopicList, writeTopicList);

const haFields = {
  masterHaAddress: string().optional(),
  masterFlushOffset: long().optional(),
  masterAddress: string().optional(),
};

/** Name servers and brokers among themselves, and what administrators ask about them. */
export const clusterCommands = {
  registerTopicInNameServer: command({
    ...fromNameServer,
    code: 217,
    name: 'REGISTER_TOPIC_IN_NAMESRV',
    request: header('RegisterTopicRequestHeader', { topic: string(), ...topicFields }),
    requestBody: json('TopicRouteData', readTopicRouteData, writeTopicRouteData),
  }),
  getSystemTopicListFromNameServer: command({
    ...fromNameServer,
    code: 304,
    name: 'GET_SYSTEM_TOPIC_LIST_FROM_NS',
    responseBody: topicList,
  }),
  getUnitTopicList: command({
    ...fromNameServer,
    code: 311,
    name: 'GET_UNIT_TOPIC_LIST',
    responseBody: topicList,
  }),
  getHasUnitSubTopicList: command({
    ...fromNameServer,
    code: 312,
    name: 'GET_HAS_UNIT_SUB_TOPIC_LIST',
    responseBody: topicList,
  }),
  getHasUnitSubUnunitTopicList: command({
    ...fromNameServer,
    code: 313,
    name: 'GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST',
    responseBody: topicList,
  }),
  updateNameServerConfig: command({
    ...fromNameServer,
    code: 318,
    name: 'UPDATE_NAMESRV_CONFIG',
    requestBody: configText,
  }),
  queryDataVersion: command({
    ...fromNameServer,
    code: 322,
    name: 'QUERY_DATA_VERSION',
    request: header('QueryDataVersionRequestHeader', {
      brokerName: string(),
      brokerAddr: string(),
      clusterName: string(),
      brokerId: long(),
    }),
    response: header('QueryDataVersionResponseHeader', { changed: boolean() }),
    requestBody: shaped(dataVersion),
    responseBody: shaped(dataVersion),
  }),
  getBrokerMemberGroup: command({
    ...fromNameServer,
    code: 901,
    name: 'GET_BROKER_MEMBER_GROUP',
    request: header('GetBrokerMemberGroupRequestHeader', { clusterName: string(), brokerName: string() }),
    responseBody: shaped(getBrokerMemberGroupResponseBody),
  }),
  addBroker: command({
    code: 902,
    name: 'ADD_BROKER',
    servedBy: 'container',
    request: header('AddBrokerRequestHeader', { configPath: string().optional() }),
  }),
  removeBroker: command({
    code: 903,
    name: 'REMOVE_BROKER',
    servedBy: 'container',
    idempotent: true,
    request: header('RemoveBrokerRequestHeader', {
      brokerName: string(),
      brokerClusterName: string(),
      brokerId: long(),
    }),
  }),
  /** To name servers and to controllers. */
  brokerHeartbeat: command({
    ...fromNameServer,
    code: 904,
    name: 'BROKER_HEARTBEAT',
    request: header('BrokerHeartbeatRequestHeader', {
      clusterName: string(),
      brokerAddr: string(),
      brokerName: string(),
      brokerId: long().optional(),
      epoch: int().optional(),
      maxOffset: long().optional(),
      confirmOffset: long().optional(),
      heartbeatTimeoutMills: long().optional(),
      electionPriority: int().optional(),
    }),
  }),
  notifyMinBrokerIdChange: command({
    code: 905,
    name: 'NOTIFY_MIN_BROKER_ID_CHANGE',
    servedBy: 'broker',
    oneway: true,
    idempotent: true,
    request: header('NotifyMinBrokerIdChangeRequestHeader', {
      minBrokerId: long().optional(),
      brokerName: string().optional(),
      minBrokerAddr: string().optional(),
      offlineBrokerAddr: string().optional(),
      haBrokerAddr: string().optional(),
    }),
  }),
  exchangeBrokerHaInfo: command({
    code: 906,
    name: 'EXCHANGE_BROKER_HA_INFO',
    servedBy: 'broker',
    idempotent: true,
    request: header('ExchangeHAInfoRequestHeader', haFields),
    response: header('ExchangeHAInfoResponseHeader', haFields),
  }),
  getBrokerHaStatus: command({
    code: 907,
    name: 'GET_BROKER_HA_STATUS',
    servedBy: 'broker',
    idempotent: true,
    responseBody: shaped(haRuntimeInfo),
  }),
};
