import { BrokerApi } from '../api/broker-api.ts';
import { IllegalStateError } from '../errors.ts';
import { resolveLogger } from '../logger.ts';
import type { Logger } from '../logger.ts';
import type { ResolvedClientOptions } from '../options/client.ts';
import type { RemotingClient } from '../remoting/remoting-client.ts';
import type { NameServers } from '../routing/name-servers.ts';
import { RouteTable } from '../routing/route-table.ts';
import type { RouteChange } from '../routing/route-table.ts';
import { abortable } from '../runtime/abortable.ts';
import type { Clock } from '../runtime/clock.ts';
import type { PeriodicTask } from '../runtime/periodic-task.ts';
import type { Random } from '../runtime/random.ts';
import { within } from '../runtime/within.ts';
import { serveBrokers } from './broker-requests.ts';
import { clientId, DEFAULT_INSTANCE_NAME, defaultInstanceName } from './client-id.ts';
import { createNameServers, createRemoting } from './create-parts.ts';
import { Heartbeats } from './heartbeats.ts';
import { chooseInstance } from './instance-registry.ts';
import { localIp } from './local-ip.ts';
import type { Member } from './member.ts';
import { listTasks, startTasks } from './periodic-tasks.ts';
import { Presence } from './presence.ts';
import { fetchRetryRoutes } from './retry-routes.ts';
import { Roles } from './role-table.ts';
import type { ConsumerRole, ProducerRole, RebalanceTrigger } from './roles.ts';
import { systemEnvironment } from './system-environment.ts';

export type { Member } from './member.ts';

/** How long brokers have to hear that a member leaves, in milliseconds. */
const unregisterTimeout = 3_000;

/** The instances that members of this process share. */
const instances = new Set<ClientInstance>();

interface Identity {
  readonly clientId: string;
  /** Whether the instance name was made up. */
  readonly isNameOurs: boolean;
}

/**
 * What the clients of one client id share: connections, routes, heartbeats, background tasks and the requests of brokers.
 * Java: `MQClientInstance`, obtained as from `MQClientManager`.
 */
export class ClientInstance {
  readonly clientId: string;
  readonly isNameOurs: boolean;
  readonly options: ResolvedClientOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly remoting: RemotingClient;
  readonly nameServers: NameServers;
  readonly routes: RouteTable;
  readonly api: BrokerApi;
  readonly #members = new Set<Member>();
  readonly #roles = new Roles();
  readonly #heartbeats: Heartbeats;
  readonly #presence: Presence;
  #tasks: ReadonlyMap<string, PeriodicTask> = new Map();
  #starting: Promise<void> | undefined;
  #ending: Promise<void> | undefined;

  /**
   * An instance for a member: a shared one where the client id and the connection options are the same and its group is
   * not in it yet, else a new one. Give it back with {@link release}. Throws `DuplicateMemberError` if an instance of this
   * very `instanceName` has a member of the group already.
   */
  static obtain(options: ResolvedClientOptions, member: Member): ClientInstance {
    const { clientIp: ip = localIp(), environment: { random } = systemEnvironment, unitName } = options;
    const messageModel = member.messageModel ?? 'CLUSTERING';
    const made = defaultInstanceName(messageModel, { pid: process.pid, random });
    const given = options.instanceName === DEFAULT_INSTANCE_NAME ? made : (options.instanceName ?? made);
    const isNameOurs = given === made && messageModel === 'CLUSTERING';
    const id = clientId({ ip, instanceName: given, unitName });
    const shared = chooseInstance(instances, { options, member, clientId: isNameOurs ? undefined : id });
    const instance = shared ?? new ClientInstance(options, { clientId: id, isNameOurs });
    instance.#members.add(member);
    instances.add(instance);
    return instance;
  }

