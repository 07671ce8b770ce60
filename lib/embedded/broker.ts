import { Commands } from '../../protocol/commands/index.ts';
import type { ServerConnection } from '../remoting/remoting-server.ts';
import { BrokerState } from './broker-state.ts';
import type { ConsumerGroup } from './group.ts';
import { handleAdministration } from './handlers/administration.ts';
import { handleClients } from './handlers/clients.ts';
import { handleForwarding } from './handlers/forwarding.ts';
import { handleLocks } from './handlers/locks.ts';
import { handleOffsets } from './handlers/offsets.ts';
import { handlePulls } from './handlers/pull.ts';
import { handleResets } from './handlers/reset.ts';
import { handleSendBack } from './handlers/send-back.ts';
import { handleSends } from './handlers/send.ts';
import { handleTransactions } from './handlers/transaction.ts';
import type { RegisteredBroker } from './name-server.ts';
import { EmbeddedServer } from './server.ts';
import type { ServerContext } from './server-context.ts';
import type { TopicConfig } from './topics.ts';

/** A master broker: what it knows, and the server through which it is asked. Java: `BrokerController`. */
export class EmbeddedBroker implements RegisteredBroker {
  readonly state: BrokerState;
  readonly server: EmbeddedServer;
  /** Whether the name servers tell of it. */
  isRegistered = false;
  readonly #advertised: string | undefined;
  readonly #channelExpiry: number;
  #nextScan = 0;

  constructor(name: string, context: ServerContext, advertised?: string) {
    const { settings, manners } = context;
    this.#advertised = advertised;
    this.#channelExpiry = settings.channelExpiry;
    this.server = new EmbeddedServer(name, context, {
      onGone: (connection) => this.#disconnected(connection),
    });
    this.state = new BrokerState(name, settings, manners, {
      groupChanged: (group) => this.#notifyMembers(group),
      tick: () => this.#tick(),
    });
    const handlers = [
      handleSends,
      handlePulls,
      handleClients,
      handleOffsets,
      handleSendBack,
      handleLocks,
      handleAdministration,
      handleForwarding,
      handleResets,
      handleTransactions,
    ];
    for (const handle of handlers) handle(this.server, this.state);
  }

  get name(): string {
    return this.state.name;
  }

  /** As routes name it. */
  get address(): string {
    return this.#advertised ?? this.server.address;
  }

  topic(name: string): TopicConfig | undefined {
    return this.state.topics.get(name);
  }

  topics(): Iterable<TopicConfig> {
    return this.state.topics.all();
  }

  async start(port: number): Promise<void> {
    await this.server.start(port);
    this.state.start(this.server.address);
    this.isRegistered = true;
  }

  async stop(leaveRoute: boolean): Promise<void> {
    this.isRegistered = leaveRoute;
    this.state.stop();
    await this.server.stop();
  }

  #disconnected(connection: ServerConnection): void {
    this.state.held.disconnect(connection);
    this.state.producers.disconnect(connection);
    this.state.groups.disconnect(connection);
  }

  #notifyMembers(group: ConsumerGroup): void {
    if (!this.server.isRunning) return;
    const header = { consumerGroup: group.name };
    for (const connection of group.channels.keys())
      this.server.notify(connection, Commands.notifyConsumerIdsChanged, header, undefined);
  }

  /** Java looks at held pulls every 5 s and at silent clients every 10 s. */
  #tick(): void {
    this.state.held.check();
    const now = this.state.settings.clock.uptime();
    if (now < this.#nextScan) return;
    this.#nextScan = now + Math.min(10_000, this.#channelExpiry / 12);
    const before = now - this.#channelExpiry;
    const silent = new Set([
      ...this.state.groups.silentSince(before),
      ...this.state.producers.silentSince(before),
    ]);
    for (const connection of silent) {
      // The client is told nothing, but the others are, before the socket is closed.
      this.#disconnected(connection);
      connection.close(new Error(`No heartbeat for ${this.#channelExpiry} ms`));
    }
  }
}
