import { expect } from 'chai';
import { it } from 'mocha';

import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { Clients } from '../../support/clients.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';

await describeEverywhere('Listeners and flow', (target) => {
  it('gives a message back whose listener does not end, and delivers it again', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Timeout');
    await cluster.createTopic(topic, { queues: 1 });
    const tries: string[] = [];
    const returned: boolean[] = [];
    const eachMessage = async (message: ReceivedMessage): Promise<void> => {
      tries.push(`${message.text()} ${message.reconsumeTimes} ${message.topic}`);
      if (message.text() === 'hangs' && message.reconsumeTimes === 0) await new Promise(() => {});
    };
    const options = { consumeTimeout: 1_000, consumeConcurrency: 1 };
    const consumer = clients.consumer(topic, { eachMessage }, options);
    consumer.on('consumeTimeout', (event) => returned.push(event.returned));
    await consumer.start();
    await clients.send(topic, ['hangs', 'follows']);
    await eventually(() => (tries.length === 3 ? true : undefined), {
      what: 'the second try',
      within: 30_000,
      otherwise: () => tries.join(', '),
    });
    expect(tries.toSorted()).to.deep.equal([`follows 0 ${topic}`, `hangs 0 ${topic}`, `hangs 1 ${topic}`]);
    expect(returned).to.deep.equal([true]);
    const consumed = (): true | undefined =>
      consumer.queues().some(({ queue, consumed: offset }) => queue.topic === topic && offset === 2) ||
      undefined;
    await eventually(consumed, { what: 'an offset beyond the message' });
  });

  it('sends back what is behind the ackIndex of a batch, and nothing else', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Partial');
    await cluster.createTopic(topic, { queues: 1 });
    await clients.send(topic, ['0', '1', '2', '3']);
    const seen: string[] = [];
    const eachBatch = async (messages: readonly ReceivedMessage[]) => {
      seen.push(...messages.map((message) => `${message.text()}/${message.reconsumeTimes}`));
      // Whatever the batches are cut to, '2' and '3' fail the first time.
      const good = messages.filter((message) => Number(message.text()) < 2 || message.reconsumeTimes > 0);
      return { ackIndex: good.length - 1, delayLevel: 1 };
    };
    const consumer = clients.consumer(topic, { eachBatch }, { consumeMessageBatchMaxSize: 4 });
    await consumer.start();
    await eventually(() => (seen.length >= 6 ? true : undefined), {
      what: 'the second tries',
      within: 30_000,
      otherwise: () => seen.join(', '),
    });
    expect(seen.toSorted()).to.deep.equal(['0/0', '1/0', '2/0', '2/1', '3/0', '3/1']);
  });

  it('rests while suspended or paused, keeps its queues, tells its lag, and goes on', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Pause');
    await cluster.createTopic(topic, { queues: 2 });
    const seen: number[] = [];
    const consumer = clients.consumer(topic, { eachMessage: ({ queueId }) => void seen.push(queueId) });
    await consumer.start();
    await clients.send(topic, ['1', '2', '3', '4']);
    const all = async (count: number): Promise<unknown> =>
      eventually(() => (seen.length === count ? true : undefined), {
        what: `${count} messages`,
        otherwise: () => String(seen.length),
      });
    await all(4);
    consumer.suspend();
    await clients.send(topic, ['5', '6', '7', '8']);
    const lag = await eventually(
      async () => {
        const now = await consumer.lag({ fresh: true });
        return now.topics.get(topic) === 4 ? now : undefined;
      },
      { what: 'a lag of 4' },
    );
    expect(lag.queues.filter(({ queue }) => queue.topic === topic)).to.have.length(2);
    expect([seen.length, consumer.health().state, consumer.isSuspended]).to.deep.equal([4, 'ok', true]);
    const queue = lag.queues.map((each) => each.queue).find((each) => each.topic === topic);
    if (queue === undefined) throw new Error('It owns queues of the topic');
    consumer.pause([queue]);
    consumer.resume();
    await all(6);
    expect(seen.slice(4)).to.not.include(queue.queueId);
    consumer.resume([queue]);
    await all(8);
  });
});
