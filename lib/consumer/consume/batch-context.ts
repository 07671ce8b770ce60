import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { BatchContext, ConsumeContext } from '../listener.ts';

/** What one call of `eachBatch` is told, and may set. */
export class BatchCallContext implements BatchContext {
  ackIndex = Number.MAX_SAFE_INTEGER;
  delayLevelWhenNextConsume = 0;
  readonly #ownership: ConsumeContext;

  constructor(ownership: ConsumeContext) {
    this.#ownership = ownership;
  }

  get consumerGroup(): string {
    return this.#ownership.consumerGroup;
  }

  get queue(): MessageQueue {
    return this.#ownership.queue;
  }

  get signal(): AbortSignal {
    return this.#ownership.signal;
  }

  commit(): void {
    this.#ownership.commit();
  }

  rollback(): void {
    this.#ownership.rollback();
  }
}
