import { RocketMQError, SendFailedError } from '../../lib/errors.ts';
import { EmbeddedCluster, type ControlVerdict } from '../../lib/embedded/index.ts';
import { Producer } from '../../lib/producer/producer.ts';
import { MemoryNetwork } from '../../lib/remoting/memory-transport.ts';
import { RemotingClient } from '../../lib/remoting/remoting-client.ts';
import { randomInteger, seededRandom, type Random } from '../../lib/runtime/random.ts';
import { Commands } from '../../protocol/commands/index.ts';
import type { HistoryEvent } from '../history/event.ts';
import { MemoryHistory } from '../history/history.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SimulatedMember } from './member.ts';
import type { Schedule } from './schedule.ts';

export const GROUP = 'Group';
export const TOPIC = 'Topic';

/** Brokers keep a lock so long, in ms: longer than anybody is frozen or cut off, and a renewal. */
export const LOCK_EXPIRY = 12_000;

/** How a world differs from the default one. */
export interface WorldOptions {
  /** After how many ms without a heartbeat brokers drop a client. Default 120_000. */
  readonly channelExpiry?: number;
  /** Of members, ms. Default 30_000. */
  readonly heartbeat?: number;
}

/** Waits until everything that can happen without time passing has happened: microtasks and nothing else. */
const drained = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** One embedded cluster, a producer, and a group of real consumers; one clock, one source of chance, no real time. */
export class World {
  readonly clock = new FakeClock(1_700_000_000_000, drained);
  readonly random: Random;
  readonly network: MemoryNetwork;
  readonly history: MemoryHistory;
  readonly members: SimulatedMember[] = [];
  readonly owners = new Map<string, string>();
  /** Milliseconds that a piece of data takes, at most and at least; faults change them. */
  latency: { most: number; least: number };
  /** Servers that are down. */
  readonly stopped = new Set<string>();
  /** On each broker. */
  readQueues = 0;
  /** What happens to commits of a client. */
  commitFault: ((client: string) => ControlVerdict | undefined) | undefined;
  readonly #schedule: Schedule;
  readonly #options: WorldOptions;
  #cluster: EmbeddedCluster | undefined;
  #producer: Producer | undefined;
  #admin: RemotingClient | undefined;
  #sent = 0;
  #stops = false;
  #isOver = false;
  #sending = new Set<Promise<void>>();

  constructor(schedule: Schedule, options: WorldOptions = {}) {
    this.#schedule = schedule;
    this.#options = options;
    this.random = seededRandom(schedule.seed);
    this.latency = { least: 0, most: schedule.latency };
    const latency = (): number => {
      const { least, most } = this.latency;
      return most === 0 ? 0 : least + this.random.next() * (most - least);
    };
    this.network = new MemoryNetwork({ clock: this.clock, latency });
    this.history = new MemoryHistory(() => this.clock.uptime());
  }

