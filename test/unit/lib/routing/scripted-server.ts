import { buildAnswer } from '../../../../lib/remoting/build-command.ts';
import type { MemoryNetwork } from '../../../../lib/remoting/memory-transport.ts';
import { RemotingServer } from '../../../../lib/remoting/remoting-server.ts';
import type { ServerConnection } from '../../../../lib/remoting/remoting-server.ts';
import type { AnswerContent } from '../../../../lib/remoting/request-dispatch.ts';
import { requestName } from '../../../../protocol/codes/request-code.ts';
import { Commands } from '../../../../protocol/commands/index.ts';
import { isOneway } from '../../../../protocol/remoting-command.ts';
import type { RemotingCommand } from '../../../../protocol/remoting-command.ts';
import type { HeartbeatData } from '../../../../protocol/model/heartbeat-data.ts';
import type { BrokerData, QueueData, TopicRouteData } from '../../../../protocol/model/topic-route-data.ts';
import type { FakeClock } from '../../../support/fake-clock.ts';

/** What a server does with a request; undefined: it never answers. */
export type Reaction = (command: RemotingCommand, connection: ServerConnection) => AnswerContent | undefined;

/** A server that answers by request code, and remembers what it was asked. */
export class ScriptedServer {
  readonly received: RemotingCommand[] = [];
  readonly reactions = new Map<number, Reaction>();
  readonly address: string;
  version = 479;
  readonly #network: MemoryNetwork;
  readonly #clock: FakeClock;
  #server: RemotingServer | undefined;

  constructor(address: string, network: MemoryNetwork, clock: FakeClock) {
    this.address = address;
    this.#network = network;
    this.#clock = clock;
  }

  async open(): Promise<this> {
    const [host = '', port = ''] = this.address.split(':');
    this.#server = new RemotingServer({
      transport: this.#network,
      clock: this.#clock,
      onRequest: (connection, command) => this.#onRequest(connection, command),
    });
    await this.#server.listen(host, Number(port));
    return this;
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  get connections(): readonly ServerConnection[] {
    return this.#server?.connections ?? [];
  }

  /** Names of the requests so far. */
  names(): readonly string[] {
    return this.received.map(({ code }) => requestName(code));
  }

  /** Requests of one code. */
  of(row: { readonly code: number }): readonly RemotingCommand[] {
    return this.received.filter(({ code }) => code === row.code);
  }

  heartbeats(): readonly HeartbeatData[] {
    // Those that name a member: an empty one only asks for the broker's version.
    return this.of(Commands.heartBeat)
      .map(({ body }) => Commands.heartBeat.requestBody.decode(body))
      .filter(({ producerDataSet, consumerDataSet }) => producerDataSet.length + consumerDataSet.length > 0);
  }

  #onRequest(connection: ServerConnection, command: RemotingCommand): void {
    this.received.push(command);
    const react = this.reactions.get(command.code);
    const answer = react === undefined ? { code: 0 } : react(command, connection);
    if (answer !== undefined && !isOneway(command)) {
      connection.send(buildAnswer(command, answer, 'JAVA', this.version));
    }
  }
}

/** Answers route requests from a table that a test may change. */
export function serveRoutes(server: ScriptedServer, routes: ReadonlyMap<string, TopicRouteData>): void {
  server.reactions.set(Commands.getRouteInfoByTopic.code, ({ extFields }) => {
    const topic = extFields?.['topic'] ?? '';
    const route = routes.get(topic);
    if (route === undefined)
      return { code: 17, remark: `No topic route info in name server for the topic: ${topic}` };
    return { code: 0, body: Commands.getRouteInfoByTopic.responseBody.encode(route) };
  });
}

/** A broker of a route: its addresses by id, its queues. */
export interface RouteSpec {
  readonly name?: string;
  readonly addresses?: Readonly<Record<number, string>>;
  readonly read?: number;
  readonly write?: number;
  readonly perm?: number;
}

/** A route over some brokers. */
export function routeOf(...specs: readonly RouteSpec[]): TopicRouteData {
  return { brokerDatas: specs.map(brokerOf), queueDatas: specs.map(queuesOf) };
}

function brokerOf({ name = 'broker-a', addresses = { 0: '10.0.0.1:10911' } }: RouteSpec): BrokerData {
  const brokerAddrs = new Map(Object.entries(addresses).map(([id, address]) => [Number(id), address]));
  return { cluster: 'DefaultCluster', brokerName: name, brokerAddrs, enableActingMaster: false };
}

function queuesOf({ name = 'broker-a', read = 4, write = 4, perm = 6 }: RouteSpec): QueueData {
  return { brokerName: name, readQueueNums: read, writeQueueNums: write, perm, topicSysFlag: 0 };
}
