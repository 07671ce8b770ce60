import { Commands } from '../../../protocol/commands/index.ts';
import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { ProcessQueueInfo } from '../../../protocol/model/consumer-running-info.ts';
import { sortClientIds } from '../../../lib/allocate/sorting.ts';
import { BrokerApi } from '../../../lib/api/broker-api.ts';
import { isResponse, RequestTimeoutError } from '../../../lib/errors.ts';
import { RemotingClient } from '../../../lib/remoting/remoting-client.ts';
import { TcpTransport } from '../../../lib/remoting/tcp-transport.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { systemRandom } from '../../../lib/runtime/random.ts';
import { registeredBrokers, type RegisteredBroker } from '../real/registration.ts';
import type { TestCluster } from '../real/test-cluster.ts';
import type { AllocateStrategy } from '../../../lib/allocate/allocate-strategy.ts';

export interface HeldQueue {
  readonly queue: MessageQueue;
  readonly info: ProcessQueueInfo;
}

/** What the broker says of the group: its members, and what each answered to GET_CONSUMER_RUNNING_INFO. */
export interface GroupSnapshot {
  /** Sorted as allocation sorts them; a killed member is listed until the broker sees its connection end. */
  readonly members: readonly string[];
  /** By member, the queues of the topic it lists as its own; without those that did not answer. */
  readonly held: ReadonlyMap<string, readonly HeldQueue[]>;
}

/** Milliseconds; a member that cannot say by then what it holds counts as silent. */
const ANSWER_WITHIN = 1_000;

/** A topic of 8 queues on one broker, and a group that consumes it, seen from the broker's side. */
export class BrokerView implements AsyncDisposable {
  readonly nameServers: string;
  readonly topic: string;
  readonly group: string;
  readonly queues: readonly MessageQueue[];
  readonly address: string;
  readonly #remoting: RemotingClient;
  readonly #api: BrokerApi;

  private constructor(nameServers: string, broker: RegisteredBroker, topic: string, queues: number) {
    this.nameServers = nameServers;
    this.topic = topic;
    this.group = `${topic}_Group`;
    this.address = broker.address;
    this.queues = Array.from({ length: queues }, (_, queueId) => ({
      topic,
      brokerName: broker.name,
      queueId,
    }));
    this.#remoting = new RemotingClient({
      transport: new TcpTransport(),
      clock: systemClock,
      random: systemRandom,
    });
    this.#api = new BrokerApi(this.#remoting);
  }

  /** Creates a topic that no other test has, on the first broker. */
  static async create(cluster: TestCluster, name: string, queues = 8): Promise<BrokerView> {
    const [first = ''] = cluster.nameServers.split(';');
    const broker = (await registeredBrokers(first)).find(({ id }) => id === 0);
    if (broker === undefined) throw new Error(`no broker is registered at ${first}`);
    const topic = `${name}_${process.pid}_${Date.now().toString(36)}`;
    await cluster.createTopic(topic, { queues, broker: broker.name });
    return new BrokerView(cluster.nameServers, broker, topic, queues);
  }

  async members(): Promise<readonly string[]> {
    return sortClientIds(await this.#api.consumerIds(this.address, this.group));
  }

  /**
   * The member list and, at the same time as nearly as can be, what each member holds. Who is `leaving` or dead is not asked: the broker does
   * not notice that a member it has asked is gone, and waits for 10 s, in one of 16 threads that it has for such questions.
   */
  async snapshot(leaving?: string): Promise<GroupSnapshot> {
    const members = await this.members();
    const asked = members.filter((id) => id !== leaving);
    const answers = await Promise.all(asked.map(async (id) => [id, await this.#held(id)] as const));
    const held = answers.flatMap(([id, queues]): [string, HeldQueue[]][] =>
      queues === undefined ? [] : [[id, queues]],
    );
    return { members, held: new Map(held) };
  }

  /** By `queueKey`; a queue without a stored offset has 0. */
  async storedOffsets(): Promise<ReadonlyMap<string, number>> {
    const offsets = this.queues.map(async (queue): Promise<[string, number]> => {
      const stored = await this.#api.queryConsumerOffset(this.address, { group: this.group, queue });
      return [queueKey(queue), stored ?? 0];
    });
    return new Map(await Promise.all(offsets));
  }

  /** Who should hold what: the strategy, pure, on the members that the broker lists. */
  allocation(
    members: readonly string[],
    strategy: AllocateStrategy,
  ): ReadonlyMap<string, readonly MessageQueue[]> {
    const input = { consumerGroup: this.group, queues: this.queues, clientIds: members };
    return new Map(members.map((clientId) => [clientId, strategy({ ...input, clientId })]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remoting.close();
  }

  /** The broker hands 307 on to the member and waits for its answer. */
  async #held(clientId: string): Promise<HeldQueue[] | undefined> {
    const row = Commands.getConsumerRunningInfo;
    const header = { consumerGroup: this.group, clientId, jstackEnable: false };
    try {
      const { body } = await this.#remoting.invoke(this.address, row, header, undefined, {
        timeout: ANSWER_WITHIN,
      });
      return body.mqTable
        .filter(([{ topic }]) => topic === this.topic)
        .map(([queue, info]) => ({ queue, info }));
    } catch (error) {
      // It is no longer connected, or the broker could not send to it.
      const gone = isResponse(error, 'SYSTEM_ERROR') || isResponse(error, 'CONSUME_MSG_TIMEOUT');
      if (gone || error instanceof RequestTimeoutError) return undefined;
      throw error;
    }
  }
}

/** Why the group is not yet where it should be: `undefined` if each queue has exactly one owner, the one the strategy gives on the members the broker lists. */
export function disagreement(
  view: BrokerView,
  { members, held }: GroupSnapshot,
  strategy: AllocateStrategy,
): string | undefined {
  const silent = members.filter((member) => !held.has(member));
  if (silent.length > 0) return `${silent.join(', ')} did not answer`;
  const owners = new Map(view.queues.map((queue): [string, string[]] => [queueKey(queue), []]));
  for (const [member, queues] of held) {
    for (const { queue } of queues) owners.get(queueKey(queue))?.push(member);
  }
  const notOne = [...owners].filter(([, { length }]) => length !== 1);
  if (notOne.length > 0) {
    return notOne
      .map(([queue, by]) => `${queue} is held by ${by.length === 0 ? 'nobody' : by.join(' and ')}`)
      .join(', ');
  }
  for (const [member, queues] of view.allocation(members, strategy)) {
    const foreign = queues.filter((queue) => owners.get(queueKey(queue))?.[0] !== member);
    if (foreign.length > 0) return `${member} should hold ${foreign.map(queueKey).join(', ')}`;
  }
  return undefined;
}

/** The queues that their owner has not pulled yet, or `undefined`. Of our members only: Java's say from the start that they have. */
export function notPulled({ held }: GroupSnapshot): string | undefined {
  const idle = [...held].flatMap(([member, queues]) =>
    queues
      .filter(({ info }) => info.lastPullTimestamp === 0)
      .map(({ queue }) => `${member} has not pulled ${queueKey(queue)}`),
  );
  return idle.length > 0 ? idle.join(', ') : undefined;
}
