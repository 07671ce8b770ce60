import { InvalidOptionError } from '../errors.ts';
import { consumerOptionTable, withMoment, type WithMoment } from './consumer.ts';
import { flag, integer, millis, resolveOptions } from './option.ts';
import type { Options, ResolvedOptions } from './option.ts';

/** What a push consumer alone lets its user choose. */
const {
  consumeConcurrentlyMaxSpan: _span,
  persistConsumerOffsetInterval: _persist,
  postSubscriptionWhenPull: _post,
  pullInterval: _pullInterval,
  // Java does not watch the pulls of consumers that pull actively.
  pullMaxIdleTime: _idle,
  ...shared
} = consumerOptionTable;

/** The options of a lite pull consumer. Names and defaults are Java's where it has them. Java: `DefaultLitePullConsumer`. */
const litePullConsumerTable = {
  ...shared,
  /** Commits what was consumed by itself: every `autoCommitIntervalMillis`, when a queue is given up, and at shutdown. */
  autoCommit: flag(true),
  /** Rest between two of these commits, in ms. */
  autoCommitIntervalMillis: millis(5_000, { min: 1_000 }),
  /** Messages that one pull asks for, and that one `poll` gives at most. */
  pullBatchSize: integer(10, { min: 1, max: 1_024 }),
  /** Bytes that one pull asks for; brokers have limits of their own. */
  pullBatchSizeInBytes: integer(2_147_483_647, { min: 1, max: 2_147_483_647 }),
  /** Messages of all queues together that may wait or be in work before pulling pauses. */
  pullThresholdForAll: integer(10_000, { min: 1 }),
  /** Distance between the lowest and the highest offset in work before pulling of that queue pauses. */
  consumeMaxSpan: integer(2_000, { min: 1, max: 65_535 }),
  /** How long `poll` waits for messages, in ms. */
  pollTimeoutMillis: millis(5_000, { min: 0 }),
  /** How long a broker may hold a pull that finds nothing, in ms. */
  brokerSuspendMaxTimeMillis: millis(20_000, { min: 0, max: 600_000 }),
  /** How long such a pull may take in all, in ms; not less than `brokerSuspendMaxTimeMillis`. */
  consumerTimeoutMillisWhenSuspend: millis(30_000),
  /** How long a call of `pull` may take beyond the time that the broker may hold it, in ms. */
  consumerPullTimeoutMillis: millis(10_000),
  /** Rest between two looks at the queues of the topics, for `topicQueuesChanged`, in ms; routes are polled every `pollNameServerInterval` anyway. */
  topicMetadataCheckIntervalMillis: millis(30_000, { min: 100 }),
  /** How long `shutdown` waits for messages that were given out and are not consumed, in ms. Java does not wait. */
  awaitTerminationMillisWhenShutdown: millis(3_000, { min: 0 }),
};

/** What a lite pull consumer takes. */
export type LitePullConsumerOptions = Options<typeof litePullConsumerTable>;

/** What a lite pull consumer works with; those of every consumer that have another name here are filled in. */
export type ResolvedLitePullConsumerOptions = WithMoment<ResolvedOptions<typeof litePullConsumerTable>> & {
  readonly consumeConcurrentlyMaxSpan: number;
  readonly persistConsumerOffsetInterval: number;
  readonly postSubscriptionWhenPull: boolean;
  readonly pullInterval: number;
  readonly pullMaxIdleTime: number;
};

/** Checks a lite pull consumer's options and fills in the defaults. @throws {InvalidOptionError} */
export function resolveLitePullConsumerOptions(
  given: LitePullConsumerOptions,
  now: number,
): ResolvedLitePullConsumerOptions {
  const options = withMoment(resolveOptions(litePullConsumerTable, given), now);
  const { consumerTimeoutMillisWhenSuspend: timeout, brokerSuspendMaxTimeMillis: hold } = options;
  if (timeout < hold)
    throw new InvalidOptionError(
      'consumerTimeoutMillisWhenSuspend',
      `must be at least brokerSuspendMaxTimeMillis (${hold}), not ${timeout}`,
    );
  return Object.freeze({
    ...options,
    consumeConcurrentlyMaxSpan: options.consumeMaxSpan,
    persistConsumerOffsetInterval: options.autoCommitIntervalMillis,
    postSubscriptionWhenPull: true,
    pullInterval: 0,
    pullMaxIdleTime: Infinity,
  });
}
