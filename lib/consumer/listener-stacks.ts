import type { ListenerCall } from './cached-message.ts';
import type { ConsumerContext } from './consumer-context.ts';
import type { OwnedQueue } from './owned-queue.ts';

/** Of one queue so many calls are named. */
const MOST = 100;

/**
 * What listeners are at work on, in place of the stacks of Java's consumer threads, which Node.js has none of: one entry for each call, in the layout of
 * those stacks, as mqadmin `consumerStatus -s` shows them. No bodies, no properties. Java: `UtilAll.jstack`.
 */
export function listenerStacks(
  { consumerGroup, clock }: Pick<ConsumerContext, 'consumerGroup' | 'clock'>,
  owned: readonly OwnedQueue[],
): string {
  const running = owned.reduce((sum, { process }) => sum + process.running, 0);
  const cached = owned.reduce((sum, { process }) => sum + process.count, 0);
  const summary = `${running} messages with listeners, ${cached} cached, in ${owned.length} queues`;
  const now = clock.uptime();
  const entries = owned.flatMap((queue, index) => entriesOf(queue, index + 2, now));
  return [entry(`consumer ${consumerGroup}`, 1, 'RUNNABLE', [summary]), ...entries].join('\n');
}

function entriesOf({ key, state, process }: OwnedQueue, id: number, now: number): string[] {
  const calls = [...process.calls()];
  const entries = calls
    .slice(0, MOST)
    .map((call) => entry(`listener ${key}`, id, 'WAITING', frames(call, state, now)));
  const more = calls.length - entries.length;
  return more > 0 ? [...entries, entry(`listener ${key}`, id, 'WAITING', [`and ${more} more`])] : entries;
}

function frames({ batch, began }: ListenerCall, state: string, now: number): string[] {
  return batch.map(
    ({ message: { messageId, reconsumeTimes }, offset }) =>
      `message ${messageId} at offset ${offset}, for ${Math.round(now - began)} ms, reconsumed ${reconsumeTimes} times, queue ${state}`,
  );
}

/** A thread of Java: its name before each line. */
function entry(name: string, id: number, state: string, lines: readonly string[]): string {
  const start = name.padEnd(40);
  return `${start}TID: ${id} STATE: ${state}\n${lines.map((line) => `${start}${line}\n`).join('')}`;
}
