import { readList, readObject, readText, readTextTable } from '../serialization/document.ts';
import type { JsonObject } from '../serialization/document.ts';
import { decimal, flag, integer, queueTableOf, shape, tableOf, time } from '../schema/shape.ts';
import type { ShapeOf } from '../schema/shape.ts';
import type { MessageQueue } from './message-queue.ts';
import { readSubscriptionData, subscriptionDocument } from './subscription-data.ts';
import type { SubscriptionData } from './subscription-data.ts';

const processQueueInfo = shape('ProcessQueueInfo', {
  commitOffset: integer(),
  cachedMsgMinOffset: integer(),
  cachedMsgMaxOffset: integer(),
  cachedMsgCount: integer(),
  cachedMsgSizeInMiB: integer(),
  transactionMsgMinOffset: integer(),
  transactionMsgMaxOffset: integer(),
  transactionMsgCount: integer(),
  locked: flag(),
  tryUnlockTimes: integer(),
  lastLockTimestamp: time(),
  /** Java's spelling. */
  droped: flag(),
  lastPullTimestamp: time(),
  lastConsumeTimestamp: time(),
});
/** One owned queue of a member. Java: `ProcessQueueInfo`. */
export type ProcessQueueInfo = ShapeOf<typeof processQueueInfo>;

const consumeStatus = shape('ConsumeStatus', {
  pullRT: decimal(),
  pullTPS: decimal(),
  consumeRT: decimal(),
  consumeOKTPS: decimal(),
  consumeFailedTPS: decimal(),
  consumeFailedMsgs: integer(),
});
/** Rates of one topic, per second, and times in milliseconds. Java: `ConsumeStatus`. */
export type ConsumeStatus = ShapeOf<typeof consumeStatus>;

/** What a member of a group tells about itself. Java: `ConsumerRunningInfo`. */
export interface ConsumerRunningInfo {
  /** Tools rely on PROP_NAMESERVER_ADDR, PROP_THREADPOOL_CORE_SIZE, PROP_CONSUME_ORDERLY, PROP_CONSUME_TYPE, PROP_CLIENT_VERSION, PROP_CONSUMER_START_TIMESTAMP. */
  readonly properties: ReadonlyMap<string, string>;
  readonly subscriptionSet: readonly SubscriptionData[];
  readonly mqTable: readonly (readonly [MessageQueue, ProcessQueueInfo])[];
  /** Queues that are popped; none when it is left out. */
  readonly mqPopTable?: readonly (readonly [MessageQueue, PopProcessQueueInfo])[];
  readonly statusTable: ReadonlyMap<string, ConsumeStatus>;
  /** What the application adds; empty when it is left out. */
  readonly userConsumerInfo?: ReadonlyMap<string, string>;
  /** Stacks of the member's threads, only when they were asked for. */
  readonly jstack?: string;
}

const popProcessQueueInfo = shape('PopProcessQueueInfo', {
  /** Messages popped and not acknowledged. */
  waitAckCount: integer(),
  /** Java's spelling. */
  droped: flag(),
  lastPopTimestamp: time(),
});
/** One popped queue of a member. Java: `PopProcessQueueInfo`. */
export type PopProcessQueueInfo = ShapeOf<typeof popProcessQueueInfo>;

const popTable = queueTableOf(popProcessQueueInfo);
const queueTable = queueTableOf(processQueueInfo);
const statusTable = tableOf(consumeStatus);

const where = 'ConsumerRunningInfo';

/** Reads a {@link ConsumerRunningInfo}. */
export function readConsumerRunningInfo(document: unknown): ConsumerRunningInfo {
  const info = readObject(document, where);
  const jstack = readText(info, 'jstack', where);
  return {
    properties: readTextTable(info, 'properties', where),
    subscriptionSet: readList(info, 'subscriptionSet', where, readSubscriptionData),
    mqTable: queueTable.read(info['mqTable'], `${where}.mqTable`),
    ...readExtras(info),
    statusTable: statusTable.read(info['statusTable'], `${where}.statusTable`),
    ...(jstack === undefined ? undefined : { jstack }),
  };
}

function readExtras(info: JsonObject): Pick<ConsumerRunningInfo, 'mqPopTable' | 'userConsumerInfo'> {
  const mqPopTable = popTable.read(info['mqPopTable'], `${where}.mqPopTable`);
  const userConsumerInfo = readTextTable(info, 'userConsumerInfo', where);
  return {
    ...(mqPopTable.length === 0 ? undefined : { mqPopTable }),
    ...(userConsumerInfo.size === 0 ? undefined : { userConsumerInfo }),
  };
}

/** Writes a {@link ConsumerRunningInfo} with Java's member order. */
export function writeConsumerRunningInfo(info: ConsumerRunningInfo): string {
  const members = [
    ...(info.jstack === undefined ? [] : [`"jstack":${JSON.stringify(info.jstack)}`]),
    `"mqPopTable":${popTable.write(info.mqPopTable ?? [])}`,
    `"mqTable":${queueTable.write(info.mqTable)}`,
    `"properties":${JSON.stringify(Object.fromEntries(info.properties))}`,
    `"statusTable":${statusTable.write(info.statusTable)}`,
    `"subscriptionSet":${JSON.stringify(info.subscriptionSet.map(subscriptionDocument))}`,
    `"userConsumerInfo":${JSON.stringify(Object.fromEntries(info.userConsumerInfo ?? []))}`,
  ];
  return `{${members.join(',')}}`;
}
