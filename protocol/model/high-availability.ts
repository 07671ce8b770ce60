import { flag, integer, listOf, numberTableOf, shape, tableOf, text, time } from '../schema/shape.ts';
import type { ShapeOf } from '../schema/shape.ts';

/** The addresses of a broker and its slaves. Java: `BrokerMemberGroup`. */
export const brokerMemberGroup = shape('BrokerMemberGroup', {
  cluster: text(),
  brokerName: text(),
  /** `host:port` by broker id. */
  brokerAddrs: numberTableOf(text()),
});
/** See the shape of the same name. */
export type BrokerMemberGroup = ShapeOf<typeof brokerMemberGroup>;

/** Answer of GET_BROKER_MEMBER_GROUP. Java: `GetBrokerMemberGroupResponseBody`. */
export const getBrokerMemberGroupResponseBody = shape('GetBrokerMemberGroupResponseBody', {
  brokerMemberGroup: brokerMemberGroup.optional(),
});
/** See the shape of the same name. */
export type GetBrokerMemberGroupResponseBody = ShapeOf<typeof getBrokerMemberGroupResponseBody>;

const haConnection = shape('HAConnectionRuntimeInfo', {
  addr: text(),
  slaveAckOffset: integer(),
  diff: integer(),
  inSync: flag(),
  transferredByteInSecond: integer(),
  transferFromWhere: integer(),
});

const haClient = shape('HAClientRuntimeInfo', {
  masterAddr: text(),
  transferredByteInSecond: integer(),
  maxOffset: integer(),
  lastReadTimestamp: time(),
  lastWriteTimestamp: time(),
  masterFlushOffset: integer(),
  isActivated: flag().named('activated', 'isActivated'),
});

/** How a broker copies its log: answer of GET_BROKER_HA_STATUS. Java: `HARuntimeInfo`. */
export const haRuntimeInfo = shape('HARuntimeInfo', {
  master: flag(),
  masterCommitLogMaxOffset: integer(),
  /** Java's spelling. */
  inSyncSlaveNums: integer(),
  /** Of a master: its slaves. */
  haConnectionInfo: listOf(haConnection),
  /** Of a slave. */
  haClientRuntimeInfo: haClient.optional(),
});
/** See the shape of the same name. */
export type HARuntimeInfo = ShapeOf<typeof haRuntimeInfo>;

const epochEntry = shape('EpochEntry', { epoch: integer(), startOffset: integer(), endOffset: time() });

/** The epochs of a broker's log: answer of GET_BROKER_EPOCH_CACHE. Java: `EpochEntryCache`. */
export const epochEntryCache = shape('EpochEntryCache', {
  clusterName: text(),
  brokerName: text(),
  brokerId: integer(),
  epochList: listOf(epochEntry),
  maxOffset: integer(),
});
/** See the shape of the same name. */
export type EpochEntryCache = ShapeOf<typeof epochEntryCache>;

/** The brokers that have all of the master's log. Java: `SyncStateSet`. */
export const syncStateSet = shape('SyncStateSet', {
  /** Broker ids. */
  syncStateSet: listOf(integer()),
  syncStateSetEpoch: integer(),
});
/** See the shape of the same name. */
export type SyncStateSet = ShapeOf<typeof syncStateSet>;

/** Answer of CONTROLLER_ELECT_MASTER. Java: `ElectMasterResponseBody`. */
export const electMasterResponseBody = shape('ElectMasterResponseBody', {
  brokerMemberGroup: brokerMemberGroup.optional(),
  syncStateSet: listOf(integer()).optional(),
});
/** See the shape of the same name. */
export type ElectMasterResponseBody = ShapeOf<typeof electMasterResponseBody>;

const replica = shape('ReplicaIdentity', {
  brokerName: text(),
  brokerId: integer(),
  brokerAddress: text(),
  alive: flag(),
});

/** One master and its replicas, as a controller sees them. Java: `BrokerReplicasInfo.ReplicasInfo`. */
export const replicasInfo = shape('ReplicasInfo', {
  masterBrokerId: integer().optional(),
  masterAddress: text().optional(),
  masterEpoch: integer(),
  syncStateSetEpoch: integer(),
  inSyncReplicas: listOf(replica),
  notInSyncReplicas: listOf(replica),
});
/** See the shape of the same name. */
export type ReplicasInfo = ShapeOf<typeof replicasInfo>;

/** By broker name: answer of CONTROLLER_GET_SYNC_STATE_DATA. Java: `BrokerReplicasInfo`. */
export const brokerReplicasInfo = shape('BrokerReplicasInfo', { replicasInfoTable: tableOf(replicasInfo) });
/** See the shape of the same name. */
export type BrokerReplicasInfo = ShapeOf<typeof brokerReplicasInfo>;
