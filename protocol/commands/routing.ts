import { readClusterInfo, writeClusterInfo } from '../model/cluster-info.ts';
import { readKVTable, readTopicList, writeKVTable } from '../model/tables.ts';
import { readTopicRouteData, writeTopicRouteData } from '../model/topic-route-data.ts';
import { bytes, configText, json } from '../schema/body.ts';
import { command } from '../schema/command.ts';
import { boolean, int, long, string } from '../schema/field.ts';
import { header } from '../schema/header.ts';
import { topicFields } from './base-fields.ts';

const kvTable = json('KVTable', readKVTable, writeKVTable);
const topicList = json('TopicList', readTopicList);

/** What name servers answer. */
export const routingCommands = {
  /** Where a topic lives. */
  getRouteInfoByTopic: command({
    code: 105,
    name: 'GET_ROUTEINFO_BY_TOPIC',
    servedBy: 'nameServer',
    idempotent: true,
    request: header('GetRouteInfoRequestHeader', {
      topic: string(),
      acceptStandardJsonOnly: boolean().optional(),
      ...topicFields,
    }),
    responseBody: json('TopicRouteData', readTopicRouteData, writeTopicRouteData),
  }),
  /** All clusters and brokers. */
  getBrokerClusterInfo: command({
    code: 106,
    name: 'GET_BROKER_CLUSTER_INFO',
    servedBy: 'nameServer',
    idempotent: true,
    responseBody: json('ClusterInfo', readClusterInfo, writeClusterInfo),
  }),
  putKVConfig: command({
    code: 100,
    name: 'PUT_KV_CONFIG',
    servedBy: 'nameServer',
    request: header('PutKVConfigRequestHeader', { namespace: string(), key: string(), value: string() }),
  }),
  getKVConfig: command({
    code: 101,
    name: 'GET_KV_CONFIG',
    servedBy: 'nameServer',
    idempotent: true,
    request: header('GetKVConfigRequestHeader', { namespace: string(), key: string() }),
    response: header('GetKVConfigResponseHeader', { value: string().optional() }),
  }),
  deleteKVConfig: command({
    code: 102,
    name: 'DELETE_KV_CONFIG',
    servedBy: 'nameServer',
    request: header('DeleteKVConfigRequestHeader', { namespace: string(), key: string() }),
  }),
  getKVListByNamespace: command({
    code: 219,
    name: 'GET_KVLIST_BY_NAMESPACE',
    servedBy: 'nameServer',
    idempotent: true,
    request: header('GetKVListByNamespaceRequestHeader', { namespace: string() }),
    responseBody: kvTable,
  }),
  getAllTopicListFromNameServer: command({
    code: 206,
    name: 'GET_ALL_TOPIC_LIST_FROM_NAMESERVER',
    servedBy: 'nameServer',
    idempotent: true,
    responseBody: topicList,
  }),
  getTopicsByCluster: command({
    code: 224,
    name: 'GET_TOPICS_BY_CLUSTER',
    servedBy: 'nameServer',
    idempotent: true,
    request: header('GetTopicsByClusterRequestHeader', { cluster: string() }),
    responseBody: topicList,
  }),
  deleteTopicInNameServer: command({
    code: 216,
    name: 'DELETE_TOPIC_IN_NAMESRV',
    servedBy: 'nameServer',
    request: header('DeleteTopicFromNamesrvRequestHeader', {
      topic: string(),
      clusterName: string().optional(),
      ...topicFields,
    }),
  }),
  wipeWritePermOfBroker: command({
    code: 205,
    name: 'WIPE_WRITE_PERM_OF_BROKER',
    servedBy: 'nameServer',
    request: header('WipeWritePermOfBrokerRequestHeader', { brokerName: string() }),
    response: header('WipeWritePermOfBrokerResponseHeader', { wipeTopicCount: int() }),
  }),
  addWritePermOfBroker: command({
    code: 327,
    name: 'ADD_WRITE_PERM_OF_BROKER',
    servedBy: 'nameServer',
    request: header('AddWritePermOfBrokerRequestHeader', { brokerName: string() }),
    response: header('AddWritePermOfBrokerResponseHeader', { addTopicCount: int() }),
  }),
  getNameServerConfig: command({
    code: 319,
    name: 'GET_NAMESRV_CONFIG',
    servedBy: 'nameServer',
    idempotent: true,
    responseBody: configText,
  }),
  /** Sent by brokers; the body may be compressed. */
  registerBroker: command({
    code: 103,
    name: 'REGISTER_BROKER',
    servedBy: 'nameServer',
    idempotent: true,
    request: header('RegisterBrokerRequestHeader', {
      brokerName: string(),
      brokerAddr: string(),
      clusterName: string(),
      haServerAddr: string(),
      brokerId: long(),
      heartbeatTimeoutMillis: long().optional(),
      enableActingMaster: boolean().optional(),
      compressed: boolean().optional(),
      bodyCrc32: int().optional(),
    }),
    response: header('RegisterBrokerResponseHeader', {
      haServerAddr: string().optional(),
      masterAddr: string().optional(),
    }),
    requestBody: bytes,
    responseBody: kvTable,
  }),
  /** Sent by brokers. */
  unregisterBroker: command({
    code: 104,
    name: 'UNREGISTER_BROKER',
    servedBy: 'nameServer',
    idempotent: true,
    request: header('UnRegisterBrokerRequestHeader', {
      brokerName: string(),
      brokerAddr: string(),
      clusterName: string(),
      brokerId: long(),
    }),
    requestBody: bytes,
  }),
};
