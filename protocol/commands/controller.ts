import {
  brokerReplicasInfo,
  electMasterResponseBody,
  epochEntryCache,
  syncStateSet,
} from '../model/high-availability.ts';
import { readTextList, writeTextList } from '../model/tables.ts';
import { configText, json } from '../schema/body.ts';
import { command } from '../schema/command.ts';
import { boolean, int, long, millis, string } from '../schema/field.ts';
import { header } from '../schema/header.ts';
import { shaped } from '../schema/shape.ts';

const controller = { servedBy: 'controller' } as const;
const reading = { servedBy: 'controller', idempotent: true } as const;

const broker = { clusterName: string().optional(), brokerName: string().optional() };
const master = {
  masterBrokerId: long().optional(),
  masterAddress: string().optional(),
  masterEpoch: int().optional(),
};
const invokeTime = millis().optional();

/** Controllers of 5.x, which elect masters. */
export const controllerCommands = {
  alterSyncStateSet: command({
    ...controller,
    code: 1001,
    name: 'CONTROLLER_ALTER_SYNC_STATE_SET',
    request: header('AlterSyncStateSetRequestHeader', {
      brokerName: string().optional(),
      masterBrokerId: long().optional(),
      masterEpoch: int().optional(),
      invokeTime,
    }),
    response: header('AlterSyncStateSetResponseHeader', { newSyncStateSetEpoch: int().optional() }),
    requestBody: shaped(syncStateSet),
    responseBody: shaped(syncStateSet),
  }),
  electMaster: command({
    ...controller,
    code: 1002,
    name: 'CONTROLLER_ELECT_MASTER',
    request: header('ElectMasterRequestHeader', {
      clusterName: string(),
      brokerName: string(),
      /** -1 any broker. */
      brokerId: long(),
      designateElect: boolean(),
      invokeTime,
    }),
    response: header('ElectMasterResponseHeader', { ...master, syncStateSetEpoch: int().optional() }),
    responseBody: shaped(electMasterResponseBody),
  }),
  registerBrokerToController: command({
    ...controller,
    code: 1003,
    name: 'CONTROLLER_REGISTER_BROKER',
    request: header('RegisterBrokerToControllerRequestHeader', {
      ...broker,
      brokerId: long().optional(),
      brokerAddress: string().optional(),
      invokeTime,
    }),
    response: header('RegisterBrokerToControllerResponseHeader', {
      ...broker,
      ...master,
      syncStateSetEpoch: int().optional(),
    }),
    responseBody: shaped(syncStateSet),
  }),
  getReplicaInfo: command({
    ...reading,
    code: 1004,
    name: 'CONTROLLER_GET_REPLICA_INFO',
    request: header('GetReplicaInfoRequestHeader', { brokerName: string().optional() }),
    response: header('GetReplicaInfoResponseHeader', master),
    responseBody: shaped(syncStateSet),
  }),
  getControllerMetadataInfo: command({
    ...reading,
    code: 1005,
    name: 'CONTROLLER_GET_METADATA_INFO',
    response: header('GetMetaDataResponseHeader', {
      group: string().optional(),
      controllerLeaderId: string().optional(),
      controllerLeaderAddress: string().optional(),
      isLeader: boolean().optional(),
      /** `n0-host:port;n1-host:port`. */
      peers: string().optional(),
    }),
  }),
  /** The body names brokers. */
  getControllerSyncStateData: command({
    ...reading,
    code: 1006,
    name: 'CONTROLLER_GET_SYNC_STATE_DATA',
    requestBody: json('String[]', readTextList, writeTextList),
    responseBody: shaped(brokerReplicasInfo),
  }),
  getBrokerEpochCache: command({
    ...reading,
    servedBy: 'broker',
    code: 1007,
    name: 'GET_BROKER_EPOCH_CACHE',
    responseBody: shaped(epochEntryCache),
  }),
  notifyBrokerRoleChanged: command({
    code: 1008,
    name: 'NOTIFY_BROKER_ROLE_CHANGED',
    servedBy: 'broker',
    oneway: true,
    request: header('NotifyBrokerRoleChangedRequestHeader', {
      masterAddress: string().optional(),
      masterEpoch: int().optional(),
      syncStateSetEpoch: int().optional(),
      masterBrokerId: long().optional(),
    }),
    requestBody: shaped(syncStateSet),
  }),
  updateControllerConfig: command({
    ...reading,
    code: 1009,
    name: 'UPDATE_CONTROLLER_CONFIG',
    requestBody: configText,
  }),
  getControllerConfig: command({
    ...reading,
    code: 1010,
    name: 'GET_CONTROLLER_CONFIG',
    responseBody: configText,
  }),
  cleanControllerBrokerData: command({
    ...reading,
    code: 1011,
    name: 'CLEAN_BROKER_DATA',
    request: header('CleanControllerBrokerDataRequestHeader', {
      clusterName: string().optional(),
      brokerName: string(),
      /** Ids separated by semicolons; all when it is not given. */
      brokerControllerIdsToClean: string().optional(),
      isCleanLivingBroker: boolean().optional(),
      invokeTime,
    }),
  }),
  getNextBrokerId: command({
    ...reading,
    code: 1012,
    name: 'CONTROLLER_GET_NEXT_BROKER_ID',
    request: header('GetNextBrokerIdRequestHeader', broker),
    response: header('GetNextBrokerIdResponseHeader', { ...broker, nextBrokerId: long().optional() }),
  }),
  applyBrokerId: command({
    ...controller,
    code: 1013,
    name: 'CONTROLLER_APPLY_BROKER_ID',
    request: header('ApplyBrokerIdRequestHeader', {
      ...broker,
      appliedBrokerId: long().optional(),
      registerCheckCode: string().optional(),
    }),
    response: header('ApplyBrokerIdResponseHeader', broker),
  }),
};
