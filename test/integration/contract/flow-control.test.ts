import { expect } from 'chai';
import { it } from 'mocha';

import { Clients } from '../../support/clients.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';

const limits = [
  { what: 'messages', options: { pullThresholdForQueue: 64 }, most: 64 + 32 },
  { what: 'MiB', options: { pullThresholdSizeForQueue: 1 }, most: 16 + 32 },
  { what: 'span', options: { consumeConcurrentlyMaxSpan: 40 }, most: 41 + 32 },
] as const;

await describeEverywhere('Flow control', (target) => {
  for (const { what, options, most } of limits) {
    it(`holds the cache at its limit of ${what} while a listener hangs, and goes on afterwards`, async () => {
      const cluster = await target.cluster();
      await using clients = new Clients(cluster.nameServers);
      const topic = uniqueName('Flow');
      await cluster.createTopic(topic, { queues: 1 });
      const producer = await clients.producer({ compressThreshold: 4 * 1024 * 1024 });
      // For the limit in MiB bodies of 64 KiB, of which 16 make one.
      const body = what === 'MiB' ? Buffer.alloc(64 * 1024, 120) : Buffer.from('small');
      for (let sent = 0; sent < 200; sent++) await producer.send({ topic, body });
      let release = (): void => {};
      const stuck = new Promise<void>((resolve) => (release = resolve));
      let done = 0;
      const eachMessage = async (): Promise<void> => {
        await stuck;
        done++;
      };
      const consumer = clients.consumer(topic, { eachMessage }, { ...options, consumeConcurrency: 2 });
      await consumer.start();
      const cached = (): number => consumer.queues().find(({ queue }) => queue.topic === topic)?.cached ?? 0;
      let before = -1;
      // Full: it has stopped growing, though there is more.
      await eventually(
        () => {
          const now = cached();
          const still = now > 0 && now === before;
          before = now;
          return still ? true : undefined;
        },
        { what: 'a full cache', every: 500 },
      );
      expect(cached()).to.be.within(16, most);
      release();
      await eventually(() => (done === 200 ? true : undefined), {
        what: 'all messages',
        otherwise: () => String(done),
      });
    });
  }
});
