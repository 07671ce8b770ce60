import { groupForbidden, subscriptionGroupList } from '../model/subscription-group.ts';
import { createTopicListRequestBody } from '../model/topic-config.ts';
import { topicQueueMappingDetail } from '../model/queue-mapping.ts';
import { configText, text } from '../schema/body.ts';
import { command } from '../schema/command.ts';
import { boolean, long, string } from '../schema/field.ts';
import { header } from '../schema/header.ts';
import { shaped } from '../schema/shape.ts';
import { createTopicRequestHeader } from './administration.ts';
import { rpcFields, topicFields } from './base-fields.ts';

const noClass = 'Java has no class for it: administrators put the field into the map';

/** What administrators change on brokers, apart from topics and groups one by one. */
export const maintenanceCommands = {
  updateAndCreateTopicList: command({
    code: 18,
    name: 'UPDATE_AND_CREATE_TOPIC_LIST',
    servedBy: 'broker',
    idempotent: true,
    request: header('CreateTopicListRequestHeader', { ...rpcFields }),
    requestBody: shaped(createTopicListRequestBody),
  }),
  /** Some keys may not be set by later versions, because they led to shell commands and files. */
  updateBrokerConfig: command({
    code: 25,
    name: 'UPDATE_BROKER_CONFIG',
    servedBy: 'broker',
    idempotent: true,
    requestBody: configText,
  }),
  updateAndCreateSubscriptionGroupList: command({
    code: 225,
    name: 'UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST',
    servedBy: 'broker',
    idempotent: true,
    requestBody: shaped(subscriptionGroupList),
  }),
  cleanExpiredConsumeQueue: command({
    code: 306,
    name: 'CLEAN_EXPIRED_CONSUMEQUEUE',
    servedBy: 'broker',
    idempotent: true,
  }),
  cleanUnusedTopic: command({ code: 316, name: 'CLEAN_UNUSED_TOPIC', servedBy: 'broker', idempotent: true }),
  /** Lets a transaction that was checked too often be checked again. */
  resumeCheckHalfMessage: command({
    code: 323,
    name: 'RESUME_CHECK_HALF_MESSAGE',
    servedBy: 'broker',
    request: header('ResumeCheckHalfMessageRequestHeader', {
      topic: string().optional(),
      msgId: string().optional(),
    }),
  }),
  deleteExpiredCommitLog: command({
    code: 329,
    name: 'DELETE_EXPIRED_COMMITLOG',
    servedBy: 'broker',
    idempotent: true,
  }),
  updateAndGetGroupForbidden: command({
    code: 353,
    name: 'UPDATE_AND_GET_GROUP_FORBIDDEN',
    servedBy: 'broker',
    idempotent: true,
    request: header('UpdateGroupForbiddenRequestHeader', {
      group: string(),
      topic: string(),
      /** Only asks when it is not given. */
      readable: boolean().optional(),
      ...topicFields,
    }),
    responseBody: shaped(groupForbidden),
  }),
  exportRocksdbConfigToJson: command({
    code: 355,
    name: 'EXPORT_ROCKSDB_CONFIG_TO_JSON',
    servedBy: 'broker',
    idempotent: true,
    request: header('ExportRocksDBConfigToJsonRequestHeader', {
      /** `topics;subscriptionGroups;consumerOffsets`. */
      configType: string(),
    }),
  }),
  updateAndCreateStaticTopic: command({
    code: 513,
    name: 'UPDATE_AND_CREATE_STATIC_TOPIC',
    servedBy: 'broker',
    idempotent: true,
    request: createTopicRequestHeader,
    requestBody: shaped(topicQueueMappingDetail),
  }),
  resetMasterFlushOffset: command({
    code: 908,
    name: 'RESET_MASTER_FLUSH_OFFSET',
    servedBy: 'broker',
    idempotent: true,
    request: header('ResetMasterFlushOffsetHeader', { masterFlushOffset: long() }),
  }),
  /** Lines `group=threshold`. */
  updateColdDataFlowControlConfig: command({
    code: 2001,
    name: 'UPDATE_COLD_DATA_FLOW_CTR_CONFIG',
    servedBy: 'broker',
    idempotent: true,
    requestBody: configText,
  }),
  /** The body is the name of a group. */
  removeColdDataFlowControlConfig: command({
    code: 2002,
    name: 'REMOVE_COLD_DATA_FLOW_CTR_CONFIG',
    servedBy: 'broker',
    idempotent: true,
    requestBody: text,
  }),
  /** The answer's text is its remark. */
  setCommitLogReadMode: command({
    code: 2004,
    name: 'SET_COMMITLOG_READ_MODE',
    servedBy: 'broker',
    idempotent: true,
    request: header('SetCommitLogReadMode', { readAheadMode: string('READ_AHEAD_MODE') }, noClass),
  }),
  switchTimerEngine: command({
    code: 5001,
    name: 'SWITCH_TIMER_ENGINE',
    servedBy: 'broker',
    idempotent: true,
    request: header(
      'SwitchTimerEngine',
      {
        /** R a RocksDB timeline, F the file of a time wheel. */
        engineType: string('E_T').optional(),
      },
      noClass,
    ),
  }),
};
