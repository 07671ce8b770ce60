import { integer, listOf, oneOf, queue, shape, tableOf, text } from '../schema/shape.ts';
import type { ShapeOf } from '../schema/shape.ts';

const mode = oneOf(['PULL', 'POP'], 'PULL');

/** Asks a broker which queues a member shall read. Java: `QueryAssignmentRequestBody`. */
export const queryAssignmentRequestBody = shape('QueryAssignmentRequestBody', {
  topic: text(),
  consumerGroup: text(),
  clientId: text(),
  /** `AVG`, `AVG_BY_CIRCLE`, `CONSISTENT_HASH` … */
  strategyName: text(),
  messageModel: oneOf(['BROADCASTING', 'CLUSTERING', 'LITE_SELECTIVE'], 'CLUSTERING'),
});
/** See the shape of the same name. */
export type QueryAssignmentRequestBody = ShapeOf<typeof queryAssignmentRequestBody>;

/** One queue of a member and how it reads it; queue id -1 stands for all of a broker. Java: `MessageQueueAssignment`. */
export const messageQueueAssignment = shape('MessageQueueAssignment', {
  messageQueue: queue(),
  mode,
  attachments: tableOf(text()).optional(),
});
/** See the shape of the same name. */
export type MessageQueueAssignment = ShapeOf<typeof messageQueueAssignment>;

/** Without `messageQueueAssignments` the broker has no valid result, which is not the same as none. Java: `QueryAssignmentResponseBody`. */
export const queryAssignmentResponseBody = shape('QueryAssignmentResponseBody', {
  messageQueueAssignments: listOf(messageQueueAssignment).optional(),
});
/** See the shape of the same name. */
export type QueryAssignmentResponseBody = ShapeOf<typeof queryAssignmentResponseBody>;

/** Whether a group pulls or pops a topic. Java: `SetMessageRequestModeRequestBody`. */
export const setMessageRequestModeRequestBody = shape('SetMessageRequestModeRequestBody', {
  topic: text(),
  consumerGroup: text(),
  mode,
  /** How many members share a queue; 0 all. */
  popShareQueueNum: integer(),
});
/** See the shape of the same name. */
export type SetMessageRequestModeRequestBody = ShapeOf<typeof setMessageRequestModeRequestBody>;

/** Modes by topic, then by group. Java: `MessageRequestModeSerializeWrapper`. */
export const messageRequestModeTable = shape('MessageRequestModeSerializeWrapper', {
  messageRequestModeMap: tableOf(tableOf(setMessageRequestModeRequestBody)),
});
/** See the shape of the same name. */
export type MessageRequestModeTable = ShapeOf<typeof messageRequestModeTable>;
