import { CURRENT_VERSION, describeVersion } from '../../protocol/codes/version.ts';
import type {
  ConsumerRunningInfo,
  ConsumeStatus,
  ProcessQueueInfo,
} from '../../protocol/model/consumer-running-info.ts';
import type { PushContext } from './consumer-context.ts';
import { javaMessageModel } from './message-model.ts';
import { javaFromWhere } from './offset/first-offset.ts';
import type { OwnedQueue } from './owned-queue.ts';

const MIB = 1024 * 1024;

/** What mqadmin `consumerStatus` shows of this member. Nothing of the environment, the file system or the arguments. Java: `DefaultMQPushConsumerImpl.consumerRunningInfo`. */
export function runningInfo(
  consumer: PushContext,
  owned: readonly OwnedQueue[],
  startedAt: number,
  concurrency: number,
): ConsumerRunningInfo {
  const { options, instance, stats, subscriptions, versions } = consumer;
  const topics = [...subscriptions.keys()];
  return {
    properties: new Map([
      ['PROP_NAMESERVER_ADDR', `${instance.nameServers.addresses().join(';')};`],
      ['PROP_THREADPOOL_CORE_SIZE', String(concurrency)],
      // Java's constant is called PROP_CONSUME_ORDERLY, its text is this.
      ['PROP_CONSUMEORDERLY', String(options.consumeMode === 'orderly')],
      ['PROP_CONSUME_TYPE', 'CONSUME_PASSIVELY'],
      ['PROP_CLIENT_VERSION', describeVersion(CURRENT_VERSION)],
      ['PROP_CONSUMER_START_TIMESTAMP', String(startedAt)],
      ['consumerGroup', options.consumerGroup],
      ['consumeFromWhere', javaFromWhere[options.consumeFromWhere]],
      ['messageModel', javaMessageModel[options.messageModel]],
      ['maxReconsumeTimes', String(options.maxReconsumeTimes)],
      ['pullBatchSize', String(options.pullBatchSize)],
      ['rebalanceInterval', String(options.rebalanceInterval)],
    ]),
    subscriptionSet: [...subscriptions.values()].map(({ data }) => versions.announced(data)),
    mqTable: owned.map((each) => [each.queue, queueInfo(each, options.consumeMode === 'orderly')] as const),
    statusTable: new Map(topics.map((topic): [string, ConsumeStatus] => [topic, stats.rates(topic)])),
  };
}

/** Where one queue stands. */
export function queueInfo(owned: OwnedQueue, isOrderly = false): ProcessQueueInfo {
  const { process, lock } = owned;
  const inWork = isOrderly ? process.handedOut : { count: 0, minOffset: 0, maxOffset: 0 };
  return {
    commitOffset: owned.commitOffset ?? -1,
    cachedMsgMinOffset: process.minOffset ?? 0,
    cachedMsgMaxOffset: process.maxOffset ?? 0,
    cachedMsgCount: process.count,
    cachedMsgSizeInMiB: Math.floor(process.bytes / MIB),
    transactionMsgMinOffset: inWork.minOffset,
    transactionMsgMaxOffset: inWork.maxOffset,
    transactionMsgCount: inWork.count,
    locked: lock?.isLocked ?? false,
    tryUnlockTimes: lock?.tryUnlockTimes ?? 0,
    lastLockTimestamp: lock?.lastLockTimestamp ?? 0,
    droped: owned.isEnded,
    lastPullTimestamp: owned.lastPullAt,
    lastConsumeTimestamp: owned.lastConsumeAt,
  };
}
