import { Producer, PushConsumer } from '../../lib/index.ts';

/** The service under test: it makes an invoice of each order. */
export class InvoiceService {
  readonly #consumer: PushConsumer;
  readonly #producer: Producer;

  constructor(nameServers: string) {
    this.#producer = new Producer({ nameServers, producerGroup: 'InvoiceService' });
    this.#consumer = new PushConsumer({
      nameServers,
      consumerGroup: 'InvoiceService',
      consumeFromWhere: 'first',
    });
    this.#consumer.subscribe('Orders', {
      // If the invoice cannot be sent this throws, and the order comes again later.
      eachMessage: async (order) => {
        await this.#producer.send({ topic: 'Invoices', body: `invoice for ${order.text()}` });
      },
    });
  }

  async start(): Promise<void> {
    await this.#producer.start();
    await this.#consumer.start();
  }

  async stop(): Promise<void> {
    await this.#consumer.shutdown();
    await this.#producer.shutdown();
  }
}
