import { MessageProperty } from '../../protocol/message/properties.ts';
import { SysFlag } from '../../protocol/message/sys-flag.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Manners } from './manners.ts';
import type { NewMessage } from './store/new-message.ts';
import type { StoredRecord } from './store/stored-record.ts';

/** Where prepared messages wait for the end of their transaction. Java: `TopicValidator.RMQ_SYS_TRANS_HALF_TOPIC`. */
export const HALF_TOPIC = 'RMQ_SYS_TRANS_HALF_TOPIC';

interface Pending {
  record: StoredRecord;
  checks: number;
  /** By the clock's `now`. */
  due: number;
}

export interface TransactionSettings {
  readonly transactionTimeout: number;
  readonly transactionCheckInterval: number;
  readonly transactionCheckMax: number;
}

/** Transactions without a decision, and when their producers are to be asked. Java: `TransactionalMessageServiceImpl`. */
export class Transactions {
  readonly #clock: Clock;
  readonly #settings: TransactionSettings;
  readonly #check: (record: StoredRecord) => StoredRecord;
  readonly #pending = new Map<number, Pending>();
  #timer: Timer | undefined;
  #running = false;

  /** `check` stores the prepared message anew, asks a producer, and tells the new record. */
  constructor(clock: Clock, settings: TransactionSettings, check: (record: StoredRecord) => StoredRecord) {
    this.#clock = clock;
    this.#settings = settings;
    this.#check = check;
  }

  add(record: StoredRecord): void {
    const due = this.#clock.now() + this.#settings.transactionTimeout;
    this.#pending.set(record.commitLogOffset, { record, checks: 0, due });
    this.#arm();
  }

  /** The transaction has been decided. */
  end(commitLogOffset: number): void {
    this.#pending.delete(commitLogOffset);
  }

  start(): void {
    this.#running = true;
    this.#arm();
  }

  stop(): void {
    this.#running = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    if (this.#timer !== undefined || !this.#running || this.#pending.size === 0) return;
    const next = Math.min(...[...this.#pending.values()].map((pending) => pending.due));
    this.#timer = this.#clock.timer(Math.max(0, next - this.#clock.now()), () => {
      this.#timer = undefined;
      this.#run();
      this.#arm();
    });
  }

  #run(): void {
    const now = this.#clock.now();
    for (const [offset, pending] of this.#pending) {
      if (pending.due > now) continue;
      this.#pending.delete(offset);
      if (pending.checks >= this.#settings.transactionCheckMax) continue;
      const record = this.#check(pending.record);
      const due = now + this.#settings.transactionCheckInterval;
      this.#pending.set(record.commitLogOffset, { record, checks: pending.checks + 1, due });
    }
  }
}

const withoutType = (sysFlag: number): number => sysFlag & ~SysFlag.transactionRollback;

/** A prepared message as it waits. Java: `TransactionalMessageBridge.parseHalfMessageInner`. */
export function prepared(message: NewMessage, { tidyTransactions }: Manners): NewMessage {
  const properties = new Map(message.properties);
  const id = properties.get(MessageProperty.UNIQ_KEY);
  if (tidyTransactions && id !== undefined) properties.set(MessageProperty.TRANSACTION_ID, id);
  properties.set(MessageProperty.REAL_TOPIC, message.topic);
  properties.set(MessageProperty.REAL_QID, String(message.queueId));
  return { ...message, topic: HALF_TOPIC, queueId: 0, sysFlag: withoutType(message.sysFlag), properties };
}

/** A prepared message with its real topic and queue. */
export function unprepared(record: StoredRecord): NewMessage {
  const message = record.copy();
  const topic = message.properties.get(MessageProperty.REAL_TOPIC) ?? message.topic;
  return { ...message, topic, queueId: Number(message.properties.get(MessageProperty.REAL_QID) ?? 0) };
}

/** A committed message as consumers get it. Java: `EndTransactionProcessor.endMessageTransaction`. */
export function committed(record: StoredRecord, { tidyTransactions }: Manners): NewMessage {
  const message = unprepared(record);
  const sysFlag = withoutType(message.sysFlag) | SysFlag.transactionCommit;
  if (tidyTransactions) {
    message.properties.delete(MessageProperty.REAL_TOPIC);
    message.properties.delete(MessageProperty.REAL_QID);
  }
  return { ...message, sysFlag, preparedTransactionOffset: record.commitLogOffset };
}
