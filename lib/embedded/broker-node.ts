import { Commands } from '../../protocol/commands/index.ts';
import type { ServerConnection } from '../remoting/remoting-server.ts';
import { AccessControl } from './acl/access-control.ts';
import { BrokerState } from './broker-state.ts';
import type { ConsumerGroup } from './groups/group.ts';
import { handleAcks } from './handlers/ack.ts';
import { handleAdministration } from './handlers/administration.ts';
import { handleAssignments } from './handlers/assignment.ts';
import { handleBrokerInfo } from './handlers/broker-info.ts';
import { handleClients } from './handlers/clients.ts';
import { handleForwarding } from './handlers/forwarding.ts';
import { handleGroups } from './handlers/groups.ts';
import { handleLocks } from './handlers/locks.ts';
import { handleOffsets } from './handlers/offsets.ts';
import { handlePops } from './handlers/pop.ts';
import { handlePulls } from './handlers/pull.ts';
import { handleQueries } from './handlers/query.ts';
import { handleRecalls } from './handlers/recall.ts';
import { handleReplies } from './handlers/reply.ts';
import { handleResets } from './handlers/reset.ts';
import { handleSendBack } from './handlers/send-back.ts';
import { handleSends } from './handlers/send.ts';
import { handleAsSlave } from './handlers/slave.ts';
import { handleTopics } from './handlers/topics.ts';
import { handleTransactions } from './handlers/transaction.ts';
import { EmbeddedServer } from './server.ts';
import type { ServerContext } from './server-context.ts';

const handlers = [
  handleSends,
  handlePulls,
  handleClients,
  handleOffsets,
  handleSendBack,
  handleLocks,
  handleTopics,
  handleGroups,
  handleAdministration,
  handleBrokerInfo,
  handleForwarding,
  handleResets,
  handleTransactions,
  handleQueries,
  handlePops,
  handleAcks,
  handleAssignments,
  handleReplies,
  handleRecalls,
];

interface NodeOptions {
  /** `host:port` that routes name in place of the one it listens on. */
  readonly advertised?: string | undefined;
  /** Whose slave it is. */
  readonly master?: BrokerState;
}

/** A master or a slave: what it knows, and the server through which it is asked. Java: `BrokerController`. */
export class BrokerNode {
  readonly state: BrokerState;
  readonly server: EmbeddedServer;
  /** Whether the name servers tell of it. */
  isRegistered = false;
  readonly #advertised: string | undefined;
  readonly #channelExpiry: number;
  #nextScan = 0;

  constructor(name: string, context: ServerContext, { advertised, master }: NodeOptions) {
    const { settings, manners } = context;
    this.#advertised = advertised;
    this.#channelExpiry = settings.channelExpiry;
    const callbacks = {
      groupChanged: (group: ConsumerGroup) => this.#notifyMembers(group),
      tick: () => this.#tick(),
    };
    this.state = new BrokerState(name, settings, manners, callbacks, master);
    const access = settings.acl === undefined ? undefined : new AccessControl(settings.acl, manners);
    this.server = new EmbeddedServer(
      this.state.isSlave ? `${name}-slave-${this.state.brokerId}` : name,
      context,
      {
        onGone: (connection) => this.#disconnected(connection),
        refuse: access === undefined ? undefined : (command, client) => access.check(command, client),
      },
    );
    for (const handle of handlers) handle(this.server, this.state);
    if (this.state.isSlave) handleAsSlave(this.server, this.state);
  }

  /** As routes name it. */
  get address(): string {
    return this.#advertised ?? this.server.address;
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
    this.state.pops.waiters.disconnect(connection);
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
