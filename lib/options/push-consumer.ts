import { consumerOptionTable, withMoment, type WithMoment } from './consumer.ts';
import { integer, millis, oneOf, resolveOptions } from './option.ts';
import type { Options, ResolvedOptions } from './option.ts';

/** The options of a push consumer. Names and defaults are Java's where it has them. Java: `DefaultMQPushConsumer`. */
const pushConsumerTable = {
  ...consumerOptionTable,
  /** `concurrently`: messages of a queue are consumed side by side. */
  consumeMode: oneOf('concurrently'),
  /** Listeners at work at the same time, over all queues. Java: `consumeThreadMax`. */
  consumeConcurrency: integer(20, { min: 1, max: 10_000 }),
  /** Messages that one call of `eachBatch` gets at most. */
  consumeMessageBatchMaxSize: integer(1, { min: 1, max: 1_024 }),
  /** How often a message comes again before it goes to the dead-letter queue. -1: 16 times. */
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
): ResolvedPushConsumerOptions => withMoment(resolveOptions(pushConsumerTable, given), now);
