import { ProtocolError } from '../errors.ts';
import { listOf, tableOf, text } from '../schema/shape.ts';
import type { JsonObject } from '../serialization/document.ts';
import {
  readBoolean,
  readInt,
  readList,
  readObject,
  readTextTable,
  readText,
} from '../serialization/document.ts';
import { topicQueueMappingInfo } from './queue-mapping.ts';
import type { TopicQueueMappingInfo } from './queue-mapping.ts';

/** Bits of {@link QueueData.perm}. Java: `PermName`. */
export const Permission = { inherit: 1, write: 2, read: 4, priority: 8 } as const;

/** A master and its slaves, that share a name. Java: `BrokerData`. */
export interface BrokerData {
  readonly cluster: string;
  readonly brokerName: string;
  /** `host:port` by broker id; 0 is the master. As received: validate before connecting. */
  readonly brokerAddrs: ReadonlyMap<number, string>;
  /** Whether a slave may act as master when there is none. */
  readonly enableActingMaster: boolean;
  /** Where the broker stands, for zone routing. */
  readonly zoneName?: string;
}

/** The queues of a topic on one broker. Java: `QueueData`. */
export interface QueueData {
  readonly brokerName: string;
  readonly readQueueNums: number;
  readonly writeQueueNums: number;
  /** Bits of {@link Permission}. */
  readonly perm: number;
  readonly topicSysFlag: number;
}

/** Where a topic lives: answer of GET_ROUTEINFO_BY_TOPIC. Java: `TopicRouteData`. */
export interface TopicRouteData {
  /** Queue counts of an order topic, such as `broker-a:4;broker-b:4`. */
  readonly orderTopicConf?: string;
  readonly brokerDatas: readonly BrokerData[];
  readonly queueDatas: readonly QueueData[];
  /** Addresses of filter servers by broker address; no broker has any since 4.3. */
  readonly filterServerTable?: ReadonlyMap<string, readonly string[]>;
  /** Of a static topic: its logical queues by broker name. */
  readonly topicQueueMappingByBroker?: ReadonlyMap<string, TopicQueueMappingInfo>;
}

const filterServers = tableOf(listOf(text()));
const queueMappings = tableOf(topicQueueMappingInfo);

const where = 'TopicRouteData';

/** Reads the route of a topic, written by an old or a new name server. */
export function readTopicRouteData(document: unknown): TopicRouteData {
  const route = readObject(document, where);
  const orderTopicConf = readText(route, 'orderTopicConf', where);
  return {
    ...(orderTopicConf === undefined ? undefined : { orderTopicConf }),
    brokerDatas: readList(route, 'brokerDatas', where, readBrokerData),
    queueDatas: readList(route, 'queueDatas', where, readQueueData),
    ...readMappings(route),
  };
}

/** What only few routes have. */
function readMappings(
  route: JsonObject,
): Pick<TopicRouteData, 'filterServerTable' | 'topicQueueMappingByBroker'> {
  const filters = filterServers.read(route['filterServerTable'], `${where}.filterServerTable`);
  const mappings = route['topicQueueMappingByBroker'] ?? undefined;
  return {
    ...(filters.size === 0 ? undefined : { filterServerTable: filters }),
    ...(mappings === undefined
      ? undefined
      : { topicQueueMappingByBroker: queueMappings.read(mappings, `${where}.topicQueueMappingByBroker`) }),
  };
}

/** Reads one broker; also part of the cluster information. */
export function readBrokerData(document: unknown): BrokerData {
  const broker = readObject(document, 'BrokerData');
  const addresses = readTextTable(broker, 'brokerAddrs', 'BrokerData');
  const zoneName = readText(broker, 'zoneName', 'BrokerData');
  return {
    cluster: readText(broker, 'cluster', 'BrokerData') ?? '',
    brokerName: readText(broker, 'brokerName', 'BrokerData') ?? '',
    brokerAddrs: new Map(Array.from(addresses, ([id, address]) => [readBrokerId(id), address])),
    enableActingMaster: readBoolean(broker, 'enableActingMaster'),
    ...(zoneName === undefined ? undefined : { zoneName }),
  };
}

function readBrokerId(text: string): number {
  const id = Number(text);
  if (text === '' || !Number.isSafeInteger(id))
    throw new ProtocolError(
      'BrokerData.brokerAddrs',
      `has the broker id ${JSON.stringify(text.slice(0, 40))}`,
    );
  return id;
}

function readQueueData(document: unknown): QueueData {
  const queues = readObject(document, 'QueueData');
  return {
    brokerName: readText(queues, 'brokerName', 'QueueData') ?? '',
    readQueueNums: readInt(queues, 'readQueueNums', 'QueueData'),
    writeQueueNums: readInt(queues, 'writeQueueNums', 'QueueData'),
    perm: readInt(queues, 'perm', 'QueueData'),
    topicSysFlag: readInt(queues, 'topicSysFlag', 'QueueData'),
  };
}

/** Writes a route as strict JSON, members in Java's order. */
export function writeTopicRouteData(route: TopicRouteData): string {
  const { brokerDatas, filterServerTable = new Map(), orderTopicConf, queueDatas } = route;
  const { topicQueueMappingByBroker: mappings } = route;
  const document = JSON.stringify({
    brokerDatas: brokerDatas.map(brokerDataDocument),
    filterServerTable: Object.fromEntries(filterServerTable),
    orderTopicConf,
    queueDatas: queueDatas.map(({ brokerName, perm, readQueueNums, topicSysFlag, writeQueueNums }) => ({
      brokerName,
      perm,
      readQueueNums,
      topicSysFlag,
      writeQueueNums,
    })),
  });
  if (mappings === undefined) return document;
  return `${document.slice(0, -1)},"topicQueueMappingByBroker":${queueMappings.write(mappings)}}`;
}

/** One broker as a plain object for `JSON.stringify`. */
export function brokerDataDocument({
  brokerAddrs,
  brokerName,
  cluster,
  enableActingMaster,
  zoneName,
}: BrokerData): object {
  return { brokerAddrs: Object.fromEntries(brokerAddrs), brokerName, cluster, enableActingMaster, zoneName };
}
