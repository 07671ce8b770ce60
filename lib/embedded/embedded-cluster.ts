import { EventEmitter } from 'node:events';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';
import type { Command } from '../../protocol/schema/command.ts';
import { InvalidOptionError } from '../errors.ts';
import { TcpTransport } from '../remoting/tcp-transport.ts';
import { systemClock } from '../runtime/clock.ts';
import { systemRandom } from '../runtime/random.ts';
import { EmbeddedBroker } from './broker.ts';
import { type GroupView, viewGroup, viewMessages } from './cluster-view.ts';
import type { Control, ControlAction } from './faults/control.ts';
import { Controls } from './faults/controls.ts';
import {
  type BrokerOptions,
  clusterSettings,
  type EmbeddedClusterOptions,
  type EmbeddedTls,
  type TopicOptions,
} from './embedded-options.ts';
import { mannersOf } from './manners.ts';
import { createNameServer } from './name-server.ts';
import type { LoggedRequest, RequestFilter } from './request-log/logged-request.ts';
import { RequestLog } from './request-log/request-log.ts';
import type { EmbeddedServer } from './server.ts';
import type { ServerContext } from './server-context.ts';
import { newTopic, type TopicConfig, topicProblem } from './topics.ts';

export interface EmbeddedClusterEvents {
  /** A request has come in, or a broker has sent one to a client; its answer is not known yet. */
  request: [LoggedRequest];
}

const defaultQueues = 4;

/**
 * A RocketMQ name server and any number of brokers in this process, speaking the real protocol on real sockets (or on
 * a transport of the caller's). Unmodified clients of any language can use it. Messages are kept in memory only.
 *
 * `await using cluster = await EmbeddedCluster.start({ topics: { LoadBalanceTopic: 4 } })`
 */
export class EmbeddedCluster extends EventEmitter<EmbeddedClusterEvents> implements AsyncDisposable {
  readonly #context: ServerContext;
  readonly #nameServers: EmbeddedServer[];
  readonly #brokers = new Map<string, EmbeddedBroker>();
  readonly #controls = new Controls();
  readonly #log: RequestLog;

