import { Producer } from '../../producer/producer.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Ledger } from './ledger.ts';

/** Rest between two rounds of sending, in ms. */
const ROUND = 10;

/** When so many messages wait for their acknowledgement, no more are sent. */
const MAX_UNDER_WAY = 2_000;

export interface SteadyProducerOptions {
  readonly nameServers: string;
  readonly producerGroup: string;
  readonly topic: string;
  /** Messages per second. */
  readonly rate: number;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

/** Sends numbered messages at a steady rate, and enters those that are acknowledged into the ledger. */
export class SteadyProducer {
  readonly #options: SteadyProducerOptions;
  readonly #producer: Producer;
  readonly #stop = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #sending: Promise<void> | undefined;
  #sent = 0;
  #failed = 0;

  constructor(options: SteadyProducerOptions) {
    const { nameServers, producerGroup } = options;
    this.#options = options;
    this.#producer = new Producer({ nameServers, producerGroup });
  }

  /** Sends whose outcome is not known: they failed, or nobody waited for them. */
  get failed(): number {
    return this.#failed;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#producer.start({ signal });
    this.#sending = this.#send();
  }

  /** Sends nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#sending;
    await Promise.all(this.#underWay);
  }

  async shutdown(): Promise<void> {
    this.#stop.abort();
    await this.#producer.shutdown({ timeout: 2_000 });
  }

  async #send(): Promise<void> {
    const { clock, rate } = this.#options;
    const { signal } = this.#stop;
    const began = clock.uptime();
    while (!signal.aborted) {
      const due = ((clock.uptime() - began) * rate) / 1_000;
      while (this.#sent < due && this.#underWay.size < MAX_UNDER_WAY) this.#sendOne(this.#sent++);
      await clock.sleep(ROUND, signal).catch(() => {});
    }
  }

  #sendOne(sequence: number): void {
    const { topic, ledger } = this.#options;
    const sending = this.#producer
      .send({ topic, body: `消息 ${sequence}`, keys: String(sequence) })
      .then(({ queue }) => ledger.acknowledge(sequence, queue.queueId))
      .catch(() => {
        this.#failed++;
      })
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }
}
