import { flag, listOf, shape, tableOf, text } from '../schema/shape.ts';
import type { ShapeOf } from '../schema/shape.ts';
import { dataVersion } from './data-version.ts';

/** A user of ACL 2.0. Java: `UserInfo`. */
export const userInfo = shape('UserInfo', {
  username: text().optional(),
  /** Only in requests, and in answers of brokers that show it. */
  password: text().optional(),
  /** `Super` or `Normal`. */
  userType: text().optional(),
  /** `enable` or `disable`. */
  userStatus: text().optional(),
});
/** See the shape of the same name. */
export type UserInfo = ShapeOf<typeof userInfo>;

/** What is allowed or denied on one resource. Java: `AclInfo.PolicyEntryInfo`. */
export const aclPolicyEntry = shape('PolicyEntryInfo', {
  /** `Topic:name`, `Group:name`, `Cluster:name`, `Namespace:name`; `*` stands for all, or ends a prefix. */
  resource: text().optional(),
  /** All, Any, Pub, Sub, Create, Update, Delete, Get, List. */
  actions: listOf(text()),
  /** Addresses or CIDR ranges; empty means everywhere. */
  sourceIps: listOf(text()).optional(),
  /** `Allow` or `Deny`. */
  decision: text().optional(),
});
/** See the shape of the same name. */
export type AclPolicyEntry = ShapeOf<typeof aclPolicyEntry>;

/** A set of entries. Java: `AclInfo.PolicyInfo`. */
export const aclPolicy = shape('PolicyInfo', {
  /** `Custom` or `Default`. */
  policyType: text().optional(),
  entries: listOf(aclPolicyEntry),
});
/** See the shape of the same name. */
export type AclPolicy = ShapeOf<typeof aclPolicy>;

/** The policies of a subject of ACL 2.0. Java: `AclInfo`. */
export const aclInfo = shape('AclInfo', {
  /** `User:name`. */
  subject: text().optional(),
  policies: listOf(aclPolicy),
});
/** See the shape of the same name. */
export type AclInfo = ShapeOf<typeof aclInfo>;

/** An account of ACL 1.0, until 5.3.2. Java: `PlainAccessConfig`. */
export const plainAccessConfig = shape('PlainAccessConfig', {
  accessKey: text().optional(),
  secretKey: text().optional(),
  whiteRemoteAddress: text().optional(),
  admin: flag(),
  defaultTopicPerm: text().optional(),
  defaultGroupPerm: text().optional(),
  topicPerms: listOf(text()).optional(),
  groupPerms: listOf(text()).optional(),
});
/** See the shape of the same name. */
export type PlainAccessConfig = ShapeOf<typeof plainAccessConfig>;

/** The settings of ACL 1.0: answer of GET_BROKER_CLUSTER_ACL_CONFIG. Java: `GetBrokerClusterAclConfigResponseBody`. */
export const clusterAclConfig = shape('GetBrokerClusterAclConfigResponseBody', {
  globalWhiteAddrs: listOf(text()),
  plainAccessConfigs: listOf(plainAccessConfig),
});
/** See the shape of the same name. */
export type ClusterAclConfig = ShapeOf<typeof clusterAclConfig>;

/** Versions of the files of ACL 1.0, as the text of a header field. Java: `Map<String, DataVersion>`. */
export const aclFileVersions = tableOf(dataVersion);
