import { InvalidOptionError } from '../errors.ts';
import { consumerOptionTable, withMoment, type WithMoment } from './consumer.ts';
import { checkOption, custom, flag, integer, millis, oneOf, resolveOptions } from './option.ts';
import type { Options, ResolvedOptions } from './option.ts';
import { popOptionTable } from './pop.ts';

/** A number of 1 or more, or -1 for none. */
const limit = (max: number) =>
  custom<number>({
    expected: `-1 or an integer from 1 to ${max}`,
    check: (value) =>
      value === -1 || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= max),
    fallback: -1,
  });

/** The options of a push consumer. Names and defaults are Java's where it has them. Java: `DefaultMQPushConsumer`. */
const pushConsumerTable = {
  ...consumerOptionTable,
  ...popOptionTable,
  /** `concurrently`: messages of a queue are consumed side by side. `orderly`: one after the other, by one member of the group at a time. */
  consumeMode: oneOf('concurrently', 'orderly'),
  /**
   * How a queue goes from one member to another. `immediate`: the new owner begins after half a second, as in Java. `locked`: it begins when the old owner has
   * finished, committed and given the broker's lock back, so that nothing is repeated; all members of the group must have it. Orderly members always do so.
   */
  handover: oneOf('immediate', 'locked'),
  /** Rest between two renewals of queue locks, in ms; a lock is trusted 1.5 times as long, and brokers keep it for 60 s. Java: system property `rocketmq.client.rebalance.lockInterval`. */
  lockInterval: millis(20_000, { min: 100, max: 30_000 }),
  /** Orderly mode: a message that its listener is through with is done. False: only a listener's `'commit'` or `context.commit()` makes it so. */
  autoCommit: flag(true),
  /** Orderly mode: how long a queue rests after a failed message, in ms, before the message comes again. */
  suspendCurrentQueueTimeMillis: millis(1_000, { min: 10, max: 30_000 }),
  /** Listeners at work at the same time, over all queues. Java: `consumeThreadMax`. */
  consumeConcurrency: integer(20, { min: 1, max: 10_000 }),
  /** Messages handed to listeners per second, over all queues; 0 is no limit. */
  consumeRateLimit: integer(0, { min: 0, max: 10_000_000 }),
  /** How long a listener may be at work, in ms, before its messages are given back to the broker and what it brings counts no more. Java: `consumeTimeout`, in minutes. */
  consumeTimeout: millis(900_000, { min: 1_000 }),
  /** How long a listener may be at work, in ms, before a warning; 0 is never. */
  listenerStalledAfter: millis(60_000, { min: 0 }),
  /** Messages of one topic that may wait or be in work here, shared out among its owned queues in place of `pullThresholdForQueue`. -1: no limit. */
  pullThresholdForTopic: limit(6_553_500),
  /** The same in MiB, in place of `pullThresholdSizeForQueue`. */
  pullThresholdSizeForTopic: limit(102_400),
  /** Messages that one call of `eachBatch` gets at most. */
  consumeMessageBatchMaxSize: integer(1, { min: 1, max: 1_024 }),
  /** How often a message comes again before it goes to the dead-letter queue. -1: 16 times, in orderly mode without end. */
  maxReconsumeTimes: integer(-1, { min: -1, max: 2_147_483_647 }),
  /** How long `shutdown` waits for running listeners, in ms. Java's default is 0, which repeats their messages. */
  awaitTerminationMillisWhenShutdown: millis(15_000, { min: 0 }),
};

/** What a push consumer takes. */
export type PushConsumerOptions = Options<typeof pushConsumerTable>;

/** What a push consumer works with. */
export type ResolvedPushConsumerOptions = WithMoment<ResolvedOptions<typeof pushConsumerTable>>;

/** Checks a push consumer's options and fills in the defaults. @throws {InvalidOptionError} */
export const resolvePushConsumerOptions = (
  given: PushConsumerOptions,
  now: number,
): ResolvedPushConsumerOptions => {
  const options = withMoment(resolveOptions(pushConsumerTable, given), now);
  if (options.messageRequestMode === 'pop' && options.messageModel === 'broadcasting')
    throw new InvalidOptionError(
      'messageRequestMode',
      'must be pull for broadcasting: what is popped goes to one member',
    );
  if (options.messageRequestMode === 'pop' && !options.autoCommit)
    throw new InvalidOptionError(
      'autoCommit',
      'must be true for what is popped: it is acknowledged, not committed',
    );
  // What is consumed in order leaves no gaps; a span is what a filter passed over. Java does not look at it in this mode.
  if (options.consumeMode === 'orderly')
    return Object.freeze({ ...options, consumeConcurrentlyMaxSpan: Infinity });
  return options;
};

/** Checks a value that is to replace an option while the consumer runs. @throws {InvalidOptionError} */
export const checkPushOption = (name: 'consumeConcurrency' | 'consumeRateLimit', value: number): void =>
  checkOption(name, pushConsumerTable[name], value);
