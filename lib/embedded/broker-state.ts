import { hostBytes } from '../../protocol/message/host.ts';
import { offsetMessageIdOfBytes, UniqueIds } from '../../protocol/message/message-id.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { randomInteger } from '../runtime/random.ts';
import { DelaySchedule } from './delay.ts';
import { delayed, undelayed } from './delayed-message.ts';
import type { ClusterSettings } from './embedded-options.ts';
import { type ConsumerGroup, ConsumerGroups, ProducerGroups } from './group.ts';
import { Housekeeping } from './housekeeping.ts';
import { copyOf, MessageLog } from './log.ts';
import type { NewMessage, StoredRecord } from './records.ts';
import { QueueLocks } from './locks.ts';
import { HeldPulls } from './long-polling.ts';
import type { Manners } from './manners.ts';
import { OffsetTable } from './offsets.ts';
import { SCHEDULE_TOPIC, TopicTable } from './topics.ts';
import { HALF_TOPIC, prepared, Transactions } from './transactions.ts';

/** What a broker knows and does, apart from speaking: the part that outlives a stop and a start. */
export class BrokerState {
  readonly name: string;
  readonly settings: ClusterSettings;
  readonly manners: Manners;
  readonly topics: TopicTable;
  readonly log = new MessageLog();
  readonly offsets = new OffsetTable();
  readonly groups: ConsumerGroups;
  readonly producers = new ProducerGroups();
  readonly held: HeldPulls;
  readonly schedule: DelaySchedule;
  readonly housekeeping: Housekeeping;
  readonly transactions: Transactions;
  locks: QueueLocks;
  #check: (record: StoredRecord) => StoredRecord = (record) => record;
  #address = '';
  #hostBytes: Buffer = Buffer.alloc(8);
  #ids: UniqueIds | undefined;

  constructor(
    name: string,
    settings: ClusterSettings,
    manners: Manners,
    callbacks: { groupChanged: (group: ConsumerGroup) => void; tick: () => void },
  ) {
    this.name = name;
    this.settings = settings;
    this.manners = manners;
    const { clock, longPollingCheck, lockExpiry } = settings;
    this.topics = new TopicTable(settings.autoCreateTopics, settings.defaultTopicQueueNums);
    this.topics.ensure(SCHEDULE_TOPIC, settings.delayLevels.length);
    this.topics.ensure(HALF_TOPIC, 1);
    this.groups = new ConsumerGroups(callbacks.groupChanged);
    this.held = new HeldPulls(clock);
    this.schedule = new DelaySchedule(clock, (record) => this.#deliver(record));
    this.transactions = new Transactions(clock, settings, (record) => this.#check(record));
    this.locks = new QueueLocks(clock, lockExpiry);
    const isNeeded = (): boolean => !this.held.isEmpty || !this.groups.isEmpty || !this.producers.isEmpty;
    this.housekeeping = new Housekeeping(clock, longPollingCheck, isNeeded, callbacks.tick);
  }

  /** `ip:port`. */
  get address(): string {
    return this.#address;
  }

  start(address: string): void {
    this.#address = address;
    this.#hostBytes = hostBytes(address);
    this.schedule.start();
    this.transactions.start();
    this.housekeeping.start();
  }

  /** Messages, offsets, topics and delays stay; locks and held pulls are only in memory, as in Java. */
  stop(): void {
    this.schedule.stop();
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
    return offsetMessageIdOfBytes(this.#hostBytes, record.commitLogOffset);
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

  #store(message: NewMessage, now: number): StoredRecord {
    const record = this.log.append(message, this.#address, now);
    this.held.arrived(this.log.queue(record.topic, record.queueId));
    return record;
  }

  #deliver(record: StoredRecord): void {
    const message = undelayed(copyOf(record));
    if (this.topics.get(message.topic) !== undefined) this.#store(message, this.settings.clock.now());
  }

  /** Forgets a topic with its messages and offsets. */
  deleteTopic(topic: string): boolean {
    this.log.deleteTopic(topic);
    this.offsets.deleteTopic(topic);
    return this.topics.delete(topic);
  }
}
