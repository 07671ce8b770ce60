import { LitePullConsumer } from '../../lib/consumer/lite-pull-consumer.ts';
import type { LitePullConsumerOptions } from '../../lib/options/lite-pull-consumer.ts';
import { PushConsumer, type PushConsumerOptions } from '../../lib/consumer/push-consumer.ts';
import type { SubscribeOptions } from '../../lib/consumer/subscription.ts';
import { Producer, type ProducerOptions } from '../../lib/producer/producer.ts';
import type { SendResult } from '../../lib/producer/send-result.ts';
import { uniqueName } from './everywhere.ts';

/** Clients of one test: started here, and shut down with it. */
export class Clients implements AsyncDisposable {
  readonly #nameServers: string;
  readonly #open: AsyncDisposable[] = [];

  constructor(nameServers: string) {
    this.#nameServers = nameServers;
  }

  /** A consumer that is not started; `start` it, it is shut down with the others. */
  consumer(
    topic: string,
    subscribe: SubscribeOptions,
    options: Partial<PushConsumerOptions> = {},
  ): PushConsumer {
    const consumer = new PushConsumer({
      nameServers: this.#nameServers,
      consumerGroup: uniqueName('Group'),
      consumeFromWhere: 'first',
      awaitTerminationMillisWhenShutdown: 1_000,
      ...options,
    });
    consumer.subscribe(topic, subscribe);
    this.#open.push(consumer);
    return consumer;
  }

  /** A lite pull consumer that is not started, nor subscribed to anything. */
  lite(options: Partial<LitePullConsumerOptions> = {}): LitePullConsumer {
    const consumer = new LitePullConsumer({
      nameServers: this.#nameServers,
      consumerGroup: uniqueName('Group'),
      consumeFromWhere: 'first',
      awaitTerminationMillisWhenShutdown: 500,
      ...options,
    });
    this.#open.push(consumer);
    return consumer;
  }

  async producer(options: Partial<ProducerOptions> = {}): Promise<Producer> {
    const producer = new Producer({
      nameServers: this.#nameServers,
      producerGroup: uniqueName('Producers'),
      ...options,
    });
    this.#open.push(producer);
    await producer.start();
    return producer;
  }

  /** Sends these texts, one after the other. */
  async send(topic: string, bodies: readonly string[]): Promise<SendResult[]> {
    const producer = await this.producer();
    const results: SendResult[] = [];
    for (const body of bodies) results.push(await producer.send({ topic, body }));
    return results;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#open.map(async (each) => each[Symbol.asyncDispose]()));
  }
}
