import { PushConsumer } from '../../consumer/push-consumer.ts';
import { systemClock } from '../../runtime/clock.ts';
import { within } from '../../runtime/within.ts';
import { ConsumedReport } from './consumed-report.ts';
import type { MemberMessage, MemberSettings } from './member-messages.ts';

// One consumer of the demo, in a process of its own so that it can be killed.

/** At the end, for running listeners and for everything, in ms. */
const DRAIN = 2_000;
const LEAVE = 4_000;

const settings = JSON.parse(process.argv[2] ?? '{}') as MemberSettings;
let isLeaving = false;
const report = new ConsumedReport(systemClock, tell);
const consumer = new PushConsumer({
  nameServers: settings.nameServers,
  consumerGroup: settings.consumerGroup,
  instanceName: settings.instanceName,
  rebalanceInterval: settings.rebalanceInterval,
  consumeFromWhere: 'first',
});

consumer.subscribe(settings.topic, {
  // Done only when the parent has it: what dies with this process before that was not consumed.
  eachMessage: async (message) => report.add(Number(message.keys[0]), message.queueId),
});
consumer.on('rebalance', ({ owned, cause }) => {
  const queues = owned.map(({ queueId }) => queueId);
  void tell({ kind: 'rebalanced', at: systemClock.now(), owned: queues, cause: cause.kind });
});

process.on('message', () => void leave());
process.on('disconnect', () => void leave());
if (!process.connected) process.exit();
// Ctrl-C goes to all processes of the terminal; the parent decides what follows.
process.on('SIGINT', () => {});

try {
  await consumer.start();
  await tell({ kind: 'started' });
} catch (error) {
  if (!isLeaving) {
    await tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  }
}

/** At the parent's word, or because it is gone. */
async function leave(): Promise<void> {
  isLeaving = true;
  await within(systemClock, LEAVE, consumer.shutdown({ timeout: DRAIN })).catch(() => {});
  process.exit();
}

/** Resolves when the parent's pipe has it, from where it survives this process. */
async function tell(message: MemberMessage): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    if (process.send === undefined) reject(new Error('rmq demo starts this by itself'));
    else process.send(message, undefined, undefined, (error) => (error === null ? resolve() : reject(error)));
  });
}
