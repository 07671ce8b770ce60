import type { AllocateStrategy } from '../allocate/allocate-strategy.ts';
import { averagely } from '../allocate/averagely.ts';
import { localMoment } from '../runtime/clock.ts';
import { clientOptionTable } from './client.ts';
import { custom, flag, integer, millis, oneOf, optionalCustom, resolveOptions, text } from './option.ts';
import type { Options, ResolvedOptions } from './option.ts';

/** The options of a push consumer. Names and defaults are Java's where it has them. Java: `DefaultMQPushConsumer`. */
const pushConsumerTable = {
  ...clientOptionTable,
  /** The consumer group, as the broker knows it. All its members must have the same subscriptions and strategy. */
  consumerGroup: text(),
  /** `clustering`: each queue belongs to one member of the group. */
  messageModel: oneOf('clustering'),
  /** `concurrently`: messages of a queue are consumed side by side. */
  consumeMode: oneOf('concurrently'),
  /** Where a group begins that has no stored offset for a queue: at its end, at its beginning, or at `consumeTimestamp`. */
  consumeFromWhere: oneOf('last', 'first', 'timestamp'),
  /** For `consumeFromWhere: 'timestamp'`: a `Date`, milliseconds since the epoch, or `yyyyMMddHHmmss` in local time. Default: half an hour before the start. */
  consumeTimestamp: optionalCustom<Date | number | string>({
    expected: 'a Date, milliseconds since the epoch, or yyyyMMddHHmmss',
    check: (value) => readConsumeTimestamp(value) !== undefined,
  }),
  /** Which queues belong to which member: `averagely()`, `byCircle()`, `consistentHash()`, `byConfig()`, `byMachineRoom()`, `machineRoomNearby()`, or a function. Java: `allocateMessageQueueStrategy`. */
  allocate: custom<AllocateStrategy>({
    expected: 'a function from { clientId, clientIds, queues } to queues',
    check: (value) => typeof value === 'function',
    fallback: averagely(),
  }),
  /** Rest between two rebalances that nothing set off, in ms. Java: system property `rocketmq.client.rebalance.waitInterval`. */
  rebalanceInterval: millis(20_000, { min: 100 }),
  /** Messages that one pull asks for. A broker gives at most 32 from memory. */
  pullBatchSize: integer(32, { min: 1, max: 1_024 }),
  /** Bytes that one pull asks for. */
  pullBatchSizeInBytes: integer(256 * 1_024, { min: 1, max: 1_024 * 1_024 * 1_024 }),
  /** Rest between a pull that brought messages and the next of that queue, in ms. */
  pullInterval: millis(0, { min: 0, max: 65_535 }),
  /** Messages of one queue that may wait or be in work before pulling pauses. */
  pullThresholdForQueue: integer(1_000, { min: 1, max: 65_535 }),
  /** The same in MiB. */
  pullThresholdSizeForQueue: integer(100, { min: 1, max: 1_024 }),
  /** Distance between the lowest and the highest offset in work before pulling of that queue pauses. */
  consumeConcurrentlyMaxSpan: integer(2_000, { min: 1, max: 65_535 }),
  /** Listeners at work at the same time, over all queues. Java: `consumeThreadMax`. */
  consumeConcurrency: integer(20, { min: 1, max: 10_000 }),
  /** Messages that one call of `eachBatch` gets at most. */
  consumeMessageBatchMaxSize: integer(1, { min: 1, max: 1_024 }),
  /** How often a message comes again before it goes to the dead-letter queue. -1: 16 times. */
  maxReconsumeTimes: integer(-1, { min: -1, max: 2_147_483_647 }),
  /** Rest between two commits of offsets, in ms. Java: `persistConsumerOffsetInterval`. */
  persistConsumerOffsetInterval: millis(5_000, { min: 10 }),
  /** How long `shutdown` waits for running listeners, in ms. Java's default is 0, which repeats their messages. */
  awaitTerminationMillisWhenShutdown: millis(15_000, { min: 0 }),
  /** What to do at a message that cannot be read: `stop` its queue there, or `skip` that one message. Both raise `undecodable`. */
  undecodable: oneOf('stop', 'skip'),
  /** Bytes that one body may inflate to; more makes the message undecodable. */
  maxInflatedSize: integer(16 * 1_024 * 1_024, { min: 1_024 }),
  /** Send the filter with every pull instead of having the broker take it from the heartbeat. */
  postSubscriptionWhenPull: flag(false),
  /** Marks messages that are sent back as those of a unit. */
  unitMode: flag(false),
};

/** What a push consumer takes. */
export type PushConsumerOptions = Options<typeof pushConsumerTable>;

/** What a push consumer works with. */
export type ResolvedPushConsumerOptions = Omit<
  ResolvedOptions<typeof pushConsumerTable>,
  'consumeTimestamp'
> & {
  /** Milliseconds since the epoch. */
  readonly consumeTimestamp: number;
};

/** Java: half an hour before now. */
const DEFAULT_LOOK_BACK = 30 * 60 * 1_000;

/** Checks a push consumer's options and fills in the defaults. @throws {InvalidOptionError} */
export function resolvePushConsumerOptions(
  given: PushConsumerOptions,
  now: number,
): ResolvedPushConsumerOptions {
  const options = resolveOptions(pushConsumerTable, given);
  const consumeTimestamp = readConsumeTimestamp(options.consumeTimestamp) ?? now - DEFAULT_LOOK_BACK;
  return Object.freeze({ ...options, consumeTimestamp });
}

const compactTime = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/;

function readConsumeTimestamp(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (
    typeof value === 'object' &&
    value !== null &&
    'getTime' in value &&
    typeof value.getTime === 'function'
  ) {
    return readConsumeTimestamp((value.getTime as () => unknown).call(value));
  }
  const parts = typeof value === 'string' ? compactTime.exec(value) : null;
  if (parts === null) return undefined;
  const [year = 0, month = 1, day = 1, hour, minute, second] = parts.slice(1).map(Number);
  return localMoment(year, month, day, hour, minute, second);
}
