import { flag, integer, listOf, oneOf, shape, tableOf, text, time } from '../schema/shape.ts';
import type { ShapeOf } from '../schema/shape.ts';
import { dataVersion } from './data-version.ts';
import { subscriptionDataMember } from './subscription-member.ts';

/** A subscription that an administrator fixed for a group. Java: `SimpleSubscriptionData`. */
export const simpleSubscriptionData = shape('SimpleSubscriptionData', {
  topic: text(),
  /** TAG or SQL92. */
  expressionType: text('TAG'),
  expression: text('*'),
  version: time(),
});
/** See the shape of the same name. */
export type SimpleSubscriptionData = ShapeOf<typeof simpleSubscriptionData>;

/** Delays that double or so: `initial` times `multiplier` each time, at most `max`; milliseconds. Java: `ExponentialRetryPolicy`. */
export const exponentialRetryPolicy = shape('ExponentialRetryPolicy', {
  initial: time(5_000),
  max: time(7_200_000),
  multiplier: integer(2),
});
/** See the shape of the same name. */
export type ExponentialRetryPolicy = ShapeOf<typeof exponentialRetryPolicy>;

/** Delays in milliseconds, one for each attempt; the last repeats. Java: `CustomizedRetryPolicy`. */
export const customizedRetryPolicy = shape('CustomizedRetryPolicy', { next: listOf(time()) });
/** See the shape of the same name. */
export type CustomizedRetryPolicy = ShapeOf<typeof customizedRetryPolicy>;

/** When a group's failed messages come again. Java: `GroupRetryPolicy`. */
export const groupRetryPolicy = shape('GroupRetryPolicy', {
  type: oneOf(['CUSTOMIZED', 'EXPONENTIAL'], 'CUSTOMIZED'),
  exponentialRetryPolicy: exponentialRetryPolicy.optional(),
  customizedRetryPolicy: customizedRetryPolicy.optional(),
});
/** See the shape of the same name. */
export type GroupRetryPolicy = ShapeOf<typeof groupRetryPolicy>;

/** A consumer group on one broker. Java: `SubscriptionGroupConfig`. */
export const subscriptionGroupConfig = shape('SubscriptionGroupConfig', {
  groupName: text(),
  consumeEnable: flag(true),
  consumeFromMinEnable: flag(true),
  consumeBroadcastEnable: flag(true),
  consumeMessageOrderly: flag(),
  /** Queues of the retry topic. */
  retryQueueNums: integer(1),
  /** Deliveries after the first, before a message goes to the dead-letter topic. */
  retryMaxTimes: integer(16),
  groupRetryPolicy: groupRetryPolicy.optional(),
  brokerId: integer(),
  whichBrokerWhenConsumeSlowly: integer(1),
  notifyConsumerIdsChangedEnable: flag(true),
  groupSysFlag: integer(),
  /** Minutes. */
  consumeTimeoutMinute: integer(15),
  subscriptionDataSet: listOf(simpleSubscriptionData).optional(),
  attributes: tableOf(text()).optional(),
});
/** See the shape of the same name. */
export type SubscriptionGroupConfig = ShapeOf<typeof subscriptionGroupConfig>;

/** Body of UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST. Java: `SubscriptionGroupList`. */
export const subscriptionGroupList = shape('SubscriptionGroupList', {
  groupConfigList: listOf(subscriptionGroupConfig),
});
/** See the shape of the same name. */
export type SubscriptionGroupList = ShapeOf<typeof subscriptionGroupList>;

/** All groups of a broker: answer of GET_ALL_SUBSCRIPTIONGROUP_CONFIG. Java: `SubscriptionGroupWrapper`. */
export const subscriptionGroupTable = shape('SubscriptionGroupWrapper', {
  subscriptionGroupTable: tableOf(subscriptionGroupConfig),
  /** Forbidden bits by group, then by topic. */
  forbiddenTable: tableOf(tableOf(integer())),
  dataVersion,
});
/** See the shape of the same name. */
export type SubscriptionGroupTable = ShapeOf<typeof subscriptionGroupTable>;

/** Whether a group may read a topic. Java: `GroupForbidden`. */
export const groupForbidden = shape('GroupForbidden', {
  topic: text(),
  group: text(),
  readable: flag().optional(),
});
/** See the shape of the same name. */
export type GroupForbidden = ShapeOf<typeof groupForbidden>;

/** What a group subscribes of a topic: answer of QUERY_SUBSCRIPTION_BY_CONSUMER. Java: `QuerySubscriptionResponseBody`. */
export const querySubscriptionResponseBody = shape('QuerySubscriptionResponseBody', {
  subscriptionData: subscriptionDataMember.optional(),
  group: text(),
  topic: text(),
});
/** See the shape of the same name. */
export type QuerySubscriptionResponseBody = ShapeOf<typeof querySubscriptionResponseBody>;
