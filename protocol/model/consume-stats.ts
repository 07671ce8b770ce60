import { decimal, integer, queueTableOf, shape, time } from '../schema/shape.ts';
import type { ShapeOf } from '../schema/shape.ts';

/** How far a group is in one queue. Java: `OffsetWrapper`. */
export const offsetWrapper = shape('OffsetWrapper', {
  /** Offset of the next message that will be stored. */
  brokerOffset: integer(),
  /** The group's committed offset. */
  consumerOffset: integer(),
  /** The group's last pulled offset; 0 on brokers before 5.0. */
  pullOffset: integer(),
  /** Store time of the last consumed message, milliseconds. */
  lastTimestamp: time(),
});
/** See the shape of the same name. */
export type OffsetWrapper = ShapeOf<typeof offsetWrapper>;

/** Progress of a group on one broker: answer of GET_CONSUME_STATS. Java: `ConsumeStats`. */
export const consumeStats = shape('ConsumeStats', {
  offsetTable: queueTableOf(offsetWrapper),
  consumeTps: decimal(),
});
/** See the shape of the same name. */
export type ConsumeStats = ShapeOf<typeof consumeStats>;

/** Extent of one queue. Java: `TopicOffset`. */
export const topicOffset = shape('TopicOffset', {
  minOffset: integer(),
  maxOffset: integer(),
  /** Milliseconds. */
  lastUpdateTimestamp: time(),
});
/** See the shape of the same name. */
export type TopicOffset = ShapeOf<typeof topicOffset>;

/** Extent of the queues of a topic on one broker: answer of GET_TOPIC_STATS_INFO. Java: `TopicStatsTable`. */
export const topicStatsTable = shape('TopicStatsTable', {
  offsetTable: queueTableOf(topicOffset),
  topicPutTps: decimal(),
});
/** See the shape of the same name. */
export type TopicStatsTable = ShapeOf<typeof topicStatsTable>;
