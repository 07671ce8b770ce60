import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { Random } from '../../runtime/random.ts';

/** Brokers that a copy is offered to. Java: `retryTimesWhenSendFailed` + 1. */
const MOST = 3;

/** Where a copy of a message may go, in order: one queue, any, of each broker, and that of the broker that refused the message last. */
export function copyTargets(
  queues: readonly MessageQueue[],
  refusedBy: string,
  random: Random,
): readonly MessageQueue[] {
  const byBroker = new Map<string, MessageQueue[]>();
  for (const queue of queues) {
    const others = byBroker.get(queue.brokerName);
    if (others === undefined) byBroker.set(queue.brokerName, [queue]);
    else others.push(queue);
  }
  const any = <T>(items: readonly T[]): T | undefined => items[Math.floor(random.next() * items.length)];
  const start = Math.floor(random.next() * byBroker.size);
  const names = [...byBroker.keys()];
  const rotated = [...names.slice(start), ...names.slice(0, start)];
  const sorted = rotated.toSorted((one, other) => Number(one === refusedBy) - Number(other === refusedBy));
  return sorted.slice(0, MOST).flatMap((name) => any(byBroker.get(name) ?? []) ?? []);
}
