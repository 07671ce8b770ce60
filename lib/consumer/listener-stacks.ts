import type { OwnedQueue } from './owned-queue.ts';

/** Of one queue so many messages are named. */
const MOST = 100;

/**
 * What listeners are at work on, in place of the stacks of Java's consumer threads, which Node.js has none of: one entry for each message, in the layout of
 * those stacks, as mqadmin `consumerStatus -s` shows them. No bodies, no properties. Pure. Java: `UtilAll.jstack`.
 */
export function listenerStacks(consumerGroup: string, owned: readonly OwnedQueue[]): string {
  const running = owned.reduce((sum, { process }) => sum + process.running, 0);
  const cached = owned.reduce((sum, { process }) => sum + process.count, 0);
  const summary = `${running} messages with listeners, ${cached} cached, in ${owned.length} queues`;
  return [entry(`consumer ${consumerGroup}`, 1, 'RUNNABLE', [summary]), ...owned.flatMap(entriesOf)].join(
    '\n',
  );
}

function entriesOf({ key, state, process }: OwnedQueue, index: number): string[] {
  const messages = process.atWork(MOST);
  const more = process.running - messages.length;
  const entries = messages.map(({ message, offset }) =>
    entry(`listener ${key}`, index + 2, 'WAITING', [
      `message ${message.messageId} at offset ${offset}, reconsumed ${message.reconsumeTimes} times, queue ${state}`,
    ]),
  );
  return more > 0
    ? [...entries, entry(`listener ${key}`, index + 2, 'WAITING', [`and ${more} more`])]
    : entries;
}

/** A thread of Java: its name before each line. */
function entry(name: string, id: number, state: string, frames: readonly string[]): string {
  const start = name.padEnd(40);
  return `${start}TID: ${id} STATE: ${state}\n${frames.map((frame) => `${start}${frame}\n`).join('')}`;
}
