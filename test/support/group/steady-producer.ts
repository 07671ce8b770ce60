import { Producer } from '../../../lib/producer/producer.ts';

const TICK = 10;

/** Sends keyed messages at a steady rate, and remembers which of them the broker acknowledged. */
export class SteadyProducer implements AsyncDisposable {
  /** Keys of acknowledged messages, with the time of the acknowledgement. */
  readonly acknowledged = new Map<string, number>();
  /** Messages whose fate is unknown, or that were refused. */
  readonly failures: unknown[] = [];
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #perSecond: number;
  readonly #inFlight: number;
  readonly #sending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  /** @param inFlight sends under way at most: a machine that cannot keep the rate sends less. Default any number. */
  constructor(nameServers: string, topic: string, perSecond: number, inFlight = Infinity) {
    this.#producer = new Producer({ nameServers, producerGroup: `${topic}_Producer` });
    this.#topic = topic;
    this.#perSecond = perSecond;
    this.#inFlight = inFlight;
  }

  async start(): Promise<void> {
    await this.#producer.start();
    const began = performance.now();
    const alreadySent = this.#sent;
    this.#timer = setInterval(() => {
      const due = alreadySent + ((performance.now() - began) * this.#perSecond) / 1000;
      while (this.#sent < due && this.#sending.size < this.#inFlight) this.#send(`k${this.#sent++}`);
    }, TICK);
  }

  /** Stops sending; resolves when everything sent was acknowledged or has failed. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#sending);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#producer.shutdown();
  }

  #send(key: string): void {
    const sending = this.#producer.send({ topic: this.#topic, keys: key, body: key }).then(
      () => void this.acknowledged.set(key, Date.now()),
      (error: unknown) => void this.failures.push(error),
    );
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
  }
}