  private constructor(options: EmbeddedClusterOptions) {
    super();
    const settings = clusterSettings(options, options.clock ?? systemClock, options.random ?? systemRandom);
    this.#log = new RequestLog(settings.requestLogSize, settings.clock, (slot) => {
      if (this.listenerCount('request') > 0) this.emit('request', slot.read());
    });
    this.#context = {
      settings,
      manners: mannersOf(settings.generation),
      registry: () => [...this.#brokers.values()].filter((broker) => broker.isRegistered),
      keyValues: new Map(),
      transport: options.transport ?? tcpTransport(options.tls),
      controls: this.#controls,
      requests: this.#log,
    };
    this.#nameServers = Array.from({ length: options.nameServers ?? 1 }, (_, index) =>
      createNameServer(index === 0 ? 'name-server' : `name-server-${index + 1}`, this.#context),
    );
  }

  /**
   * Starts name servers and brokers and makes the topics.
   *
   * @throws InvalidOptionError when a broker or topic cannot have its name
   */
  static async start(options: EmbeddedClusterOptions = {}): Promise<EmbeddedCluster> {
    const cluster = new EmbeddedCluster(options);
    try {
      const { brokers = 1 } = options;
      const wanted = typeof brokers === 'number' ? Array.from({ length: brokers }, () => ({})) : brokers;
      for (const broker of wanted) await cluster.addBroker(broker);
      for (const [index, server] of cluster.#nameServers.entries())
        await server.start(index === 0 ? (options.nameServerPort ?? 0) : 0);
      for (const [name, topic] of Object.entries(options.topics ?? {}))
        cluster.createTopic(name, typeof topic === 'number' ? { queues: topic } : topic);
      return cluster;
    } catch (error) {
      await cluster.shutdown();
      throw error;
    }
  }

  /** Addresses for a client's `nameServers` option, `host:port` joined by `;`. */
  get nameServers(): string {
    return this.#nameServers.map((server) => server.address).join(';');
  }

  /** Names of the brokers, stopped ones too. */
  get brokerNames(): readonly string[] {
    return [...this.#brokers.keys()];
  }

  /** Where a broker listens; that stays the same when it is stopped and started. */
  brokerAddress(name: string, brokerId = 0): string {
    return this.#broker(name).node(brokerId).server.address;
  }

  /** Makes a topic at once and everywhere; there is no delay of registration. */
  createTopic(name: string, options: TopicOptions = {}): void {
    const problem = topicProblem(name);
    if (problem !== undefined) throw new InvalidOptionError('topic', `is refused: ${problem}`);
    for (const broker of this.#chosen(options.brokers))
      broker.state.topics.put(configured(newTopic(name, defaultQueues), options));
  }

  /** Changes what is given and keeps the rest, on the brokers given or on all that have the topic. */
  updateTopic(name: string, options: TopicOptions): void {
    const brokers = this.#chosen(options.brokers).filter((broker) => broker.topic(name) !== undefined);
    if (brokers.length === 0) throw new InvalidOptionError('topic', `names ${name}, which no broker has`);
    for (const { state } of brokers) {
      const config = state.topics.get(name);
      if (config !== undefined) state.topics.put(configured(config, options));
    }
  }

  /** Forgets the topic with its messages and offsets. */
  deleteTopic(name: string): void {
    for (const broker of this.#brokers.values()) broker.state.deleteTopic(name);
  }

  /** Stored messages of a topic, by broker, queue and offset. */
  messages(topic: string): ReceivedMessage[] {
    return viewMessages(this.#states(), topic);
  }

  /** Forgets the messages before an offset, as when the files of a broker expire. Default: in all queues, on all brokers. */
  expireMessages(topic: string, before: number, only: { brokerName?: string; queueId?: number } = {}): void {
    for (const { name, log } of this.#states()) {
      if (only.brokerName !== undefined && only.brokerName !== name) continue;
      for (const queue of log.queuesOf(topic))
        if ((only.queueId ?? queue.queueId) === queue.queueId) queue.expireBefore(before);
    }
  }

  /** What the brokers know about a consumer group. */
  group(name: string): GroupView {
    return viewGroup(this.#states(), name);
  }

  /**
   * Stops a broker, by default its master, and cuts its connections. `leaveRoute` keeps it in the routes, as when no
   * name server has noticed.
   */
  async stopBroker(
    name: string,
    { leaveRoute = false, brokerId = 0 }: { leaveRoute?: boolean; brokerId?: number } = {},
  ): Promise<void> {
    await this.#broker(name).node(brokerId).stop(leaveRoute);
  }

  /** Starts a stopped broker on the same address with the same messages, offsets and topics. */
  async startBroker(name: string, { brokerId = 0 }: { brokerId?: number } = {}): Promise<void> {
    await this.#broker(name).node(brokerId).start(0);
  }

  /** Adds a broker, which has no topics but the template, and tells its name. */
  async addBroker(options: BrokerOptions = {}): Promise<string> {
    const name = options.name ?? `broker-${letters(this.#brokers.size)}`;
    if (this.#brokers.has(name))
      throw new InvalidOptionError('brokers', `names ${name}, which is there already`);
    const broker = new EmbeddedBroker(name, this.#context, options);
    this.#brokers.set(name, broker);
    await broker.start(options.port ?? 0);
    return name;
  }

  /** Stops a name server; the first by default. */
  async stopNameServer(index = 0): Promise<void> {
    await this.#nameServers[index]?.stop();
  }

  /** Starts a stopped name server on the same address. */
  async startNameServer(index = 0): Promise<void> {
    await this.#nameServers[index]?.start(0);
  }

  /** Cuts connections: all, those of one server, those from one client address. */
  disconnect({ server, client }: { server?: string; client?: string } = {}): void {
    for (const one of this.#servers()) {
      if (server !== undefined && server !== one.name) continue;
      for (const connection of one.connections)
        if (client === undefined || connection.remoteAddress === client)
          connection.close(new Error('Cut by the test'));
    }
  }

  /** Meddles with the requests of one code, until it is removed. Requests from brokers to clients too. */
  control(command: Pick<Command, 'code'> | number, action: ControlAction): Control {
    return this.#controls.add(typeof command === 'number' ? command : command.code, action);
  }

  /** The last requests, oldest first. */
  requests(filter?: RequestFilter): LoggedRequest[] {
    return this.#log.select(filter);
  }

  /** Empties the log of requests. */
  forgetRequests(): void {
    this.#log.clear();
  }

  /** Stops everything. May be called again. */
  async shutdown(): Promise<void> {
    this.#controls.clear();
    await Promise.all(this.#nameServers.map((server) => server.stop()));
    await Promise.all([...this.#brokers.values()].map((broker) => broker.stop(false)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  #broker(name: string): EmbeddedBroker {
    const broker = this.#brokers.get(name);
    if (broker === undefined)
      throw new InvalidOptionError('broker', `names ${name}; there are only ${this.brokerNames.join(', ')}`);
    return broker;
  }

  #chosen(names: readonly string[] | undefined): EmbeddedBroker[] {
    return names === undefined ? [...this.#brokers.values()] : names.map((name) => this.#broker(name));
  }

  #states(): EmbeddedBroker['state'][] {
    return [...this.#brokers.values()].map((broker) => broker.state);
  }

  #servers(): EmbeddedServer[] {
    return [
      ...this.#nameServers,
      ...[...this.#brokers.values()].flatMap((broker) => broker.nodes.map((node) => node.server)),
    ];
  }
}

function tcpTransport(tls: EmbeddedTls | undefined): TcpTransport {
  if (tls === undefined) return new TcpTransport();
  const { cert, key, clientCa } = tls;
  const client = clientCa === undefined ? {} : { ca: clientCa, requestCert: true };
  return new TcpTransport({ serverTls: { cert, key, ...client } });
}

function configured(config: TopicConfig, options: TopicOptions): TopicConfig {
  return {
    ...config,
    readQueueNums: options.readQueues ?? options.queues ?? config.readQueueNums,
    writeQueueNums: options.writeQueues ?? options.queues ?? config.writeQueueNums,
    perm: options.perm ?? config.perm,
    order: options.order ?? config.order,
    attributes:
      options.attributes === undefined
        ? (config.attributes ?? new Map<string, string>())
        : new Map(Object.entries(options.attributes)),
  };
}

/** a, b … z, then aa, ab … */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
