import { CURRENT_VERSION, describeVersion } from '../../../protocol/codes/version.ts';
import type { ConsumerRunningInfo, ConsumeStatus } from '../../../protocol/model/consumer-running-info.ts';
import { javaFromWhere } from '../offset/first-offset.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import { queueInfo } from '../running-info.ts';
import type { LiteContext } from './lite-context.ts';

/** What mqadmin `consumerStatus` shows of this member. Java: `DefaultLitePullConsumerImpl.consumerRunningInfo`, which tells all getters of the consumer. */
export function liteRunningInfo(
  { options, instance, stats, subscriptions }: LiteContext,
  owned: readonly OwnedQueue[],
  startedAt: number,
): ConsumerRunningInfo {
  const topics = [...subscriptions.keys()];
  return {
    properties: new Map([
      ['PROP_NAMESERVER_ADDR', `${instance.nameServers.addresses().join(';')};`],
      ['PROP_CONSUMEORDERLY', 'false'],
      ['PROP_CONSUME_TYPE', 'CONSUME_ACTIVELY'],
      ['PROP_CLIENT_VERSION', describeVersion(CURRENT_VERSION)],
      ['PROP_CONSUMER_START_TIMESTAMP', String(startedAt)],
      ['consumerGroup', options.consumerGroup],
      ['consumeFromWhere', javaFromWhere[options.consumeFromWhere]],
      ['autoCommit', String(options.autoCommit)],
      ['autoCommitIntervalMillis', String(options.autoCommitIntervalMillis)],
      ['pullBatchSize', String(options.pullBatchSize)],
      ['pullThresholdForAll', String(options.pullThresholdForAll)],
      ['rebalanceInterval', String(options.rebalanceInterval)],
    ]),
    subscriptionSet: [...subscriptions.values()].map(({ data }) => data),
    mqTable: owned.map((each) => [each.queue, queueInfo(each)] as const),
    statusTable: new Map(topics.map((topic): [string, ConsumeStatus] => [topic, stats.rates(topic)])),
  };
}
