import {
  brokerStatsData,
  checkRocksdbCqWriteResult,
  consumerOffsetTable,
  consumeStatsList,
  producerTableInfo,
  queryConsumeQueueResponseBody,
  queryConsumeTimeSpanBody,
  queryCorrectionOffsetBody,
} from '../model/statistics.ts';
import { querySubscriptionResponseBody } from '../model/subscription-group.ts';
import { bytes, text } from '../schema/body.ts';
import { command } from '../schema/command.ts';
import { boolean, int, long, millis, string } from '../schema/field.ts';
import { header } from '../schema/header.ts';
import { shaped } from '../schema/shape.ts';
import { document, topicFields } from './base-fields.ts';

const reading = { servedBy: 'broker', idempotent: true } as const;

/** What administrators look at on brokers. */
export const statisticsCommands = {
  getAllConsumerOffset: command({
    ...reading,
    code: 43,
    name: 'GET_ALL_CONSUMER_OFFSET',
    responseBody: shaped(consumerOffsetTable),
  }),
  /** The offsets of the delay levels, as the JSON text of a broker's file. */
  getAllDelayOffset: command({ ...reading, code: 45, name: 'GET_ALL_DELAY_OFFSET', responseBody: text }),
  getTimerCheckPoint: command({ ...reading, code: 60, name: 'GET_TIMER_CHECK_POINT', responseBody: bytes }),
  getTimerMetrics: command({
    ...reading,
    code: 61,
    name: 'GET_TIMER_METRICS',
    responseBody: document('TimerMetricsSerializeWrapper'),
  }),
  queryConsumeTimeSpan: command({
    ...reading,
    code: 303,
    name: 'QUERY_CONSUME_TIME_SPAN',
    request: header('QueryConsumeTimeSpanRequestHeader', {
      topic: string(),
      group: string(),
      ...topicFields,
    }),
    responseBody: shaped(queryConsumeTimeSpanBody),
  }),
  queryCorrectionOffset: command({
    ...reading,
    code: 308,
    name: 'QUERY_CORRECTION_OFFSET',
    request: header('QueryCorrectionOffsetHeader', {
      filterGroups: string().optional(),
      compareGroup: string(),
      topic: string(),
      ...topicFields,
    }),
    responseBody: shaped(queryCorrectionOffsetBody),
  }),
  viewBrokerStatsData: command({
    ...reading,
    code: 315,
    name: 'VIEW_BROKER_STATS_DATA',
    request: header('ViewBrokerStatsDataRequestHeader', { statsName: string(), statsKey: string() }),
    responseBody: shaped(brokerStatsData),
  }),
  getBrokerConsumeStats: command({
    ...reading,
    code: 317,
    name: 'GET_BROKER_CONSUME_STATS',
    request: header('GetConsumeStatsInBrokerHeader', { isOrder: boolean() }),
    responseBody: shaped(consumeStatsList),
  }),
  queryConsumeQueue: command({
    ...reading,
    code: 321,
    name: 'QUERY_CONSUME_QUEUE',
    request: header('QueryConsumeQueueRequestHeader', {
      topic: string().optional(),
      queueId: int(),
      index: long(),
      count: int(),
      consumerGroup: string().optional(),
      ...topicFields,
    }),
    responseBody: shaped(queryConsumeQueueResponseBody),
  }),
  getAllProducerInfo: command({
    ...reading,
    code: 328,
    name: 'GET_ALL_PRODUCER_INFO',
    request: header('GetAllProducerInfoRequestHeader', {}),
    responseBody: shaped(producerTableInfo),
  }),
  querySubscriptionByConsumer: command({
    ...reading,
    code: 345,
    name: 'QUERY_SUBSCRIPTION_BY_CONSUMER',
    request: header('QuerySubscriptionByConsumerRequestHeader', {
      group: string(),
      topic: string().optional(),
      ...topicFields,
    }),
    responseBody: shaped(querySubscriptionResponseBody),
  }),
  checkRocksdbCqWriteProgress: command({
    ...reading,
    code: 354,
    name: 'CHECK_ROCKSDB_CQ_WRITE_PROGRESS',
    request: header('CheckRocksdbCqWriteProgressRequestHeader', {
      topic: string(),
      checkStoreTime: millis().optional(),
    }),
    responseBody: shaped(checkRocksdbCqWriteResult),
  }),
  getColdDataFlowControlInfo: command({
    ...reading,
    code: 2003,
    name: 'GET_COLD_DATA_FLOW_CTR_INFO',
    responseBody: text,
  }),
};
