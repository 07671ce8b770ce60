import { expect } from 'chai';
import { it } from 'mocha';

import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { Clients } from '../../support/clients.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';

await describeEverywhere('Requests of users', (target) => {
  it('tell of queues and messages of any topic', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Asked');
    await cluster.createTopic(topic, { queues: 2 });
    const producer = await clients.producer();
    const sent = await producer.send({ topic, body: 'one', keys: ['k1', 'k2'] });
    await producer.send({ topic, body: 'two', keys: ['k2'] });
    const other = uniqueName('Other');
    await cluster.createTopic(other, { queues: 1 });
    const consumer = clients.consumer(other, { eachMessage: () => {} });
    await consumer.start();
    const { queries } = consumer;
    const queues = await queries.fetchMessageQueues(topic);
    expect(queues.map(({ queueId }) => queueId)).to.deep.equal([0, 1]);
    const { queue } = sent;
    expect([await queries.minOffset(queue), await queries.maxOffset(queue)]).to.deep.equal([0, 1]);
    expect(await queries.offsetForTimestamp(queue, 0)).to.equal(0);
    expect(await queries.earliestStoreTime(queue)).to.be.within(Date.now() - 120_000, Date.now() + 60_000);
    // The index is written after the message.
    const found = await eventually(
      async () => {
        const messages = await queries.queryMessages(topic, 'k2');
        return messages.length === 2 ? messages : undefined;
      },
      { what: 'both messages' },
    );
    expect(found.map((message) => message.text())).to.deep.equal(['one', 'two']);
    const byId = await queries.viewMessage(topic, sent.messageId);
    expect(byId?.text()).to.equal('one');
    const byPlace = await queries.viewMessage(topic, byId?.offsetMessageId ?? '');
    expect(byPlace?.messageId).to.equal(sent.messageId);
    expect(await queries.viewMessage(topic, 'F'.repeat(32))).to.equal(undefined);
  });

  it('send a message back, and reset the own queues to a time', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Back');
    await cluster.createTopic(topic, { queues: 1 });
    const seen: ReceivedMessage[] = [];
    const consumer = clients.consumer(topic, { eachMessage: (message) => void seen.push(message) });
    await consumer.start();
    await clients.send(topic, ['once']);
    const first = await eventually(() => seen[0], { what: 'the message' });
    await consumer.sendMessageBack(first, { delayLevel: 1 });
    const again = await eventually(() => seen[1], { what: 'the message again', within: 30_000 });
    expect(again).to.include({ topic, messageId: first.messageId, reconsumeTimes: 1 });
    const resets = await consumer.resetOffsets(0);
    expect(resets.find(({ queue }) => queue.topic === topic)?.offset).to.equal(0);
    const told = (): string[] => seen.map((message) => `${message.text()}/${message.reconsumeTimes}`);
    await eventually(() => (seen.length >= 4 ? true : undefined), {
      what: 'both again',
      within: 30_000,
      otherwise: () => told().join(', '),
    });
    expect(told().toSorted()).to.deep.equal(['once/0', 'once/0', 'once/1', 'once/1']);
  });
});
