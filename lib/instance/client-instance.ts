import type { Logger } from '../logger.ts';
import type { ResolvedClientOptions } from '../options/client.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { RemotingClient } from '../remoting/remoting-client.ts';
import type { BrokerApi } from '../api/broker-api.ts';
import type { NameServers } from '../routing/name-servers.ts';
import type { RouteTable } from '../routing/route-table.ts';
import type { Member } from './member.ts';
import type { ConsumerRole, ProducerRole } from './roles.ts';

export type { Member } from './member.ts';

/**
 * What the clients of one client id share: connections, routes, heartbeats, background tasks and the requests of brokers.
 * Java: `MQClientInstance`, obtained as from `MQClientManager`.
 */
export declare class ClientInstance {
  /**
   * An instance for a member: a shared one where the client id and the connection options are the same and its group is
   * not in it yet, else a new one. Give it back with {@link release}. Throws `DuplicateMemberError` if the group is already in the instance of
   * this very `instanceName`.
   */
  static obtain(options: ResolvedClientOptions, member: Member): ClientInstance;

  readonly clientId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly remoting: RemotingClient;
  readonly nameServers: NameServers;
  readonly routes: RouteTable;
  readonly api: BrokerApi;

  /** Finds the name servers and starts the background tasks; once, however many members ask. */
  start(signal?: AbortSignal): Promise<void>;
  /** Gives the member's share back: unregisters it if that is not done, and with the last one shuts down. */
  release(member: Member): Promise<void>;
  /** Stops everything, whoever still uses it. Members call {@link release} instead. */
  shutdown(): Promise<void>;

  /** Adds a producer and sends heartbeats; resolves when each broker has answered or failed. Failures are logged. */
  addProducer(role: ProducerRole): Promise<void>;
  /** Tells all brokers that the producer is gone; at most 3 s, failures are ignored. */
  removeProducer(group: string): Promise<void>;
  /** Adds a consumer and sends heartbeats; resolves when each broker has answered or failed. Failures are logged. */
  addConsumer(role: ConsumerRole): Promise<void>;
  /** Tells all brokers that the consumer is gone; at most 3 s, failures are ignored. */
  removeConsumer(group: string): Promise<void>;
  /** Sends heartbeats to all brokers, now. Never rejects. Call it after a change of subscription. */
  heartbeat(signal?: AbortSignal): Promise<void>;
  /** Sends a heartbeat to one broker, now. Rejects if that fails. */
  heartbeatTo(address: string): Promise<void>;
  /** Version of the broker at an address, from its last heartbeat answer. */
  brokerVersion(address: string): number | undefined;
}
