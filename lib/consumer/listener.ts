import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';

/**
 * What a listener makes of a message. Nothing or `'success'`: done. `'later'`, a delay level, or a throw: send it
 * back, to come again. `'deadLetter'`: straight to the dead-letter queue. Any other value counts as nothing.
 *
 * In orderly mode nothing is sent back: `'later'`, `{ suspend }` or a throw let the queue rest, and the message comes again before those after it. With `autoCommit:
 * false`, `'success'` leaves the message uncommitted, `'commit'` commits all that was handed out, `'rollback'` has all of it that is not committed come again.
 */
export type ListenerResult =
  void | undefined | 'success' | 'later' | 'deadLetter' | 'commit' | 'rollback' | DelayedRetry | SuspendQueue;

/** Orderly mode: let the queue rest for so many ms, 10 to 30,000, and then deliver the message again. In concurrent mode the same as `'later'`. */
export interface SuspendQueue {
  readonly suspend: number;
}

/** Send back with this delay level: 1 to 18 of the broker's `messageDelayLevel`; 0 lets the broker choose by the number of tries. */
export interface DelayedRetry {
  readonly delayLevel: number;
}

/** Of a batch, the messages up to this index are done; the others are sent back, with a delay level if there is one, or in orderly mode come again after a rest. Java: `ackIndex`. */
export interface PartialSuccess {
  /** From 0; -1: none is done. */
  readonly ackIndex: number;
  readonly delayLevel?: number;
}

/** What a listener makes of a batch. */
export type BatchResult = ListenerResult | PartialSuccess;

/** Where a listener's messages come from. One object for each ownership of a queue. */
export interface ConsumeContext {
  readonly consumerGroup: string;
  readonly queue: MessageQueue;
  /** Aborted once the queue is no longer this member's: results after that are void, and the messages come again elsewhere. */
  readonly signal: AbortSignal;
  /**
   * Orderly mode with `autoCommit: false`: commits all that was handed out of this queue. Called while a listener runs, it takes effect when that ends,
   * with its message only if it succeeds. @throws {IllegalStateError} in other modes.
   */
  commit(): void;
  /** The same mode: what was handed out and is not committed comes again, after the queue has rested. @throws {IllegalStateError} in other modes. */
  rollback(): void;
}

/** What `eachBatch` may set as it goes along, so that it counts even if it throws. Java: `ConsumeConcurrentlyContext`. */
export interface BatchContext extends ConsumeContext {
  /** The last message that is done, from 0, when the listener succeeds. Default: all. A result with `ackIndex` goes before it. */
  ackIndex: number;
  /** Delay level of what is sent back without one of its own: 'later', a throw, messages behind `ackIndex`. Default 0. */
  delayLevelWhenNextConsume: number;
}

export type EachMessage = (
  message: ReceivedMessage,
  context: ConsumeContext,
) => ListenerResult | Promise<ListenerResult>;

/** Several messages of one queue, in order; the result is that of each, unless it names an `ackIndex`. */
export type EachBatch = (
  messages: readonly ReceivedMessage[],
  context: BatchContext,
) => BatchResult | Promise<BatchResult>;

/** One listener of a subscription. */
export type Listener =
  | { readonly kind: 'message'; readonly run: EachMessage }
  | { readonly kind: 'batch'; readonly run: EachBatch };
