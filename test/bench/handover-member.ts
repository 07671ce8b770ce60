/** A member of a group with this client, in a process of its own, for `handover.ts`. After the usual arguments: the hand-over, and ms that the listener takes. */
import { setTimeout as delay } from 'node:timers/promises';
import { PushConsumer } from '../../lib/index.ts';
import { readMemberArguments, runMember } from './member-lines.ts';

let lines = '';

/** One write for all lines of a turn: at thousands of messages a second writes would cost more than the client. */
function sayTogether(line: object): void {
  if (lines === '')
    setImmediate(() => {
      process.stdout.write(lines);
      lines = '';
    });
  lines += `${JSON.stringify(line)}\n`;
}

await runMember(async () => {
  const { nameServers, group, topic } = readMemberArguments();
  const [handover, work] = process.argv.slice(5);
  const consumer = new PushConsumer({
    nameServers,
    consumerGroup: group,
    consumeFromWhere: 'first',
    consumeConcurrency: 64,
    handover: handover === 'locked' ? 'locked' : 'immediate',
  });
  consumer.subscribe(topic, {
    eachMessage: async (message, { queue }) => {
      sayTogether({
        event: 'message',
        at: Date.now(),
        queue: `${queue.brokerName}:${queue.queueId}`,
        offset: message.queueOffset,
        body: message.text(),
      });
      await delay(Number(work));
    },
  });
  // Told if the trial fails.
  const remark = (name: string, detail: unknown): void =>
    void process.stderr.write(`${new Date().toISOString()} ${name} ${JSON.stringify(detail)}\n`);
  consumer.on('warning', ({ kind, message }) => remark(kind, message));
  consumer.on('queueLocked', (event) => remark('queueLocked', event));
  consumer.on('lockLost', (event) => remark('lockLost', event));
  consumer.on('rebalance', ({ cause, gained, lost, timings }) =>
    remark('rebalance', { cause: cause.kind, gained: gained.length, lost: lost.length, timings }),
  );
  await consumer.start();
  return async () => {
    await consumer.shutdown();
    // What was said in the last turn gets out.
    await delay(20);
  };
});
