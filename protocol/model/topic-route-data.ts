import { ProtocolError } from '../errors.ts';
import {
  readBoolean,
  readInt,
  readList,
  readObject,
  readTextTable,
  readText,
} from '../serialization/document.ts';

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
}

const where = 'TopicRouteData';

/** Reads the route of a topic, written by an old or a new name server. */
export function readTopicRouteData(document: unknown): TopicRouteData {
  const route = readObject(document, where);
  const orderTopicConf = readText(route, 'orderTopicConf', where);
  return {
    ...(orderTopicConf === undefined ? undefined : { orderTopicConf }),
    brokerDatas: readList(route, 'brokerDatas', where, readBrokerData),
    queueDatas: readList(route, 'queueDatas', where, readQueueData),
  };
}

/** Reads one broker; also part of the cluster information. */
export function readBrokerData(document: unknown): BrokerData {
  const broker = readObject(document, 'BrokerData');
  const addresses = readTextTable(broker, 'brokerAddrs', 'BrokerData');
  return {
    cluster: readText(broker, 'cluster', 'BrokerData') ?? '',
    brokerName: readText(broker, 'brokerName', 'BrokerData') ?? '',
    brokerAddrs: new Map(Array.from(addresses, ([id, address]) => [readBrokerId(id), address])),
    enableActingMaster: readBoolean(broker, 'enableActingMaster'),
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
export function writeTopicRouteData({ brokerDatas, orderTopicConf, queueDatas }: TopicRouteData): string {
  return JSON.stringify({
    brokerDatas: brokerDatas.map(brokerDataDocument),
    filterServerTable: {},
    orderTopicConf,
    queueDatas: queueDatas.map(({ brokerName, perm, readQueueNums, topicSysFlag, writeQueueNums }) => ({
      brokerName,
      perm,
      readQueueNums,
      topicSysFlag,
      writeQueueNums,
    })),
  });
}

/** One broker as a plain object for `JSON.stringify`. */
export function brokerDataDocument({
  brokerAddrs,
  brokerName,
  cluster,
  enableActingMaster,
}: BrokerData): object {
  return { brokerAddrs: Object.fromEntries(brokerAddrs), brokerName, cluster, enableActingMaster };
}
