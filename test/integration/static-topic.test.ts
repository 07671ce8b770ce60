import { expect } from 'chai';
import { after, before, it } from 'mocha';

import type { ConsumerWarning } from '../../lib/consumer/events.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { Clients } from '../support/clients.ts';
import { uniqueName } from '../support/everywhere.ts';
import { eventually } from '../support/group/eventually.ts';
import { RealCluster } from '../support/real/real-cluster.ts';
import { describeProcesses } from '../support/real/target.ts';
import { withRemoting } from '../support/remoting.ts';

const MOCK = '__syslo__global__';
const QUEUES = 4;

await describeProcesses('Static topics', (version) => {
  // Brokers know them from 5.0 on.
  if (version === '4.9.7') {
    it('are not known to brokers of 4.9');
    return;
  }

  let cluster: RealCluster;

  before(async () => {
    cluster = await RealCluster.start({ version, brokers: 2 });
  });

  after(async () => cluster?.stop());

  const admin = async (command: string, ...args: readonly string[]): Promise<void> => {
    const output = await cluster.mqadmin([command, ...args]);
    expect(output, command).not.to.match(/exception|failed/i);
  };

  /** Resolves when the name server tells so of each logical queue: `0:broker-a`. */
  const routed = async (topic: string, owners: readonly string[]): Promise<void> => {
    await withRemoting(async (remoting) => {
      await eventually(
        async () => {
          const { body } = await remoting.invoke(
            cluster.nameServers,
            Commands.getRouteInfoByTopic,
            { topic },
            undefined,
          );
          const mappings = [...(body.topicQueueMappingByBroker?.values() ?? [])];
          const found = new Set(
            mappings.flatMap(({ bname, currIdMap }) => [...currIdMap.keys()].map((id) => `${id}:${bname}`)),
          );
          return owners.every((owner) => found.has(owner)) ? true : undefined;
        },
        { what: `the route ${owners.join()}`, within: 40_000 },
      );
    });
  };

  /** A topic whose queues 0 and 1 … are spread over both brokers. */
  const arrange = async (): Promise<string> => {
    const topic = uniqueName('Static');
    await admin('updateStaticTopic', '-t', topic, '-qn', String(QUEUES), '-b', 'broker-a,broker-b');
    await withRemoting(async (remoting) => {
      await eventually(
        async () => {
          const answer = await remoting.request(
            cluster.nameServers,
            Commands.getRouteInfoByTopic,
            { topic },
            undefined,
          );
          if (answer.code !== 0) return undefined;
          const { topicQueueMappingByBroker: mappings } = Commands.getRouteInfoByTopic.responseBody.decode(
            answer.body,
          );
          const ids = [...(mappings?.values() ?? [])].flatMap(({ currIdMap }) => [...currIdMap.keys()]);
          return ids.length === QUEUES ? true : undefined;
        },
        { what: 'the route of all queues', within: 40_000 },
      );
    });
    return topic;
  };

  it('have logical queues, which are sent to, consumed and committed by their numbers', async () => {
    const topic = await arrange();
    await using clients = new Clients(cluster.nameServers);
    const got: { readonly text: string; readonly queueId: number; readonly offset: number }[] = [];
    const warnings: ConsumerWarning[] = [];
    let failures = 0;
    const consumer = clients.consumer(
      topic,
      {
        eachMessage: (message, { queue }) => {
          if (message.text() === '3' && failures++ === 0) throw new Error('Not yet');
          got.push({ text: message.text(), queueId: queue.queueId, offset: message.queueOffset });
        },
      },
      { persistConsumerOffsetInterval: 100 },
    );
    consumer.on('warning', (warning) => warnings.push(warning));
    const producer = await clients.producer();
    const queues = await producer.fetchQueues(topic);
    expect(queues.map(({ brokerName, queueId }) => [brokerName, queueId])).to.deep.equal(
      Array.from({ length: QUEUES }, (_, queueId) => [MOCK, queueId]),
    );
    await consumer.start();
    const sent = [];
    for (let index = 0; index < 20; index++) sent.push(await producer.send({ topic, body: String(index) }));
    for (const { queue } of sent) expect(queue.brokerName).to.equal(MOCK);
    await eventually(() => (new Set(got.map(({ text }) => text)).size === 20 ? true : undefined), {
      what: 'all messages',
      otherwise: () => JSON.stringify({ got, warnings }),
      within: 30_000,
    });
    // The failed one came by way of the retry topic.
    for (const { text, queueId, offset } of got.filter((each) => each.text !== '3')) {
      const { queue, queueOffset } = sent[Number(text)] ?? {};
      expect([queueId, offset], text).to.deep.equal([queue?.queueId, queueOffset]);
    }
    const ours = () => consumer.queues().filter(({ queue }) => queue.topic === topic);
    await eventually(() => (ours().every(({ committed }) => committed === 5) ? true : undefined), {
      what: 'the commits',
      otherwise: () => JSON.stringify(ours()),
    });
    expect((await consumer.lag({ fresh: true })).topics.get(topic)).to.equal(0);
    expect(warnings.filter(({ kind }) => kind !== 'topicMissing')).to.deep.equal([]);
    await consumer.shutdown();

    // Another member of the group goes on where the brokers say.
    const rest: string[] = [];
    const next = clients.consumer(
      topic,
      { eachMessage: (message) => void rest.push(message.text()) },
      { consumerGroup: consumer.consumerGroup },
    );
    await next.start();
    await producer.send({ topic, body: 'last' });
    await eventually(() => (rest.length > 0 ? true : undefined), {
      what: 'the last message',
      within: 20_000,
    });
    expect(rest).to.deep.equal(['last']);
  });

  it('go on when their queues are moved to another broker', async () => {
    const topic = await arrange();
    await using clients = new Clients(cluster.nameServers);
    const got: string[] = [];
    const consumer = clients.consumer(
      topic,
      { eachMessage: (message) => void got.push(message.text()) },
      { persistConsumerOffsetInterval: 100, pollNameServerInterval: 1_000 },
    );
    const producer = await clients.producer({ pollNameServerInterval: 1_000 });
    await consumer.start();
    for (let index = 0; index < 8; index++) await producer.send({ topic, body: `before ${index}` });
    await eventually(() => (got.length === 8 ? true : undefined), {
      what: 'messages before',
      within: 20_000,
    });
    await admin('remappingStaticTopic', '-t', topic, '-b', 'broker-b');
    await routed(
      topic,
      Array.from({ length: QUEUES }, (_, queueId) => `${queueId}:broker-b`),
    );
    for (let index = 0; index < 8; index++) await producer.send({ topic, body: `after ${index}` });
    await eventually(() => (got.length >= 16 ? true : undefined), {
      what: 'messages after',
      otherwise: () => got.join(),
      within: 60_000,
    });
    expect(got.toSorted()).to.deep.equal(
      ['after', 'before'].flatMap((when) => Array.from({ length: 8 }, (_, index) => `${when} ${index}`)),
    );
  });

  it('are consumed in order, with the locks of their brokers', async () => {
    const topic = await arrange();
    await using clients = new Clients(cluster.nameServers);
    const got: string[] = [];
    const consumer = clients.consumer(
      topic,
      { eachMessage: (message) => void got.push(message.text()) },
      { consumeMode: 'orderly' },
    );
    await consumer.start();
    const producer = await clients.producer();
    for (let index = 0; index < 12; index++)
      await producer.send({ topic, body: String(index) }, { shardingKey: 'one' });
    await eventually(() => (got.length === 12 ? true : undefined), { what: 'all messages', within: 30_000 });
    expect(got).to.deep.equal(Array.from({ length: 12 }, (_, index) => String(index)));
  });
});
