import { expect } from 'chai';
import { it } from 'mocha';

import type { PushConsumerOptions } from '../../../lib/consumer/push-consumer.ts';
import { Clients } from '../../support/clients.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';

const pause = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

await describeEverywhere('First offset', (target) => {
  const arrange = async () => {
    const cluster = await target.cluster();
    const topic = uniqueName('First');
    await cluster.createTopic(topic, { queues: 1 });
    const clients = new Clients(cluster.nameServers);
    return { clients, topic };
  };

  /** Consumes as a group until `last` has come; gives what came. */
  const consumeUntil = async (
    clients: Clients,
    topic: string,
    last: string,
    options: Partial<PushConsumerOptions>,
  ) => {
    const got: string[] = [];
    const consumer = clients.consumer(
      topic,
      { eachMessage: (message) => void got.push(message.text()) },
      options,
    );
    await consumer.start();
    const owns = () =>
      consumer.queues().some(({ queue, state }) => queue.topic === topic && state === 'active');
    await eventually(() => (owns() ? true : undefined), { what: 'the queue' });
    await clients.send(topic, [last]);
    await eventually(() => (got.includes(last) ? true : undefined), {
      what: `message ${last}`,
      otherwise: () => got.join(),
    });
    await consumer.shutdown();
    return got;
  };

  it('begins at the first message for a new group with `first`', async () => {
    const { clients, topic } = await arrange();
    await using _ = clients;
    await clients.send(topic, ['a', 'b']);
    expect(await consumeUntil(clients, topic, 'c', { consumeFromWhere: 'first' })).to.deep.equal([
      'a',
      'b',
      'c',
    ]);
  });

  it('begins where the broker says for a new group with `last`: at 0 on a topic whose first message is still in memory', async () => {
    const { clients, topic } = await arrange();
    await using _ = clients;
    await clients.send(topic, ['a', 'b']);
    // Rule S-06 of the broker: no stored offset, minimum 0 and message 0 in memory, so it answers 0 with success.
    expect(await consumeUntil(clients, topic, 'c', { consumeFromWhere: 'last' })).to.deep.equal([
      'a',
      'b',
      'c',
    ]);
  });

  it('begins at the first message stored at or after consumeTimestamp for a new group with `timestamp`', async () => {
    const { clients, topic } = await arrange();
    await using _ = clients;
    await clients.send(topic, ['a', 'b']);
    await pause(50);
    const consumeTimestamp = Date.now();
    await pause(50);
    await clients.send(topic, ['c', 'd']);
    const got = await consumeUntil(clients, topic, 'e', { consumeFromWhere: 'timestamp', consumeTimestamp });
    // The same rule of the broker comes before the client's search.
    expect(got).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
  });

  for (const consumeFromWhere of ['first', 'last', 'timestamp'] as const) {
    it(`goes on where an old group left off with \`${consumeFromWhere}\``, async () => {
      const { clients, topic } = await arrange();
      await using _ = clients;
      const consumerGroup = uniqueName('OldGroup');
      await clients.send(topic, ['a']);
      await consumeUntil(clients, topic, 'b', { consumerGroup, consumeFromWhere: 'first' });
      await clients.send(topic, ['c']);
      const got = await consumeUntil(clients, topic, 'd', { consumerGroup, consumeFromWhere });
      expect(got).to.deep.equal(['c', 'd']);
    });
  }
});
