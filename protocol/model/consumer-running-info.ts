import {
  readBoolean,
  readFloat,
  readInt,
  readList,
  readMillis,
  readObject,
  readTable,
  readText,
  readTextTable,
} from '../serialization/document.ts';
import type { JsonObject } from '../serialization/document.ts';
import { flag, integer, queueTableOf, shape, time } from '../schema/shape.ts';
import type { ShapeOf } from '../schema/shape.ts';
import { queueMapEntries, writeQueueMap } from '../serialization/fastjson.ts';
import type { MessageQueue } from './message-queue.ts';
import { readSubscriptionData, subscriptionDocument } from './subscription-data.ts';
import type { SubscriptionData } from './subscription-data.ts';

/** One owned queue of a member. `droped` is Java's spelling. Java: `ProcessQueueInfo`. */
export interface ProcessQueueInfo {
  readonly commitOffset: number;
  readonly cachedMsgMinOffset: number;
  readonly cachedMsgMaxOffset: number;
  readonly cachedMsgCount: number;
  readonly cachedMsgSizeInMiB: number;
  readonly transactionMsgMinOffset: number;
  readonly transactionMsgMaxOffset: number;
  readonly transactionMsgCount: number;
  readonly locked: boolean;
  readonly tryUnlockTimes: number;
  readonly lastLockTimestamp: number;
  readonly droped: boolean;
  readonly lastPullTimestamp: number;
  readonly lastConsumeTimestamp: number;
}

/** Rates of one topic, per second, and times in milliseconds. Java: `ConsumeStatus`. */
export interface ConsumeStatus {
  readonly pullRT: number;
  readonly pullTPS: number;
  readonly consumeRT: number;
  readonly consumeOKTPS: number;
  readonly consumeFailedTPS: number;
  readonly consumeFailedMsgs: number;
}

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

const where = 'ConsumerRunningInfo';

/** Reads a {@link ConsumerRunningInfo}. */
export function readConsumerRunningInfo(document: unknown): ConsumerRunningInfo {
  const info = readObject(document, where);
  const jstack = readText(info, 'jstack', where);
  return {
    properties: readTextTable(info, 'properties', where),
    subscriptionSet: readList(info, 'subscriptionSet', where, readSubscriptionData),
    mqTable: queueMapEntries(info['mqTable'], readProcessQueueInfo, `${where}.mqTable`),
    ...readExtras(info),
    statusTable: readTable(info, 'statusTable', where, readConsumeStatus),
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
    `"mqTable":${writeQueueMap(info.mqTable, (queue) => JSON.stringify(queue, processQueueMembers))}`,
    `"properties":${JSON.stringify(Object.fromEntries(info.properties))}`,
    `"statusTable":${JSON.stringify(Object.fromEntries(info.statusTable))}`,
    `"subscriptionSet":${JSON.stringify(info.subscriptionSet.map(subscriptionDocument))}`,
    `"userConsumerInfo":${JSON.stringify(Object.fromEntries(info.userConsumerInfo ?? []))}`,
  ];
  return `{${members.join(',')}}`;
}

const processQueueMembers: (keyof ProcessQueueInfo)[] = [
  'cachedMsgCount',
  'cachedMsgMaxOffset',
  'cachedMsgMinOffset',
  'cachedMsgSizeInMiB',
  'commitOffset',
  'droped',
  'lastConsumeTimestamp',
  'lastLockTimestamp',
  'lastPullTimestamp',
  'locked',
  'transactionMsgCount',
  'transactionMsgMaxOffset',
  'transactionMsgMinOffset',
  'tryUnlockTimes',
];

function readProcessQueueInfo(document: unknown): ProcessQueueInfo {
  const at = 'ProcessQueueInfo';
  const info = readObject(document, at);
  return {
    commitOffset: readInt(info, 'commitOffset', at),
    cachedMsgMinOffset: readInt(info, 'cachedMsgMinOffset', at),
    cachedMsgMaxOffset: readInt(info, 'cachedMsgMaxOffset', at),
    cachedMsgCount: readInt(info, 'cachedMsgCount', at),
    cachedMsgSizeInMiB: readInt(info, 'cachedMsgSizeInMiB', at),
    transactionMsgMinOffset: readInt(info, 'transactionMsgMinOffset', at),
    transactionMsgMaxOffset: readInt(info, 'transactionMsgMaxOffset', at),
    transactionMsgCount: readInt(info, 'transactionMsgCount', at),
    locked: readBoolean(info, 'locked'),
    tryUnlockTimes: readInt(info, 'tryUnlockTimes', at),
    lastLockTimestamp: readMillis(info, 'lastLockTimestamp', at),
    droped: readBoolean(info, 'droped'),
    lastPullTimestamp: readMillis(info, 'lastPullTimestamp', at),
    lastConsumeTimestamp: readMillis(info, 'lastConsumeTimestamp', at),
  };
}

function readConsumeStatus(document: unknown): ConsumeStatus {
  const at = 'ConsumeStatus';
  const status = readObject(document, at);
  return {
    pullRT: readFloat(status, 'pullRT', at),
    pullTPS: readFloat(status, 'pullTPS', at),
    consumeRT: readFloat(status, 'consumeRT', at),
    consumeOKTPS: readFloat(status, 'consumeOKTPS', at),
    consumeFailedTPS: readFloat(status, 'consumeFailedTPS', at),
    consumeFailedMsgs: readInt(status, 'consumeFailedMsgs', at),
  };
}
