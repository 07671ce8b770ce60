import { ProtocolError } from '../../protocol/errors.ts';
import { compareQueues, queueKey } from '../../protocol/model/message-queue.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { Permission } from '../../protocol/model/topic-route-data.ts';
import type { QueueData, TopicRouteData } from '../../protocol/model/topic-route-data.ts';
import { parseAddress } from './broker-address.ts';
import { logicalQueues, type LogicalQueue } from './static-topic.ts';

/** More than this in one route is a mistake or an attack. */
export const RouteLimits = { brokers: 4_096, queues: 65_536 } as const;

/** Broker id of a master. Java: `MixAll.MASTER_ID`. */
export const MASTER_ID = 0;

/** What a name server knows of one broker: its addresses by broker id, 0 for the master. */
export interface BrokerRoute {
  readonly cluster: string;
  readonly brokerName: string;
  readonly addresses: ReadonlyMap<number, string>;
}

/**
 * Where a topic lives, checked: addresses are `host:port`, counts are within {@link RouteLimits}. Immutable.
 * Java: `TopicRouteData`, with `TopicPublishInfo` and the subscribe info that `MQClientInstance` derives from it.
 */
export class TopicRoute {
  readonly topic: string;
  /** `host:port` of the name server it came from. */
  readonly source: string;
  /** Brokers by name. */
  readonly brokers: ReadonlyMap<string, BrokerRoute>;
  /** Queue data by broker name, in the order of names. */
  readonly queueData: ReadonlyMap<string, QueueData>;
  /** `broker:n;broker:n` of an order topic, whose queues are exactly these. */
  readonly orderTopicConf: string | undefined;
  /** Of a static topic: the broker that has each logical queue, by queue key. */
  readonly logical: ReadonlyMap<string, LogicalQueue> | undefined;
  /** What was left out because it is not allowed, as sentences. */
  readonly problems: readonly string[];
  #writable: readonly MessageQueue[] | undefined;
  #readable: readonly MessageQueue[] | undefined;

  /** Throws {@link ProtocolError} for a route beyond the limits. */
  constructor(topic: string, data: TopicRouteData, source: string) {
    const problems: string[] = [];
    this.topic = topic;
    this.source = source;
    this.brokers = readBrokers(topic, data, problems);
    this.queueData = readQueueData(topic, data);
    this.orderTopicConf = data.orderTopicConf === '' ? undefined : data.orderTopicConf;
    const queues = logicalQueues(topic, data.topicQueueMappingByBroker, RouteLimits.queues);
    this.logical =
      queues.length === 0 ? undefined : new Map(queues.map((each) => [queueKey(each.queue), each]));
    this.problems = problems;
  }

  /** Queues to send to, sorted: writable ones whose broker has a master; of an order topic exactly the configured ones. */
  writableQueues(): readonly MessageQueue[] {
    this.#writable ??=
      this.orderTopicConf === undefined
        ? (this.#logicalQueues() ?? this.#queuesToWrite())
        : orderedQueues(this.topic, this.orderTopicConf);
    return this.#writable;
  }

  /** Queues to consume from, sorted. A broker needs no master for it. */
  readableQueues(): readonly MessageQueue[] {
    this.#readable ??= this.#logicalQueues() ?? this.#queues(Permission.read, (data) => data.readQueueNums);
    return this.#readable;
  }

  /** The broker to turn to for a queue: its own, or of a logical queue the one that has it now. Java: `MQClientInstance.getBrokerNameFromMessageQueue`. */
  brokerOf(queue: MessageQueue): string {
    return this.logical?.get(queueKey(queue))?.brokerName ?? queue.brokerName;
  }

  /** Names of all brokers of the route, sorted. */
  brokerNames(): readonly string[] {
    return [...this.brokers.keys()];
  }

  masterAddress(brokerName: string): string | undefined {
    return this.brokers.get(brokerName)?.addresses.get(MASTER_ID);
  }

  /** Addresses of a broker by id, 0 for the master; empty for an unknown one. */
  addressesOf(brokerName: string): ReadonlyMap<number, string> {
    return this.brokers.get(brokerName)?.addresses ?? noAddresses;
  }

  #logicalQueues(): readonly MessageQueue[] | undefined {
    if (this.logical === undefined) return undefined;
    return Object.freeze([...this.logical.values()].map(({ queue }) => queue).sort(compareQueues));
  }

  #queuesToWrite(): readonly MessageQueue[] {
    const queues = this.#queues(Permission.write, (data) => data.writeQueueNums);
    return queues.filter(({ brokerName }) => this.masterAddress(brokerName) !== undefined);
  }

  #queues(permission: number, count: (data: QueueData) => number): readonly MessageQueue[] {
    const queues: MessageQueue[] = [];
    for (const [brokerName, data] of this.queueData) {
      if ((data.perm & permission) === 0) continue;
      for (let queueId = 0; queueId < count(data); queueId++)
        queues.push({ topic: this.topic, brokerName, queueId });
    }
    return Object.freeze(queues.sort(compareQueues));
  }
}

const noAddresses: ReadonlyMap<number, string> = new Map();

const byName = (a: { readonly brokerName: string }, b: { readonly brokerName: string }): number =>
  a.brokerName < b.brokerName ? -1 : Number(a.brokerName > b.brokerName);

function readBrokers(
  topic: string,
  data: TopicRouteData,
  problems: string[],
): ReadonlyMap<string, BrokerRoute> {
  if (data.brokerDatas.length > RouteLimits.brokers) {
    const problem = `route of topic ${topic} has ${data.brokerDatas.length} brokers, more than ${RouteLimits.brokers}`;
    throw new ProtocolError('TopicRouteData.brokerDatas', problem);
  }
  const brokers = new Map<string, BrokerRoute>();
  for (const { cluster, brokerName, brokerAddrs } of [...data.brokerDatas].sort(byName)) {
    const addresses = new Map<number, string>();
    for (const [brokerId, address] of [...brokerAddrs].sort(([a], [b]) => a - b)) {
      if (parseAddress(address) !== undefined) addresses.set(brokerId, address);
      else
        problems.push(
          `Broker ${brokerName} has the address ${JSON.stringify(address.slice(0, 80))}, not a host:port`,
        );
    }
    brokers.set(brokerName, { cluster, brokerName, addresses });
  }
  return brokers;
}

function readQueueData(topic: string, data: TopicRouteData): ReadonlyMap<string, QueueData> {
  let total = 0;
  const result = new Map<string, QueueData>();
  for (const queueData of [...data.queueDatas].sort(byName)) {
    total += Math.max(0, queueData.readQueueNums, queueData.writeQueueNums);
    result.set(queueData.brokerName, queueData);
  }
  if (data.queueDatas.length > RouteLimits.brokers || total > RouteLimits.queues) {
    const problem = `route of topic ${topic} has ${total} queues on ${data.queueDatas.length} brokers, more than is sane`;
    throw new ProtocolError('TopicRouteData.queueDatas', problem);
  }
  return result;
}

/** Queues of an order topic in the order of its configuration, as Java's `topicRouteData2TopicPublishInfo`. */
function orderedQueues(topic: string, conf: string): readonly MessageQueue[] {
  const queues: MessageQueue[] = [];
  for (const item of conf.split(';')) {
    const [brokerName = '', count = ''] = item.split(':');
    if (brokerName === '' || !/^\d{1,5}$/.test(count)) continue;
    if (queues.length + Number(count) > RouteLimits.queues) break;
    for (let queueId = 0; queueId < Number(count); queueId++) queues.push({ topic, brokerName, queueId });
  }
  return Object.freeze(queues);
}