  /** Members call {@link obtain}. */
  private constructor(options: ResolvedClientOptions, identity: Identity) {
    const environment = options.environment ?? systemEnvironment;
    this.clientId = identity.clientId;
    this.isNameOurs = identity.isNameOurs;
    this.options = options;
    this.clock = environment.clock;
    this.random = environment.random;
    this.logger = resolveLogger(options.logger).child({ clientId: this.clientId });
    this.remoting = createRemoting(options, environment, this.logger);
    this.nameServers = createNameServers(options, environment, this.remoting, this.logger);
    this.routes = new RouteTable({
      nameServers: this.nameServers,
      clock: this.clock,
      logger: this.logger,
      requestTimeout: options.requestTimeout,
      topics: () => this.#roles.topics(),
    });
    this.api = new BrokerApi(this.remoting, (address) => this.routes.originOf(address));
    // Every consumer that shares this instance listens.
    for (const emitter of [this.remoting, this.routes]) emitter.setMaxListeners(0);
    this.#heartbeats = this.#createHeartbeats();
    this.#presence = this.#createPresence();
    this.#listen();
  }

  /** Who shares this instance. */
  get members(): ReadonlySet<Member> {
    return this.#members;
  }

  /** Finds the name servers and starts the background tasks; once, however many members ask. */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.#ending !== undefined)
      throw new IllegalStateError(`Client instance ${this.clientId}`, 'ended', 'started');
    this.#starting ??= this.#start();
    await abortable(this.#starting, signal);
  }

