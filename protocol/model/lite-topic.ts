import { flag, integer, listOf, oneOf, shape, tableOf, text, time } from '../schema/shape.ts';
import type { ShapeOf } from '../schema/shape.ts';
import { offsetWrapper, topicOffset } from './consume-stats.ts';

const names = listOf(text());

const offsetOption = shape('OffsetOption', {
  type: oneOf(['POLICY', 'OFFSET', 'TAIL_N', 'TIMESTAMP'], 'POLICY'),
  /** An offset, a count or a time, as `type` says; of a policy 0 last, 1 min, 2 max. */
  value: time(),
});

/** A change of a client's lite topics. Java: `LiteSubscriptionDTO`, 5.5.0. */
export const liteSubscription = shape('LiteSubscriptionDTO', {
  action: oneOf(['PARTIAL_ADD', 'PARTIAL_REMOVE', 'COMPLETE_ADD', 'COMPLETE_REMOVE'], 'PARTIAL_ADD'),
  clientId: text(),
  group: text(),
  /** The parent topic. */
  topic: text(),
  liteTopicSet: names,
  offsetOption: offsetOption.optional(),
  version: time(),
});
/** See the shape of the same name. */
export type LiteSubscription = ShapeOf<typeof liteSubscription>;

/** Body of LITE_SUBSCRIPTION_CTL. Java: `LiteSubscriptionCtlRequestBody`. */
export const liteSubscriptionControl = shape('LiteSubscriptionCtlRequestBody', {
  subscriptionSet: listOf(liteSubscription),
});
/** See the shape of the same name. */
export type LiteSubscriptionControl = ShapeOf<typeof liteSubscriptionControl>;

/** Answer of GET_BROKER_LITE_INFO. Java: `GetBrokerLiteInfoResponseBody`. */
export const brokerLiteInfo = shape('GetBrokerLiteInfoResponseBody', {
  storeType: text().optional(),
  maxLmqNum: integer(),
  currentLmqNum: integer(),
  liteSubscriptionCount: integer(),
  orderInfoCount: integer(),
  cqTableSize: integer(),
  offsetTableSize: integer(),
  eventMapSize: integer(),
  /** Time to live in minutes by parent topic. */
  topicMeta: tableOf(integer()),
  /** Parent topics by group. */
  groupMeta: tableOf(names),
});
/** See the shape of the same name. */
export type BrokerLiteInfo = ShapeOf<typeof brokerLiteInfo>;

/** Answer of GET_PARENT_TOPIC_INFO. Java: `GetParentTopicInfoResponseBody`. */
export const parentTopicInfo = shape('GetParentTopicInfoResponseBody', {
  topic: text(),
  /** Minutes. */
  ttl: integer(),
  groups: names,
  lmqNum: integer(),
  liteTopicCount: integer(),
});
/** See the shape of the same name. */
export type ParentTopicInfo = ShapeOf<typeof parentTopicInfo>;

const clientGroup = shape('ClientGroup', { clientId: text(), group: text() });

/** Answer of GET_LITE_TOPIC_INFO. Java: `GetLiteTopicInfoResponseBody`. */
export const liteTopicInfo = shape('GetLiteTopicInfoResponseBody', {
  parentTopic: text(),
  liteTopic: text(),
  subscriber: listOf(clientGroup),
  topicOffset: topicOffset.optional(),
  shardingToBroker: flag(),
});
/** See the shape of the same name. */
export type LiteTopicInfo = ShapeOf<typeof liteTopicInfo>;

/** Answer of GET_LITE_CLIENT_INFO. Java: `GetLiteClientInfoResponseBody`. */
export const liteClientInfo = shape('GetLiteClientInfoResponseBody', {
  parentTopic: text(),
  group: text(),
  clientId: text(),
  lastAccessTime: time(),
  lastConsumeTime: time(),
  liteTopicCount: integer(),
  liteTopicSet: names,
});
/** See the shape of the same name. */
export type LiteClientInfo = ShapeOf<typeof liteClientInfo>;

const liteLag = shape('LiteLagInfo', {
  liteTopic: text(),
  lagCount: integer(),
  earliestUnconsumedTimestamp: time(),
});

/** Answer of GET_LITE_GROUP_INFO. Java: `GetLiteGroupInfoResponseBody`. */
export const liteGroupInfo = shape('GetLiteGroupInfoResponseBody', {
  group: text(),
  parentTopic: text(),
  liteTopic: text().optional(),
  earliestUnconsumedTimestamp: time(),
  totalLagCount: integer(),
  liteTopicOffsetWrapper: offsetWrapper.optional(),
  lagCountTopK: listOf(liteLag),
  lagTimestampTopK: listOf(liteLag),
});
/** See the shape of the same name. */
export type LiteGroupInfo = ShapeOf<typeof liteGroupInfo>;
