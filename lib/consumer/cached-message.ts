import type { ReceivedMessage } from '../../protocol/message/stored-message.ts';

/** One cached message and how far it has come. */
export interface CachedMessage {
  readonly message: ReceivedMessage;
  readonly offset: number;
  /** The answer it came with. */
  readonly lot: CachedLot;
  done: boolean;
  /** The listener that is at work on it, if that does not return at once. */
  call: ListenerCall | undefined;
}

/** The messages of one pull. They are views of the same memory, which is free when the last of them is done. */
export interface CachedLot {
  /** What they hold in memory together, counted against the byte limit. */
  readonly bytes: number;
  /** Messages that are not done. */
  left: number;
}

/** One call of a listener that is at work, shared by the messages it was given. */
export interface ListenerCall {
  readonly batch: readonly CachedMessage[];
  /** By the clock's uptime. */
  readonly began: number;
  /** It took too long, and what it brings does not count any more. */
  isVoid: boolean;
  /** Its messages are on their way back to the broker. */
  isReturning: boolean;
  /** The listener is through. */
  isOver: boolean;
  /** It has been said that it takes long. */
  isReported: boolean;
}

/** A call that begins now, `now` by the clock's uptime; its messages know of it. */
export function beginCall(batch: readonly CachedMessage[], now: number): ListenerCall {
  const call = { batch, began: now, isVoid: false, isReturning: false, isOver: false, isReported: false };
  for (const entry of batch) entry.call = call;
  return call;
}

/** The call has come to its end; its messages may be sent back, or tried again, without it. */
export function endCall(call: ListenerCall): void {
  for (const entry of call.batch) entry.call = undefined;
}
