import { EmbeddedCluster, type EmbeddedClusterOptions } from '../../../../lib/embedded/index.ts';
import { MemoryNetwork } from '../../../../lib/remoting/memory-transport.ts';
import { RemotingClient } from '../../../../lib/remoting/remoting-client.ts';
import type { RemotingClientOptions } from '../../../../lib/remoting/remoting-options.ts';
import { seededRandom } from '../../../../lib/runtime/random.ts';
import { Commands } from '../../../../protocol/commands/index.ts';
import { decodeStoredMessages, type ReceivedMessage } from '../../../../protocol/message/stored-message.ts';
import type { ConsumerData } from '../../../../protocol/model/heartbeat-data.ts';
import { tagSubscription } from '../../../../protocol/model/subscription-data.ts';
import type { RemotingCommand } from '../../../../protocol/remoting-command.ts';
import type { RequestHeaderOf } from '../../../../protocol/schema/command.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';

type SendHeader = RequestHeaderOf<typeof Commands.sendMessageV2>;
type PullHeader = RequestHeaderOf<typeof Commands.pullMessage>;

/** A cluster on an in-memory network whose time stands still, and raw clients of it. */
export class World implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly network: MemoryNetwork;
  readonly cluster: EmbeddedCluster;
  readonly #clients: RawClient[] = [];

  private constructor(clock: FakeClock, network: MemoryNetwork, cluster: EmbeddedCluster) {
    this.clock = clock;
    this.network = network;
    this.cluster = cluster;
  }

  static async start(options: EmbeddedClusterOptions = {}): Promise<World> {
    const clock = new FakeClock();
    const network = new MemoryNetwork({ clock });
    const cluster = await EmbeddedCluster.start({
      transport: network,
      clock,
      random: seededRandom(1),
      ...options,
    });
    return new World(clock, network, cluster);
  }

  get broker(): string {
    return this.cluster.brokerAddress('broker-a');
  }

  /** A client with connections of its own. */
  client(options: Partial<RemotingClientOptions> = {}): RawClient {
    const client = new RawClient(this, options);
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map(async (client) => client.remoting.close()));
    await this.cluster.shutdown();
  }
}

/** Speaks to brokers without any of the client's cleverness. */
export class RawClient {
  readonly remoting: RemotingClient;
  /** Groups of the notices 40 that came. */
  readonly notices: string[] = [];
  readonly #world: World;

  constructor(world: World, options: Partial<RemotingClientOptions>) {
    this.#world = world;
    const { clock, network: transport } = world;
    this.remoting = new RemotingClient({ transport, clock, random: seededRandom(2), ...options });
    this.remoting.handle(Commands.notifyConsumerIdsChanged, ({ header }) => {
      this.notices.push(header.consumerGroup);
      return undefined;
    });
  }

  async send(topic: string, header: Partial<SendHeader> = {}, body = 'hello'): Promise<RemotingCommand> {
    const full = { ...plainSend, topic, bornTimestamp: this.#world.clock.now(), ...header };
    return this.remoting.request(this.#world.broker, Commands.sendMessageV2, full, Buffer.from(body));
  }

  async pull(topic: string, header: Partial<PullHeader> = {}): Promise<RemotingCommand> {
    const full = { ...plainPull, topic, ...header };
    return this.remoting.request(this.#world.broker, Commands.pullMessage, full, undefined, {
      timeout: 600_000,
    });
  }

  async heartbeat(
    clientID: string,
    group: Partial<ConsumerData> & { groupName: string },
    rest: { heartbeatFingerprint?: number; withoutSub?: boolean } = {},
  ): Promise<RemotingCommand> {
    const body = { clientID, producerDataSet: [], consumerDataSet: [{ ...plainGroup, ...group }], ...rest };
    const answer = await this.remoting.request(this.#world.broker, Commands.heartBeat, {}, body);
    await settle();
    return answer;
  }

  async members(group: string): Promise<readonly string[]> {
    const row = Commands.getConsumerListByGroup;
    const { body } = await this.remoting.invoke(this.#world.broker, row, { consumerGroup: group }, undefined);
    return body.consumerIdList;
  }

  async commit(
    group: string,
    topic: string,
    queueId: number,
    commitOffset: number,
  ): Promise<RemotingCommand> {
    const header = { consumerGroup: group, topic, queueId, commitOffset };
    return this.remoting.request(this.#world.broker, Commands.updateConsumerOffset, header, undefined);
  }

  /** The stored offset, or the response code in a text. */
  async committed(
    group: string,
    topic: string,
    queueId: number,
    setZeroIfNotFound?: boolean,
  ): Promise<number | string> {
    const header = { consumerGroup: group, topic, queueId, setZeroIfNotFound };
    const answer = await this.remoting.request(
      this.#world.broker,
      Commands.queryConsumerOffset,
      header,
      undefined,
    );
    return answer.code === 0 ? Number(answer.extFields?.['offset']) : `code ${answer.code}`;
  }
}

export const plainSend: SendHeader = {
  producerGroup: 'P',
  topic: 'T',
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: 4,
  queueId: 0,
  sysFlag: 0,
  bornTimestamp: 0,
  flag: 0,
  reconsumeTimes: 0,
  unitMode: false,
  batch: false,
};

/** Brings its own subscription, is not held, commits nothing. */
export const plainPull: PullHeader = {
  consumerGroup: 'G',
  topic: 'T',
  queueId: 0,
  queueOffset: 0,
  maxMsgNums: 32,
  sysFlag: 4,
  commitOffset: 0,
  suspendTimeoutMillis: 0,
  subscription: '*',
  subVersion: 1,
};

const plainGroup: ConsumerData = {
  groupName: 'G',
  consumeType: 'CONSUME_PASSIVELY',
  messageModel: 'CLUSTERING',
  consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
  subscriptionDataSet: [tagSubscription('T', '*', 1)],
  unitMode: false,
};

/** The messages of a pull answer. */
export function messagesOf(answer: RemotingCommand): ReceivedMessage[] {
  return decodeStoredMessages(answer.body ?? Buffer.alloc(0), { maxBodySize: 1 << 30 }).flatMap((record) =>
    record.ok ? [record.message] : [],
  );
}

/** Whether a promise has settled by now. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  await settle();
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending;
}
