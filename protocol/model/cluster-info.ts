import { readObject, readTable, readTexts } from '../serialization/document.ts';
import { brokerDataDocument, readBrokerData } from './topic-route-data.ts';
import type { BrokerData } from './topic-route-data.ts';

/** All brokers that a name server knows: answer of GET_BROKER_CLUSTER_INFO. Java: `ClusterInfo`. */
export interface ClusterInfo {
  /** Brokers by name. */
  readonly brokerAddrTable: ReadonlyMap<string, BrokerData>;
  /** Broker names by cluster name. */
  readonly clusterAddrTable: ReadonlyMap<string, readonly string[]>;
}

/** Reads a {@link ClusterInfo}; its broker ids are keys without quotes on every version. */
export function readClusterInfo(document: unknown): ClusterInfo {
  const info = readObject(document, 'ClusterInfo');
  return {
    brokerAddrTable: readTable(info, 'brokerAddrTable', 'ClusterInfo', readBrokerData),
    clusterAddrTable: readTable(info, 'clusterAddrTable', 'ClusterInfo', (names) =>
      readTexts({ names }, 'names', 'ClusterInfo.clusterAddrTable'),
    ),
  };
}

/** Writes a {@link ClusterInfo} as strict JSON. */
export function writeClusterInfo({ brokerAddrTable, clusterAddrTable }: ClusterInfo): string {
  return JSON.stringify({
    brokerAddrTable: Object.fromEntries(
      Array.from(brokerAddrTable, ([name, broker]) => [name, brokerDataDocument(broker)]),
    ),
    clusterAddrTable: Object.fromEntries(clusterAddrTable),
  });
}