  /**
   * Gives the member's share back: unregisters it if that is not done, waiting for the brokers at most `patience` ms
   * (default 3000), and with the last one shuts down.
   */
  async release(member: Member, patience = unregisterTimeout): Promise<void> {
    if (!this.#members.has(member)) return;
    // Nobody may join an instance that is about to end.
    if (this.#members.size === 1) instances.delete(this);
    if (member.kind === 'producer') await this.removeProducer(member.group, patience);
    if (member.kind === 'consumer') await this.removeConsumer(member.group, patience);
    this.#members.delete(member);
    if (this.#members.size === 0) await this.shutdown();
  }

  /** Stops everything, whoever still uses it, and waits until nothing is left. Members call {@link release} instead. */
  async shutdown(): Promise<void> {
    this.#ending ??= this.#end();
    await this.#ending;
  }

  /** Adds a producer and sends heartbeats; resolves when each broker has answered or failed. Failures are logged. */
  async addProducer(role: ProducerRole): Promise<void> {
    this.#roles.addProducer(role);
    await this.heartbeat();
  }

  /** Tells all brokers that the producer is gone; at most `patience` ms, failures are ignored. */
  async removeProducer(group: string, patience = unregisterTimeout): Promise<void> {
    const addresses = this.#connectedTargets();
    if (!this.#roles.producers.delete(group)) return;
    await this.#unregister(addresses, { producerGroup: group }, patience);
  }

  /** Adds a consumer and sends heartbeats; resolves when each broker has answered or failed. Failures are logged. */
  async addConsumer(role: ConsumerRole): Promise<void> {
    this.#roles.addConsumer(role);
    await this.heartbeat();
  }

  /** Tells all brokers that the consumer is gone; at most `patience` ms, failures are ignored. */
  async removeConsumer(group: string, patience = unregisterTimeout): Promise<void> {
    const addresses = this.#connectedTargets();
    if (!this.#roles.consumers.delete(group)) return;
    await this.#unregister(addresses, { consumerGroup: group }, patience);
  }

  /** Sends heartbeats to all brokers, now; rejects only with the signal's reason. Call it after a change of subscription. */
  async heartbeat(signal?: AbortSignal): Promise<void> {
    await abortable(this.#presence.announceToAll(), signal);
  }

  /** Sends a heartbeat to one broker, now. Rejects if that fails. */
  async heartbeatTo(address: string): Promise<void> {
    await this.#presence.announce(address);
  }

  /** Version of the broker at an address, from its last heartbeat answer: an ordinal of Java's `MQVersion`. */
  brokerVersion(address: string): number | undefined {
    return this.#heartbeats.versionOf(address);
  }

  #createHeartbeats(): Heartbeats {
    return new Heartbeats({
      clientId: this.clientId,
      api: this.api,
      roles: this.#roles,
      brokers: () => this.routes.brokerAddresses(),
    });
  }

  #createPresence(): Presence {
    return new Presence({
      remoting: this.remoting,
      heartbeats: this.#heartbeats,
      logger: this.logger,
      onReturn: (broker) => this.#roles.wakeAll({ kind: 'reconnected', at: this.clock.now(), broker }),
      onFailure: () => this.#tasks.get('send heartbeats')?.wake(),
    });
  }

  #listen(): void {
    serveBrokers({
      remoting: this.remoting,
      roles: this.#roles,
      clock: this.clock,
      logger: this.logger,
      isBroker: (address) => this.routes.originOf(address) !== undefined,
    });
    this.routes.on('change', (change) => void this.#onRouteChange(change));
  }

  /** New brokers must know us before consumers turn to them. Never rejects. */
  async #onRouteChange({ topic, differences }: RouteChange): Promise<void> {
    const added = this.#presence.sync();
    // Whoever noticed a broker go, a failed send perhaps: the next poll may be half a minute away, and looks for its return.
    if (this.routes.missesBroker) this.#tasks.get('poll routes')?.wake();
    await Promise.all(
      added.map(async (address) =>
        this.#presence
          .announce(address)
          .catch((error: unknown) =>
            this.logger.warn({ address, error }, 'Heartbeat to a new broker failed'),
          ),
      ),
    );
    const detail = `${topic}: ${differences.map(({ kind, brokerName }) => `${kind} ${brokerName}`).join(', ')}`;
    const trigger: RebalanceTrigger = { kind: 'routeChanged', at: this.clock.now(), detail };
    for (const role of this.#roles.consumers.values()) {
      if ([...role.topics()].includes(topic)) role.wake(trigger);
    }
    if (added.length === 0) return;
    await fetchRetryRoutes(this.routes, this.#roles.consumers.values());
    // A broker tells the name servers of a new topic without waiting for them.
    this.#tasks.get('poll routes')?.wake();
  }

  async #start(): Promise<void> {
    try {
      await this.nameServers.start();
    } catch (error) {
      this.#starting = undefined;
      throw error;
    }
    if (this.#ending !== undefined) return;
    const { options, nameServers, routes, clock, logger } = this;
    this.#tasks = startTasks(
      listTasks({ options, nameServers, routes, presence: this.#presence }),
      clock,
      logger,
    );
  }

  #connectedTargets(): readonly string[] {
    // A broker that has no connection of ours has forgotten us already.
    const addresses = this.#heartbeats.targets().map(({ address }) => address);
    return addresses.filter((address) => this.remoting.isConnected(address));
  }

  async #unregister(
    addresses: readonly string[],
    group: { readonly producerGroup: string } | { readonly consumerGroup: string },
    patience: number,
  ): Promise<void> {
    const tell = async (address: string): Promise<void> => {
      // A heartbeat that overtakes this would make us a member again.
      await this.#heartbeats.quiet(address);
      const brokerName = this.routes.originOf(address)?.brokerName;
      const timeout = unregisterTimeout;
      try {
        await this.api.unregisterClient(
          address,
          { clientId: this.clientId, ...group },
          { brokerName, timeout },
        );
      } catch (error) {
        this.logger.debug({ address, ...group, error }, 'Broker not told that a member leaves');
      }
    };
    await within(this.clock, patience, Promise.all(addresses.map(tell)));
    if (this.#ending === undefined) this.#presence.sync();
  }

  async #end(): Promise<void> {
    instances.delete(this);
    await Promise.all([...this.#tasks.values()].map(async (task) => task.stop()));
    this.nameServers.close();
    const { producers, consumers } = this.#roles;
    await Promise.all([
      ...[...producers.keys()].map(async (group) => this.removeProducer(group)),
      ...[...consumers.keys()].map(async (group) => this.removeConsumer(group)),
    ]);
    this.#members.clear();
    this.routes.removeAllListeners();
    this.#presence.close();
    await this.remoting.close();
  }
}
