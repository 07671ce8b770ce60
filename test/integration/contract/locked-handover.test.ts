import { setTimeout as delay } from 'node:timers/promises';

import { expect } from 'chai';
import { it } from 'mocha';

import type { PushConsumerOptions } from '../../../lib/consumer/push-consumer.ts';
import { Clients } from '../../support/clients.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';

await describeEverywhere('Locked hand-over', (target) => {
  it('repeats and loses nothing when members join and leave under load, though listeners take longer than the soft hand-over allows', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Locked');
    await cluster.createTopic(topic, { queues: 8 });
    const options: Partial<PushConsumerOptions> = {
      consumerGroup: uniqueName('LockedGroup'),
      handover: 'locked',
      consumeConcurrency: 50,
      awaitTerminationMillisWhenShutdown: 10_000,
    };
    const seen: string[] = [];
    const eachMessage = async (message: { text(): string }): Promise<void> => {
      await delay(600);
      seen.push(message.text());
    };
    const join = async () => {
      const consumer = clients.consumer(topic, { eachMessage }, options);
      await consumer.start();
      return consumer;
    };
    const producer = await clients.producer();
    const sent: string[] = [];
    const end = new AbortController();
    const sending = (async () => {
      for (; !end.signal.aborted; await delay(10)) {
        const body = String(sent.length);
        await producer.send({ topic, body });
        sent.push(body);
      }
    })();
    const first = await join();
    await delay(700);
    const second = await join();
    await delay(1_000);
    await first.shutdown();
    const third = await join();
    await delay(700);
    await second.shutdown();
    end.abort();
    await sending;
    await eventually(() => (seen.length >= sent.length ? true : undefined), {
      what: 'the rest',
      within: 30_000,
    });
    // What would come twice has time to.
    await third.shutdown();
    expect(seen.toSorted()).to.deep.equal(sent.toSorted());
  });

  it('brings failed messages back although the group holds locks', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('LockedRetry');
    await cluster.createTopic(topic, { queues: 1 });
    const tries: number[] = [];
    const eachMessage = ({ reconsumeTimes }: { reconsumeTimes: number }) => {
      tries.push(reconsumeTimes);
      return tries.length < 2 ? { delayLevel: 1 } : undefined;
    };
    await clients.consumer(topic, { eachMessage }, { handover: 'locked' }).start();
    await clients.send(topic, ['fails']);
    await eventually(() => (tries.length === 2 ? true : undefined), {
      what: 'the second try',
      within: 20_000,
    });
    expect(tries).to.deep.equal([0, 1]);
  });
});
