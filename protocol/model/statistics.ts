import { languageNames, readLanguage } from '../codes/language-code.ts';
import type { LanguageCode } from '../codes/language-code.ts';
import {
  decimal,
  flag,
  integer,
  listOf,
  numberTableOf,
  queue,
  shape,
  tableOf,
  text,
  time,
} from '../schema/shape.ts';
import type { Member, ShapeOf } from '../schema/shape.ts';
import { consumeStats } from './consume-stats.ts';
import { dataVersion } from './data-version.ts';
import { subscriptionDataMember } from './subscription-member.ts';

/** The progress of all groups of a broker: answer of GET_BROKER_CONSUME_STATS. Java: `ConsumeStatsList`. */
export const consumeStatsList = shape('ConsumeStatsList', {
  /** Each maps one group to its statistics, one entry per topic. */
  consumeStatsList: listOf(tableOf(listOf(consumeStats))),
  brokerAddr: text().optional(),
  /** Messages that are stored and not consumed. */
  totalDiff: integer(),
  /** Messages that are pulled and not consumed. */
  totalInflightDiff: integer(),
});
/** See the shape of the same name. */
export type ConsumeStatsList = ShapeOf<typeof consumeStatsList>;

/** Times of one queue, milliseconds. Java: `QueueTimeSpan`. */
export const queueTimeSpan = shape('QueueTimeSpan', {
  messageQueue: queue(),
  minTimeStamp: time(),
  maxTimeStamp: time(),
  consumeTimeStamp: time(),
  /** How long the oldest message that is not consumed waits. */
  delayTime: time(),
});
/** See the shape of the same name. */
export type QueueTimeSpan = ShapeOf<typeof queueTimeSpan>;

/** Answer of QUERY_CONSUME_TIME_SPAN. Java: `QueryConsumeTimeSpanBody`. */
export const queryConsumeTimeSpanBody = shape('QueryConsumeTimeSpanBody', {
  consumeTimeSpanSet: listOf(queueTimeSpan),
});
/** See the shape of the same name. */
export type QueryConsumeTimeSpanBody = ShapeOf<typeof queryConsumeTimeSpanBody>;

const brokerStatsItem = shape('BrokerStatsItem', { sum: integer(), tps: decimal(), avgpt: decimal() });

/** A figure of the last minute, hour and day: answer of VIEW_BROKER_STATS_DATA. Java: `BrokerStatsData`. */
export const brokerStatsData = shape('BrokerStatsData', {
  statsMinute: brokerStatsItem,
  statsHour: brokerStatsItem,
  statsDay: brokerStatsItem,
});
/** See the shape of the same name. */
export type BrokerStatsData = ShapeOf<typeof brokerStatsData>;

/** Offsets by queue id: answer of QUERY_CORRECTION_OFFSET. Java: `QueryCorrectionOffsetBody`. */
export const queryCorrectionOffsetBody = shape('QueryCorrectionOffsetBody', {
  correctionOffsets: numberTableOf(integer()),
});
/** See the shape of the same name. */
export type QueryCorrectionOffsetBody = ShapeOf<typeof queryCorrectionOffsetBody>;

/** One entry of a consume queue. Java: `ConsumeQueueData`. */
export const consumeQueueData = shape('ConsumeQueueData', {
  physicOffset: integer(),
  physicSize: integer(),
  /** Hash of the tag, or an address in the extension file. */
  tagsCode: time(),
  extendDataJson: text().optional(),
  bitMap: text().optional(),
  /** Whether the subscription matches. */
  eval: flag(),
  msg: text().optional(),
});
/** See the shape of the same name. */
export type ConsumeQueueData = ShapeOf<typeof consumeQueueData>;

/** A stretch of a consume queue: answer of QUERY_CONSUME_QUEUE. Java: `QueryConsumeQueueResponseBody`. */
export const queryConsumeQueueResponseBody = shape('QueryConsumeQueueResponseBody', {
  subscriptionData: subscriptionDataMember.optional(),
  filterData: text().optional(),
  queueData: listOf(consumeQueueData),
  maxQueueIndex: integer(),
  minQueueIndex: integer(),
});
/** See the shape of the same name. */
export type QueryConsumeQueueResponseBody = ShapeOf<typeof queryConsumeQueueResponseBody>;

/** All offsets of a broker: answer of GET_ALL_CONSUMER_OFFSET. Java: `ConsumerOffsetSerializeWrapper`. */
export const consumerOffsetTable = shape('ConsumerOffsetSerializeWrapper', {
  /** By `topic@group`, then by queue id. */
  offsetTable: tableOf(numberTableOf(integer())),
  dataVersion: dataVersion.optional(),
});
/** See the shape of the same name. */
export type ConsumerOffsetTable = ShapeOf<typeof consumerOffsetTable>;

/** How far a broker is in moving its consume queues. Java: `CheckRocksdbCqWriteResult`. */
export const checkRocksdbCqWriteResult = shape('CheckRocksdbCqWriteResult', {
  checkResult: text().optional(),
  /** 0 ok, 1 not ok, 2 in progress, 3 error. */
  checkStatus: integer(),
});
/** See the shape of the same name. */
export type CheckRocksdbCqWriteResult = ShapeOf<typeof checkRocksdbCqWriteResult>;

const language: Member<LanguageCode | undefined, false> = {
  present: false,
  read: readLanguage,
  write: (value) => JSON.stringify(value ?? languageNames[0]),
};

/** One connected producer. Java: `ProducerInfo`. */
export const producerInfo = shape('ProducerInfo', {
  clientId: text(),
  remoteIP: text(),
  language,
  /** Ordinal in `MQVersion`. */
  version: integer(),
  lastUpdateTimestamp: time(),
});
/** See the shape of the same name. */
export type ProducerInfo = ShapeOf<typeof producerInfo>;

/** The producers of a broker by group: answer of GET_ALL_PRODUCER_INFO. Java: `ProducerTableInfo`. */
export const producerTableInfo = shape('ProducerTableInfo', { data: tableOf(listOf(producerInfo)) });
/** See the shape of the same name. */
export type ProducerTableInfo = ShapeOf<typeof producerTableInfo>;