  get cluster(): EmbeddedCluster {
    if (this.#cluster === undefined) throw new Error('The cluster has not started');
    return this.#cluster;
  }

  get admin(): RemotingClient {
    const { clock, random, network: transport } = this;
    this.#admin ??= new RemotingClient({ clock, random, transport });
    return this.#admin;
  }

  /** Members that run, frozen ones included. */
  get living(): readonly SimulatedMember[] {
    return this.members.filter(({ state }) => state === 'up');
  }

  async start(): Promise<void> {
    const { clock, random, network: transport } = this;
    const { brokers, queues } = this.#schedule;
    const { channelExpiry } = this.#options;
    this.#cluster = await EmbeddedCluster.start({
      brokers,
      clock,
      random,
      transport,
      topics: { [TOPIC]: Math.ceil(queues / brokers) },
      messageDelayLevels: '1s 2s 3s 4s 5s 6s 7s 8s 9s 10s 11s 12s 13s 14s 15s 16s 17s 18s',
      requestLogSize: 16,
      lockExpiry: LOCK_EXPIRY,
      ...(channelExpiry !== undefined && { channelExpiry }),
    });
    this.tellQueues(Math.ceil(queues / brokers));
    this.#watchBroker();
    this.#producer = new Producer({
      nameServers: this.cluster.nameServers,
      producerGroup: 'Producers',
      clientIp: '10.0.0.2',
      instanceName: 'producer',
      environment: { clock, random, transport },
    });
    await this.finish(this.#producer.start());
    this.#tick();
  }

  /** The readable queues from now on, on every broker. */
  tellQueues(perBroker: number): void {
    this.readQueues = perBroker;
    const queues = this.cluster.brokerNames.flatMap((broker) =>
      Array.from({ length: perBroker }, (_, id) => `${broker}:${id}`),
    );
    this.history.record({ process: 'cluster', op: 'queues', topic: TOPIC, queues });
  }

  join(): SimulatedMember {
    const { clock, random, network, history } = this;
    const member: SimulatedMember = new SimulatedMember({
      name: `m${this.members.length}`,
      group: GROUP,
      topic: TOPIC,
      nameServers: this.cluster.nameServers,
      clock,
      network,
      random,
      history,
      listener: this.#schedule.listener,
      mode: this.#schedule.mode ?? 'immediate',
      heartbeat: this.#options.heartbeat ?? 30_000,
      onFailed: () => {
        this.clock.timer(500, () => void (this.#isOver || this.join()));
      },
      onConnected: (address) => void this.owners.set(address, member.process),
    });
    this.members.push(member);
    void member.start();
    return member;
  }

  send(count: number): void {
    for (let left = count; left > 0; left--) {
      const sending = this.#send(`v${++this.#sent}`);
      this.#sending.add(sending);
      void sending.finally(() => this.#sending.delete(sending));
    }
  }

  /** Moves the clock until the work is done. */
  async finish<T>(work: Promise<T>, limit = 60_000): Promise<T> {
    const state = { over: false };
    const finished = work.finally(() => (state.over = true));
    finished.catch(() => {});
    const end = this.clock.uptime() + limit;
    await this.clock.advance(0);
    while (!state.over && this.clock.uptime() < end) await this.clock.advance(20);
    if (!state.over) throw new Error(`Nothing came of it within ${limit} ms of virtual time`);
    return finished;
  }

  /** Nothing is sent any more. */
  async stopSending(): Promise<void> {
    this.#stops = true;
    await this.finish(Promise.all(this.#sending));
  }

  /** Everybody leaves; then nothing may be left. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.finish(Promise.all(this.living.map(async (member) => member.leave())));
    this.history.isOpen = false;
    await this.finish(
      Promise.all([
        ...this.members.map(async (member) => member.bury()),
        this.#producer?.shutdown(),
        this.#admin?.close(),
      ]),
    );
    await this.finish(this.cluster.shutdown());
    // What is still on its way arrives.
    await this.clock.advance(100);
    this.history.isOpen = true;
    // A process that is dead gives nothing back; its machine does.
    const dead = this.members.filter(({ isDead }) => isDead).reduce((sum, { timers }) => sum + timers, 0);
    this.#tellHealth('timers', this.clock.pendingTimers - dead);
    this.#tellHealth('connections', this.network.connections);
  }

  #tellHealth(kind: string, count: number): void {
    this.history.record({ process: 'world', op: 'health', kind, count });
  }

  #tick(): void {
    if (this.#stops) return;
    this.clock.timer(this.random.next() * (2_000 / this.#schedule.rate), () => {
      if (this.#stops) return;
      this.send(1);
      this.#tick();
    });
  }

  async #send(value: string): Promise<void> {
    const producer = this.#producer;
    if (producer === undefined) return;
    const event = { process: 'producer', op: 'send', topic: TOPIC, value } as const;
    this.history.record({ ...event, phase: 'invoke', grace: 3_100 });
    try {
      const { queue, queueOffset } = await producer.send({ topic: TOPIC, body: value });
      this.history.record({
        ...event,
        phase: 'ok',
        queue: `${queue.brokerName}:${queue.queueId}`,
        offset: queueOffset,
      });
    } catch (error) {
      if (!(error instanceof RocketMQError)) throw error;
      const isSure = error instanceof SendFailedError && error.outcome === 'notSent';
      this.history.record({ ...event, phase: isSure ? 'fail' : 'unknown' });
    }
  }

  /** Takes down the commits that count, and the questions for first offsets. */
  #watchBroker(): void {
    const queueOf = (server: string, queueId: number): string => `${server}:${queueId}`;
    this.cluster.on('request', (request) => {
      if (request.code !== Commands.queryConsumerOffset.code) return;
      const { server, client, ext } = request;
      const process = this.owners.get(client);
      if (process === undefined || ext['topic'] !== TOPIC) return;
      const queue = queueOf(server, Number(ext['queueId']));
      this.history.record({ process, op: 'first', topic: TOPIC, queue });
    });
    const row = Commands.updateConsumerOffset;
    this.cluster.control(row, ({ server, client, command }) => {
      const { topic, queueId, commitOffset: offset, consumerGroup } = row.request.decode(command.extFields);
      const process = this.owners.get(client) ?? client;
      return {
        ...this.commitFault?.(client),
        // Called when the broker has carried it out, or refused.
        change: (answer) => {
          const isStored = (answer.code ?? 0) === 0 && answer.remark === undefined;
          const event: Omit<HistoryEvent, 'at'> = {
            process,
            op: 'commit',
            topic,
            queue: queueOf(server, queueId),
            offset,
          };
          if (isStored && consumerGroup === GROUP) this.history.record(event);
          return answer;
        },
      };
    });
  }

  /** Any of a list. */
  pick<T>(list: readonly T[], share = this.random.next()): T | undefined {
    return list[Math.floor(share * list.length)];
  }

  /** A number below. */
  below(count: number): number {
    return randomInteger(this.random, count);
  }
}
