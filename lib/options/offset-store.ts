import type { MessageQueue } from '../../protocol/model/message-queue.ts';

/** Where a group's positions are kept: one offset per queue, the lowest that is not consumed. Java: `OffsetStore`. */
export interface OffsetStore {
  /** What is stored, undefined if nothing is. @throws when that cannot be said: the caller asks again, and never takes "unknown" for 0. */
  read(queue: MessageQueue, signal: AbortSignal): Promise<number | undefined>;
  /** Resolves when the offset is stored. @throws {RocketMQError} when it may not be. */
  write(queue: MessageQueue, offset: number): Promise<void>;
  /** Called once before anything else, if there is one. @throws {RocketMQError} when what is stored cannot be used. */
  open?(): Promise<void>;
  /** Called once at the end, if there is one, also after an `open` that failed. */
  close?(): Promise<void>;
}

/** Whether a value has what a consumer needs of a store. */
export function isOffsetStore(value: unknown): value is OffsetStore {
  if (typeof value !== 'object' || value === null) return false;
  const { read, write } = value as Partial<OffsetStore>;
  return typeof read === 'function' && typeof write === 'function';
}
