import type { Properties } from './rocketmq-home.ts';

/** Delay levels of 1 and 2 seconds, so that a message runs through all its retries within a test. */
export const QUICK_DELAY_LEVELS = `1s 1s 1s 1s ${Array.from({ length: 14 }, () => '2s').join(' ')}`;

/** Settings of a test broker: small files, patient with slow disks, everything switched on that is tested. */
export const TEST_BROKER: Properties = {
  brokerClusterName: 'DefaultCluster',
  brokerId: 0,
  // A number rather than a name: it also becomes the store host inside every offset message id.
  brokerIP1: '127.0.0.1',
  brokerIP2: '127.0.0.1',
  autoCreateTopicEnable: true,
  autoCreateSubscriptionGroup: true,
  defaultTopicQueueNums: 4,
  // SQL92 filters.
  enablePropertyFilter: true,
  registerNameServerPeriod: 10_000,
  // A message larger than a commit log file is refused: 64 MiB leaves room for the 4 MiB limit and tests beyond it.
  mappedFileSizeCommitLog: 64 * 1024 * 1024,
  // Bytes, 20 for each entry.
  mappedFileSizeConsumeQueue: 20 * 3000,
  maxHashSlotNum: 10_000,
  maxIndexNum: 40_000,
  // The defaults (200 ms, 1 s) turn a slow disk into "broker busy".
  waitTimeMillsInSendQueue: 2000,
  osPageCacheBusyTimeOutMills: 5000,
  // A nearly full disk must not fail a test run.
  diskMaxUsedSpaceRatio: 95,
  transactionTimeOut: 2000,
  transactionCheckInterval: 3000,
  // From 3 s (the default interval) after the end of its first transaction on, a broker of 5.5.0 keeps a processor busy for good: its batch thread is due at the
  // last write plus this interval, also when there is nothing to write. So: due in a day, and whatever there is gets written at once.
  transactionOpBatchInterval: 24 * 60 * 60 * 1000,
  transactionOpMsgMaxSize: 1,
  messageDelayLevel: QUICK_DELAY_LEVELS,
  sendMessageThreadPoolNums: 4,
  pullMessageThreadPoolNums: 4,
};
