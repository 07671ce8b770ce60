import type { ReceivedMessage } from './received-message.ts';

/**
 * Frees the memory around messages that are to be kept: those that are less than half of what they are views of get memory of their own.
 * One small message would else hold a whole answer, or all that a socket brought at once, for as long as it lives. To be called before
 * anybody has asked for a body.
 */
export function ownMemory(messages: readonly ReceivedMessage[]): void {
  for (let start = 0; start < messages.length;) {
    const end = endOfRun(messages, start);
    move(messages.slice(start, end));
    start = end;
  }
}

/** Messages of one answer are views of the same memory, unless some come out of a compressed batch. */
function endOfRun(messages: readonly ReceivedMessage[], start: number): number {
  const memory = messages[start]?.memory;
  let end = start + 1;
  while (end < messages.length && messages[end]?.memory === memory) end++;
  return end;
}

function move(messages: readonly ReceivedMessage[]): void {
  const size = messages.reduce((sum, { storeSize }) => sum + storeSize, 0);
  const [first] = messages;
  if (first === undefined || 2 * size >= first.memory.byteLength) return;
  // Not from the pool, whose pieces hold one another.
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const message of messages) {
    message.moveTo(bytes, at);
    at += message.storeSize;
  }
}
