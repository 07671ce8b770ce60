import type { AllocateStrategy } from '../allocate/allocate-strategy.ts';
import { withNamespace } from '../../protocol/message/namespace.ts';
import { averagely } from '../allocate/averagely.ts';
import { clientOptionTable } from './client.ts';
import { readConsumeTimestamp } from './consume-timestamp.ts';
import { custom, flag, integer, millis, oneOf, optionalCustom, optionalText, text } from './option.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import { isOffsetStore, type OffsetStore } from './offset-store.ts';
import type { ResolvedOptions } from './option.ts';

/** The options that every consumer has. Spread it into a consumer's own table. Names and defaults are Java's where it has them. */
export const consumerOptionTable = {
  ...clientOptionTable,
  /** The consumer group, as the broker knows it. All its members must have the same subscriptions and strategy. */
  consumerGroup: text(),
  /** `clustering`: each queue belongs to one member of the group. `broadcasting`: every member reads all queues, and keeps its positions in a local file. */
  messageModel: oneOf('clustering', 'broadcasting'),
  /** Folder for the positions of broadcasting members: `<clientId>/<consumerGroup>/offsets.json` in it. Default `.rocketmq_offsets` in the home folder. Java: system property `rocketmq.client.localOffsetStoreDir`. */
  localOffsetStoreDir: optionalText(),
  /** Keeps the positions in place of the broker, or of the file of a broadcasting member. Tools that ask brokers for the group's positions see nothing of them. Java: `setOffsetStore`. */
  offsetStore: optionalCustom<OffsetStore>({
    expected: 'an object with functions read and write',
    check: (value) => isOffsetStore(value),
  }),
  /** Looks at each message that the subscription's filter lets through; what it returns false for counts as consumed. Topics have the names that brokers know. It runs for every message: it must be quick. Java: `FilterMessageHook`. */
  filterMessage: optionalCustom<(message: ReceivedMessage) => boolean>({
    expected: 'a function from a message to true or false',
    check: (value) => typeof value === 'function',
  }),
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
  /** A queue that nothing was pulled or popped from for this long, in ms, without a reason begins anew. Java: system property `rocketmq.client.pull.pullMaxIdleTime`. */
  pullMaxIdleTime: millis(120_000, { min: 40_000 }),
  /** Rest between two commits of offsets, in ms. Java: `persistConsumerOffsetInterval`. */
  persistConsumerOffsetInterval: millis(5_000, { min: 10 }),
  /** What to do at a message that cannot be read: `stop` its queue there, or `skip` that one message. Both raise `undecodable`. */
  undecodable: oneOf('stop', 'skip'),
  /** Bytes that one body may inflate to; more makes the message undecodable. */
  maxInflatedSize: integer(16 * 1_024 * 1_024, { min: 1_024 }),
  /** Send the filter with every pull instead of having the broker take it from the heartbeat. */
  postSubscriptionWhenPull: flag(false),
};

/** `consumeTimestamp` in milliseconds since the epoch, whatever was given. */
export type WithMoment<T> = Omit<T, 'consumeTimestamp'> & { readonly consumeTimestamp: number };

/** What every consumer works with. */
export type ResolvedConsumerOptions = WithMoment<ResolvedOptions<typeof consumerOptionTable>>;

/** Java: half an hour before now. */
const DEFAULT_LOOK_BACK = 30 * 60 * 1_000;

interface GivenConsumer {
  readonly consumeTimestamp: Date | number | string | undefined;
  readonly consumerGroup: string;
  readonly namespace: string | undefined;
}

/** Replaces `consumeTimestamp` by the moment that it means, and the group by its name in the namespace. */
export function withMoment<T extends GivenConsumer>(options: T, now: number): WithMoment<T> {
  const consumeTimestamp = readConsumeTimestamp(options.consumeTimestamp) ?? now - DEFAULT_LOOK_BACK;
  const consumerGroup = withNamespace(options.namespace, options.consumerGroup);
  return Object.freeze({ ...options, consumeTimestamp, consumerGroup });
}
