import { RocketMQError } from '../../protocol/errors.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';

/** What is wrong with an allocation. The first three are refused by Java's own strategies as well. */
export type AllocationFault =
  | 'empty-client-id'
  | 'no-queues'
  | 'no-members'
  | 'unknown-room'
  | 'invalid-hash'
  | 'invalid-option'
  | 'invalid-result'
  | 'foreign-queue'
  | 'repeated-queue';

/** Facts about an allocation that failed, as far as there are any. */
export interface AllocationFacts {
  readonly consumerGroup?: string;
  readonly clientId?: string;

  /** The queue that is foreign, repeated or in no known room. */
  readonly queue?: MessageQueue;
}

/** Queues could not be shared out: the input is no basis for it, or a strategy gave an answer that cannot be used. */
export class AllocationError extends RocketMQError {
  readonly code = 'ERR_RMQ_ALLOCATION';
  readonly fault: AllocationFault;
  readonly consumerGroup: string | undefined;
  readonly clientId: string | undefined;
  readonly queue: MessageQueue | undefined;

  constructor(fault: AllocationFault, problem: string, facts: AllocationFacts = {}) {
    super(facts.consumerGroup === undefined ? problem : `Consumer group ${facts.consumerGroup}: ${problem}`);
    this.fault = fault;
    this.consumerGroup = facts.consumerGroup;
    this.clientId = facts.clientId;
    this.queue = facts.queue;
  }
}
