import { isResponse, RocketMQError } from '../../errors.ts';
import type { PopReceipt } from '../../api/pop-api.ts';
import { within } from '../../runtime/within.ts';
import { batchAcks, fitsBatch } from './batch-acks.ts';
import { popAddress, type PopContext } from './pop-context.ts';
import type { HeldMessage } from './pop-queue.ts';

/** What is known of a message that is done. */
export type Acknowledged = Pick<HeldMessage, 'handle' | 'queue' | 'expiresAt'>;

/** What could not be acknowledged, and why. */
interface Failure {
  readonly error: RocketMQError;
  readonly unsent: readonly Acknowledged[];
}

/** Rest before acknowledgements that failed are sent again, in ms. */
const RETRY = 1_000;

/**
 * Tells brokers which messages are done. Those of one turn and broker leave in one request where the broker knows batches (5.1.1 and later); one that
 * fails is sent again for as long as the message is hidden. Java's clients send each alone, and once.
 */
export class PopAcker {
  readonly #consumer: PopContext;
  /** By broker: what this turn has brought. */
  readonly #pending = new Map<string, Acknowledged[]>();
  readonly #underWay = new Set<Promise<void>>();
  /** Brokers that do not know batches. */
  readonly #plain = new Set<string>();
  readonly #stop = new AbortController();
  #scheduled = false;

  constructor(consumer: PopContext) {
    this.#consumer = consumer;
  }

  ack(entry: Acknowledged): void {
    const { brokerName } = entry.handle;
    const waiting = this.#pending.get(brokerName);
    if (waiting === undefined) this.#pending.set(brokerName, [entry]);
    else waiting.push(entry);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#consumer.clock.timer(0, () => this.#flush());
  }

  /** Everything leaves, and is waited for at most `patience` ms; what fails then is not sent again. */
  async stop(patience: number): Promise<void> {
    this.#flush();
    const { clock } = this.#consumer;
    await within(clock, patience, Promise.all(this.#underWay));
    this.#stop.abort();
  }

  #flush(): void {
    this.#scheduled = false;
    const brokers = [...this.#pending];
    this.#pending.clear();
    for (const [brokerName, entries] of brokers) {
      const work = this.#deliver(brokerName, entries);
      this.#underWay.add(work);
      void work.finally(() => this.#underWay.delete(work));
    }
  }

  /** Never rejects. */
  async #deliver(brokerName: string, entries: readonly Acknowledged[]): Promise<void> {
    const { clock } = this.#consumer;
    let left = entries;
    for (let failures = 0; left.length > 0; failures++) {
      const failure = await this.#send(brokerName, left);
      if (failure === undefined) return;
      const { error, unsent } = failure;
      const now = clock.uptime();
      left = error.retryable ? unsent.filter(({ expiresAt }) => expiresAt > now + RETRY) : [];
      if (failures === 0 || left.length === 0) this.#warn(unsent, error, left.length > 0);
      if (left.length > 0) await clock.sleep(RETRY, this.#stop.signal).catch(() => {});
      if (this.#stop.signal.aborted) return;
    }
  }

  async #send(brokerName: string, entries: readonly Acknowledged[]): Promise<Failure | undefined> {
    let address: string;
    try {
      address = popAddress(this.#consumer, brokerName);
    } catch (error) {
      return { error: rocketMQ(error), unsent: entries };
    }
    const fitting = entries.filter((entry) => fitsBatch(this.#receipt(entry)));
    const isBatch = fitting.length > 1 && !this.#plain.has(brokerName);
    const batch = isBatch ? fitting : [];
    const alone = isBatch ? entries.filter((entry) => !fitting.includes(entry)) : entries;
    const outcomes = await Promise.all([
      this.#sendBatch(address, brokerName, batch),
      ...alone.map(async (entry) => this.#attempt([entry], this.#ackOne(address, entry))),
    ]);
    const failed = outcomes.filter((outcome) => outcome !== undefined);
    const [first] = failed;
    return first && { error: first.error, unsent: failed.flatMap(({ unsent }) => unsent) };
  }

  async #sendBatch(
    address: string,
    brokerName: string,
    entries: readonly Acknowledged[],
  ): Promise<Failure | undefined> {
    if (entries.length === 0) return undefined;
    const acks = batchAcks(entries.map((entry) => this.#receipt(entry)));
    const outcome = await this.#attempt(
      entries,
      this.#consumer.pop.batchAck(address, { brokerName, acks }, { brokerName }),
    );
    if (!isResponse(outcome?.error, 'REQUEST_CODE_NOT_SUPPORTED')) return outcome;
    this.#plain.add(brokerName);
    return this.#send(brokerName, entries);
  }

  async #attempt(entries: readonly Acknowledged[], work: Promise<void>): Promise<Failure | undefined> {
    try {
      await work;
      return undefined;
    } catch (error) {
      return { error: rocketMQ(error), unsent: entries };
    }
  }

  async #ackOne(address: string, entry: Acknowledged): Promise<void> {
    await this.#consumer.pop.ack(address, this.#receipt(entry));
  }

  #receipt({ handle, queue }: Acknowledged): PopReceipt {
    return { consumerGroup: this.#consumer.consumerGroup, topic: queue.queue.topic, handle };
  }

  #warn(entries: readonly Acknowledged[], error: RocketMQError, again: boolean): void {
    const [first] = entries;
    if (first === undefined) return;
    const { queue } = first.queue;
    const then = again ? 'it is sent again' : 'they may come again';
    const message = `Acknowledging ${entries.length} popped messages of ${first.queue.key} failed, ${then}: ${error.message}`;
    this.#consumer.emit('warning', { kind: 'ackFailed', queue, message, error });
  }
}

/** Anything else is a fault of this program, and must be seen. */
function rocketMQ(error: unknown): RocketMQError {
  if (error instanceof RocketMQError) return error;
  throw error;
}
