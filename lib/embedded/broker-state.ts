import { hostBytes } from '../../protocol/message/host.ts';
import { hostOfId, OffsetIds, UniqueIds } from '../../protocol/message/message-id.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { randomInteger } from '../runtime/random.ts';
import { DelaySchedule } from './delay/delay-schedule.ts';
import { delayed, isRecalled, undelayed } from './delay/delayed-message.ts';
import type { ClusterSettings } from './embedded-options.ts';
import { type ConsumerGroup, ConsumerGroups, ProducerGroups } from './groups/group.ts';
import { Housekeeping } from './housekeeping.ts';
import { MessageLog } from './store/message-log.ts';
import type { NewMessage } from './store/new-message.ts';
import type { StoredRecord } from './store/stored-record.ts';
import { QueueLocks } from './groups/locks.ts';
import { HeldPulls } from './long-polling.ts';
import type { Manners } from './manners.ts';
import { OffsetTable } from './groups/offsets.ts';
import { type PlainProperties, PlainPropertiesReader } from './store/plain-properties.ts';
import { PopState } from './pop/pop-state.ts';
import { SubscriptionGroups } from './groups/subscription-groups.ts';
import { REPLY_SUFFIX, SCHEDULE_TOPIC, TopicTable } from './topics.ts';
import { HALF_TOPIC, prepared, Transactions } from './transactions.ts';

/** What a broker's state needs done. */
export interface BrokerCallbacks {
  /** The members of a group are to be told. */
  readonly groupChanged: (group: ConsumerGroup) => void;
  readonly tick: () => void;
}

/** What a broker knows and does, apart from speaking: the part that outlives a stop and a start. */
export class BrokerState {
  readonly name: string;
  readonly settings: ClusterSettings;
  readonly manners: Manners;
  readonly topics: TopicTable;
  readonly log: MessageLog;
  readonly offsets: OffsetTable;
  readonly subscriptionGroups: SubscriptionGroups;
  /** Settings by Java's names, as administrators see and change them. */
  readonly config: Map<string, string>;
  /** 0 is the master. */
  readonly brokerId: number;
  readonly groups: ConsumerGroups;
  readonly producers = new ProducerGroups();
  readonly held: HeldPulls;
  readonly schedule: DelaySchedule<StoredRecord>;
  readonly pops: PopState;
  readonly housekeeping: Housekeeping;
  readonly transactions: Transactions;
  readonly plainProperties: PlainPropertiesReader;
  locks: QueueLocks;
  #check: (record: StoredRecord) => StoredRecord = (record) => record;
  readonly #slaves: BrokerState[] = [];
  #address = '';
  #hostBytes: Buffer = Buffer.alloc(8);
  #offsetIds = new OffsetIds('');
  #ids: UniqueIds | undefined;

