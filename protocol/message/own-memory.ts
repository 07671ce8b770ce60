import type { ReceivedMessage } from './received-message.ts';

/**
 * Frees the memory around messages that are to be kept: those that are less than half of what they are views of get memory of their own.
 * One small message would else hold a whole answer, or all that a socket brought at once, for as long as it lives. To be called before
 * anybody has asked for a body.
 */
export function ownMemory(messages: readonly ReceivedMessage[]): void {
  let start = 0;
  let size = 0;
  for (let index = 0; index < messages.length; index++) {
    size += messages[index]?.storeSize ?? 0;
    // Messages of one answer are views of the same memory, unless some come out of a compressed batch.
    if (messages[index + 1]?.memory === messages[index]?.memory) continue;
    move(messages, start, index + 1, size);
    start = index + 1;
    size = 0;
  }
}

/** Moves the messages from `start` to `end`, which have `size` bytes together, unless they are most of their memory. */
function move(messages: readonly ReceivedMessage[], start: number, end: number, size: number): void {
  const first = messages[start];
  const last = messages[end - 1];
  if (first === undefined || last === undefined || 2 * size >= first.memory.buffer.byteLength) return;
  // Not from the pool, whose pieces hold one another.
  const bytes = Buffer.allocUnsafeSlow(size);
  const { memory, memoryAt } = first;
  // Most answers are kept whole: one copy is much cheaper than one for each message.
  const isWhole = last.memoryAt + last.storeSize - memoryAt === size;
  if (isWhole) memory.copy(bytes, 0, memoryAt, memoryAt + size);
  let at = 0;
  for (let index = start; index < end; index++) {
    const message = messages[index];
    if (message === undefined) continue;
    const { storeSize } = message;
    if (!isWhole) memory.copy(bytes, at, message.memoryAt, message.memoryAt + storeSize);
    message.moveTo(bytes, at);
    at += storeSize;
  }
}
