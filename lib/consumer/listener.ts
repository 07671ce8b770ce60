import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';

/**
 * What a listener makes of a message. Nothing or `'success'`: done. `'later'`, a delay level, or a throw: send it
 * back, to come again. `'deadLetter'`: straight to the dead-letter queue. Any other value counts as nothing.
 */
export type ListenerResult = void | undefined | 'success' | 'later' | 'deadLetter' | DelayedRetry;

/** Send back with this delay level: 1 to 18 of the broker's `messageDelayLevel`; 0 lets the broker choose by the number of tries. */
export interface DelayedRetry {
  readonly delayLevel: number;
}

/** Where a listener's messages come from. One object for each ownership of a queue. */
export interface ConsumeContext {
  readonly consumerGroup: string;
  readonly queue: MessageQueue;
  /** Aborted once the queue is no longer this member's: results after that are void, and the messages come again elsewhere. */
  readonly signal: AbortSignal;
}

export type EachMessage = (
  message: ReceivedMessage,
  context: ConsumeContext,
) => ListenerResult | Promise<ListenerResult>;

/** Several messages of one queue, in order; the result is that of each. */
export type EachBatch = (
  messages: readonly ReceivedMessage[],
  context: ConsumeContext,
) => ListenerResult | Promise<ListenerResult>;

/** One listener of a subscription. */
export type Listener =
  | { readonly kind: 'message'; readonly run: EachMessage }
  | { readonly kind: 'batch'; readonly run: EachBatch };