  constructor(
    name: string,
    settings: ClusterSettings,
    manners: Manners,
    callbacks: BrokerCallbacks,
    master?: BrokerState,
  ) {
    this.name = name;
    this.settings = settings;
    this.manners = manners;
    const { clock, longPollingCheck, lockExpiry } = settings;
    this.brokerId = master === undefined ? 0 : master.#slaves.push(this);
    // A slave is as far as its master at any time.
    this.topics = master?.topics ?? ownTopics(settings);
    this.log = master?.log ?? new MessageLog(settings.memoryLimit);
    this.offsets = master?.offsets ?? new OffsetTable();
    this.subscriptionGroups = master?.subscriptionGroups ?? new SubscriptionGroups();
    this.config = configOf(name, settings, this.brokerId);
    this.groups = new ConsumerGroups(this.subscriptionGroups, callbacks.groupChanged);
    this.pops = new PopState(clock, this.log, (message) => this.#revive(message));
    this.held = new HeldPulls(clock);
    this.schedule = new DelaySchedule(clock, (record) => this.#deliver(record));
    this.transactions = new Transactions(clock, settings, (record) => this.#check(record));
    this.plainProperties = new PlainPropertiesReader(manners, settings.clusterName);
    this.locks = new QueueLocks(clock, lockExpiry);
    const isNeeded = (): boolean => !this.held.isEmpty || !this.groups.isEmpty || !this.producers.isEmpty;
    this.housekeeping = new Housekeeping(clock, longPollingCheck, isNeeded, callbacks.tick);
  }

  get isSlave(): boolean {
    return this.brokerId > 0;
  }

  /** `ip:port`. */
  get address(): string {
    return this.#address;
  }

  start(address: string): void {
    this.#address = address;
    this.#hostBytes = hostBytes(address);
    this.#offsetIds = new OffsetIds(hostOfId(this.#hostBytes));
    this.schedule.start();
    this.pops.start();
    this.transactions.start();
    this.housekeeping.start();
  }

  /** Messages, offsets, topics and delays stay; locks and held pulls are only in memory, as in Java. */
  stop(): void {
    this.schedule.stop();
    this.pops.stop();
    this.transactions.stop();
    this.housekeeping.stop();
    this.held.clear();
    this.locks = new QueueLocks(this.settings.clock, this.settings.lockExpiry);
  }

  queue(topic: string, queueId: number): MessageQueue {
    return { topic, brokerName: this.name, queueId };
  }

  /** A random queue of so many. */
  anyQueueId(count: number): number {
    return randomInteger(this.settings.random, Math.max(1, count));
  }

  /** A unique key for a message that came without. */
  uniqueId(): string {
    const { random, clock } = this.settings;
    const source = {
      ip: this.#hostBytes.subarray(0, -4),
      pid: process.pid,
      random: () => random.next(),
      now: () => clock.now(),
    };
    this.#ids ??= new UniqueIds(source);
    return this.#ids.next();
  }

  /** The offset id of a message. */
  messageIdOf(record: StoredRecord): string {
    return this.#offsetIds.at(record.commitLogOffset);
  }

  /** Stores a message until its transaction is decided. */
  prepare(message: NewMessage): StoredRecord {
    const record = this.append(prepared(message, this.manners));
    this.transactions.add(record);
    return record;
  }

  /** Says how a producer is asked for the outcome of a transaction. */
  onTransactionCheck(check: (record: StoredRecord) => StoredRecord): void {
    this.#check = check;
  }

  /** Stores a message, or parks it when it is to appear later, and wakes who waits for it. */
  append(message: NewMessage): StoredRecord {
    const now = this.settings.clock.now();
    const parked = delayed(message, now, this.settings.delayLevels, this.manners.timedMessages);
    const record = this.#store(parked?.message ?? message, now);
    if (parked !== undefined) this.schedule.add(record, parked.due);
    return record;
  }

  /** Stores a message that has nothing to wait for; its properties are given apart. */
  appendPlain(message: NewMessage, plain: PlainProperties): StoredRecord {
    return this.#store(message, this.settings.clock.now(), plain);
  }

  #store(message: NewMessage, now: number, plain?: PlainProperties): StoredRecord {
    const queue = this.log.queue(message.topic, message.queueId);
    const record = this.log.append(queue, message, this.#address, now, plain);
    this.held.arrived(queue);
    this.pops.waiters.arrived(queue.topic);
    for (const slave of this.#slaves) slave.held.arrived(queue);
    return record;
  }

  /** A timed message will never appear. */
  recall(topic: string, messageId: string): void {
    this.schedule.remove((record) => isRecalled(record, topic, messageId));
  }

  /** Which broker id a reader of a group shall turn to next: a slave, when it is far behind. Java: `suggestPullingFromSlave`. */
  suggestReader(record: StoredRecord | undefined, group: string): number {
    if (record === undefined || this.#slaves.length === 0) return 0;
    const { brokerId, whichBrokerWhenConsumeSlowly } = this.groups.config(group);
    const isFar = this.log.end - record.commitLogOffset > this.settings.slaveReadLag;
    return isFar ? whichBrokerWhenConsumeSlowly : brokerId;
  }

  #deliver(record: StoredRecord): void {
    const now = this.settings.clock.now();
    const message = undelayed(record, now);
    if (this.topics.get(message.topic) !== undefined) this.#store(message, now);
  }

  #revive(message: NewMessage): void {
    this.topics.ensure(message.topic, 1);
    this.#store({ ...message, bornHost: this.#address }, this.settings.clock.now());
  }

  /** Forgets a topic with its messages and offsets. */
  deleteTopic(topic: string): boolean {
    this.log.deleteTopic(topic);
    this.offsets.deleteTopic(topic);
    return this.topics.delete(topic);
  }
}

function ownTopics(settings: ClusterSettings): TopicTable {
  const topics = new TopicTable(settings.autoCreateTopics, settings.defaultTopicQueueNums);
  topics.ensure(SCHEDULE_TOPIC, settings.delayLevels.length);
  topics.ensure(HALF_TOPIC, 1);
  topics.ensure(`${settings.clusterName}${REPLY_SUFFIX}`, 1);
  return topics;
}

const configOf = (name: string, settings: ClusterSettings, brokerId: number): Map<string, string> =>
  new Map([
    ['brokerName', name],
    ['brokerClusterName', settings.clusterName],
    ['brokerId', String(brokerId)],
    ['recallMessageEnable', String(settings.recallMessages)],
  ]);
