import { flag, integer, listOf, numberTableOf, shape, text, time } from '../schema/shape.ts';
import type { ShapeOf } from '../schema/shape.ts';

const infoMembers = {
  topic: text(),
  scope: text('__global__'),
  /** Logical queues of the topic. */
  totalQueues: integer(),
  /** The broker this is about. */
  bname: text(),
  /** The newest epoch decides who owns a logical queue. */
  epoch: time(),
  dirty: flag(),
  /** Physical queue id by logical queue id. */
  currIdMap: numberTableOf(integer()),
};

/** Which logical queues of a static topic a broker holds. Java: `TopicQueueMappingInfo`. */
export const topicQueueMappingInfo = shape('TopicQueueMappingInfo', infoMembers);
/** See the shape of the same name. */
export type TopicQueueMappingInfo = ShapeOf<typeof topicQueueMappingInfo>;

/** A stretch of a logical queue that lives in one physical queue. Java: `LogicQueueMappingItem`. */
export const logicQueueMappingItem = shape('LogicQueueMappingItem', {
  /** Counts the moves of the logical queue. */
  gen: integer(),
  queueId: integer(),
  bname: text(),
  /** Logical offset of `startOffset`; -1 until it is decided. */
  logicOffset: integer(),
  startOffset: integer(),
  /** First physical offset that is no longer part of it; -1 while it is open. */
  endOffset: integer(-1),
  timeOfStart: time(-1),
  timeOfEnd: time(-1),
});
/** See the shape of the same name. */
export type LogicQueueMappingItem = ShapeOf<typeof logicQueueMappingItem>;

/** The whole history of a broker's logical queues. Java: `TopicQueueMappingDetail`. */
export const topicQueueMappingDetail = shape('TopicQueueMappingDetail', {
  ...infoMembers,
  /** By logical queue id, oldest stretch first. */
  hostedQueues: numberTableOf(listOf(logicQueueMappingItem)),
});
/** See the shape of the same name. */
export type TopicQueueMappingDetail = ShapeOf<typeof topicQueueMappingDetail>;
