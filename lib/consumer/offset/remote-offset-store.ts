import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { BrokerNotFoundError } from '../../errors.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import type { OffsetStore } from '../../options/offset-store.ts';

/** Positions at the broker of each queue: those of a group that shares queues. Java: `RemoteBrokerOffsetStore`. */
export class RemoteOffsetStore implements OffsetStore {
  readonly #consumer: ConsumerContext;

  constructor(consumer: ConsumerContext) {
    this.#consumer = consumer;
  }

  async read(queue: MessageQueue, signal: AbortSignal): Promise<number | undefined> {
    const { api, consumerGroup: group } = this.#consumer;
    return api.queryConsumerOffset(this.#addressOf(queue), { group, queue }, { signal });
  }

  async write(queue: MessageQueue, offset: number): Promise<void> {
    const { api, consumerGroup: group } = this.#consumer;
    await api.updateConsumerOffset(this.#addressOf(queue), { group, queue, offset });
  }

  #addressOf(queue: MessageQueue): string {
    const address = this.#consumer.instance.routes.addressOf(queue);
    if (address === undefined) throw new BrokerNotFoundError(queue.brokerName);
    return address;
  }
}
