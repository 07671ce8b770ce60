import { setTimeout as delay } from 'node:timers/promises';

import { PushConsumer } from '../../lib/index.ts';
import type { Appetite, Outcome } from './backlog.ts';

// A consumer in a process of its own whose listeners do not end. Tells how much memory it took until it pulled no more.

const MIB = 1_024 * 1_024;
const { oneHangsOf, topic, ...options } = JSON.parse(process.argv[2] ?? '{}') as Appetite;

let seen = 0;
let done = 0;
const consumer = new PushConsumer({
  consumeFromWhere: 'first',
  consumeConcurrency: 10_000,
  awaitTerminationMillisWhenShutdown: 0,
  ...options,
});
consumer.subscribe(topic, {
  eachMessage: (message) => {
    // As a listener would that does something with it.
    if (message.body.length === 0) throw new Error('It has no body');
    if (seen++ % oneHangsOf === 0) return new Promise(() => {});
    done++;
    return undefined;
  },
});
consumer.suspend();
await consumer.start();
await delay(1_000);
globalThis.gc?.();
const before = process.memoryUsage();

let peak = before.rss;
const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
consumer.resume();
const queues = () => consumer.queues().filter(({ queue }) => queue.topic === topic);
const cached = (): number => queues().reduce((sum, each) => sum + each.cached, 0);
for (let last = -1; last !== cached() || last === 0;) {
  last = cached();
  await delay(3_000);
}
globalThis.gc?.();
await delay(100);
globalThis.gc?.();
const after = process.memoryUsage();
clearInterval(watch);
const outcome: Outcome = {
  grown: (peak - before.rss) / MIB,
  counted: consumer.queues().reduce((sum, { cachedBytes }) => sum + cachedBytes, 0) / MIB,
  buffers: (after.arrayBuffers - before.arrayBuffers) / MIB,
  cached: cached(),
  done,
  holds: queues().map(({ hold }) => hold),
};
process.send?.(outcome, () => process.exit());
