import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { queueKey } from '../../../protocol/model/message-queue.ts';
import { RocketMQError } from '../../errors.ts';

/** The store of option `offsetStore` failed, took too long, or gave what is no offset. `cause` is what it threw. */
export class OffsetStoreError extends RocketMQError {
  readonly code = 'ERR_RMQ_OFFSET_STORE';
  /** The queue that was asked for, if it was one. */
  readonly queue: MessageQueue | undefined;
  override readonly retryable = true;

  /** @param problem completes "The offset store … " */
  constructor(problem: string, queue?: MessageQueue, options?: ErrorOptions) {
    const reason = options?.cause instanceof Error ? `: ${options.cause.message}` : '';
    const where = queue === undefined ? '' : ` for ${queueKey(queue)}`;
    super(`The offset store ${problem}${where}${reason}`, options);
    this.queue = queue;
  }
}
