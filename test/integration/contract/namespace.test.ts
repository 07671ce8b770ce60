import { expect } from 'chai';
import { it } from 'mocha';

import type { RebalanceEvent } from '../../../lib/consumer/events.ts';
import type { ConsumeContext, ListenerResult } from '../../../lib/consumer/listener.ts';
import { LitePullConsumer } from '../../../lib/consumer/lite-pull-consumer.ts';
import type { PushConsumerOptions } from '../../../lib/consumer/push-consumer.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { TopicSysFlag } from '../../../protocol/message/sys-flag.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { Clients } from '../../support/clients.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { brokerOf, withRemoting } from '../../support/remoting.ts';

/** Retries of the test clusters take up to 10 s where a broker has much to do. */
const SLOW = { within: 30_000 } as const;

await describeEverywhere('Namespaces and units', (target) => {
  /** What came to a consumer, by its own words. */
  interface Seen {
    readonly text: string;
    readonly topic: string;
    readonly queueTopic: string;
    readonly group: string;
    readonly reconsumeTimes: number;
    readonly instanceId: string | undefined;
  }

  const open = async () => {
    const { nameServers } = await target.cluster();
    const clients = new Clients(nameServers);
    const topic = uniqueName('Topic');
    const namespace = uniqueName('INST');
    await (await target.cluster()).createTopic(`${namespace}%${topic}`, { queues: 2 });
    return { nameServers, clients, topic, namespace };
  };

  const consume = async (
    clients: Clients,
    topic: string,
    options: Partial<PushConsumerOptions>,
    result: (seen: Seen) => ListenerResult = () => undefined,
  ) => {
    const seen: Seen[] = [];
    const rebalances: RebalanceEvent[] = [];
    const eachMessage = (message: ReceivedMessage, context: ConsumeContext): ListenerResult => {
      const one = {
        text: message.text(),
        topic: message.topic,
        queueTopic: context.queue.topic,
        group: context.consumerGroup,
        reconsumeTimes: message.reconsumeTimes,
        instanceId: message.properties.get('INSTANCE_ID'),
      };
      seen.push(one);
      return result(one);
    };
    const consumer = clients.consumer(topic, { eachMessage }, options);
    consumer.on('rebalance', (event) => rebalances.push(event));
    await consumer.start();
    return { consumer, seen, rebalances };
  };

  const until = async (what: string, condition: () => boolean): Promise<void> => {
    await eventually(() => (condition() ? true : undefined), { what, ...SLOW });
  };

  it('are a prefix that brokers see and users of the namespace do not', async () => {
    const { nameServers, clients, topic, namespace } = await open();
    await using _ = clients;
    const consumerGroup = uniqueName('Group');
    const inside = await consume(clients, topic, { namespace, consumerGroup });
    const outside = await consume(clients, `${namespace}%${topic}`, {});
    const producer = await clients.producer({ namespace, producerGroup: 'Senders' });
    const queues = await producer.fetchQueues(topic);
    expect(queues.map((queue) => queue.topic)).to.deep.equal([topic, topic]);
    const [queue] = queues;
    const sent = await producer.send({ topic, body: 'a' }, { ...(queue !== undefined && { queue }) });
    await producer.send({ topic, body: 'b' }, { select: ([first = sent.queue]) => first });
    expect([sent.queue.topic, producer.producerGroup]).to.deep.equal([topic, 'Senders']);
    await until('both messages', () => inside.seen.length >= 2 && outside.seen.length >= 2);
    for (const each of inside.seen)
      expect(each).to.include({ topic, queueTopic: topic, group: consumerGroup, instanceId: namespace });
    for (const each of outside.seen)
      expect(each).to.include({ topic: `${namespace}%${topic}`, instanceId: namespace });

    const { consumer, rebalances } = inside;
    expect(consumer.consumerGroup).to.equal(consumerGroup);
    expect(rebalances.at(-1)).to.include({ topic, consumerGroup });
    expect(rebalances.at(-1)?.owned.map((each) => each.topic)).to.deep.equal([topic, topic]);
    const topics = [topic, `%RETRY%${consumerGroup}`];
    const owned = (): Set<string> => new Set(consumer.queues().map((each) => each.queue.topic));
    // A broker of 4.9 tells the name server of the retry topic a moment after it has made it.
    await until('queues of both topics', () => owned().size >= 2);
    expect(owned()).to.deep.equal(new Set(topics));
    expect(consumer.explainAssignment().map((each) => each.topic)).to.have.members(topics);
    expect([...(await consumer.lag({ fresh: true })).topics.keys()]).to.have.members(topics);
    await withRemoting(async (remoting) => {
      const broker = await brokerOf(remoting, nameServers, `${namespace}%${topic}`);
      const header = { consumerGroup: `${namespace}%${consumerGroup}` };
      const { body } = await remoting.invoke(broker, Commands.getConsumerConnectionList, header, undefined);
      expect([...body.subscriptionTable.keys()]).to.have.members([
        `${namespace}%${topic}`,
        `%RETRY%${namespace}%${consumerGroup}`,
      ]);
    });
  });

  it('keep apart what has the same names in two of them', async () => {
    const { clients, topic, namespace } = await open();
    await using _ = clients;
    const other = uniqueName('INST');
    await (await target.cluster()).createTopic(`${other}%${topic}`, { queues: 1 });
    const consumerGroup = uniqueName('Group');
    const one = await consume(clients, topic, { namespace, consumerGroup });
    const two = await consume(clients, topic, { namespace: other, consumerGroup });
    const first = await clients.producer({ namespace, producerGroup: 'Senders' });
    const second = await clients.producer({ namespace: other, producerGroup: 'Senders' });
    await first.send({ topic, body: 'first' });
    await second.send({ topic, body: 'second' });
    await until('both messages', () => one.seen.length >= 1 && two.seen.length >= 1);
    expect([one.seen, two.seen].map((seen) => seen.map(({ text }) => text))).to.deep.equal([
      ['first'],
      ['second'],
    ]);
  });

  it('stay around a message that is retried, and around one that is given up', async () => {
    const { clients, topic, namespace } = await open();
    await using _ = clients;
    const consumerGroup = uniqueName('Group');
    const options = { namespace, consumerGroup, maxReconsumeTimes: 1 };
    const { seen } = await consume(clients, topic, options, () => 'later');
    const producer = await clients.producer({ namespace });
    await producer.send({ topic, body: 'a' });
    await until('the retry', () => seen.length >= 2);
    expect(seen.map((each) => [each.topic, each.reconsumeTimes])).to.deep.equal([
      [topic, 0],
      [topic, 1],
    ]);
    expect(seen[1]?.queueTopic).to.equal(`%RETRY%${consumerGroup}`);
    const dead = await consume(clients, `%DLQ%${consumerGroup}`, { namespace });
    await until('the dead letter', () => dead.seen.length >= 1);
    expect(dead.seen[0]).to.include({ text: 'a', queueTopic: `%DLQ%${consumerGroup}` });
  });

  it('are not seen by those who pull either, in messages, queues and positions', async () => {
    const { nameServers, clients, topic, namespace } = await open();
    await using _ = clients;
    const consumer = new LitePullConsumer({
      nameServers,
      namespace,
      consumerGroup: uniqueName('Group'),
      consumeFromWhere: 'first',
    });
    await using __ = consumer;
    consumer.subscribe(topic);
    await consumer.start();
    const producer = await clients.producer({ namespace });
    const { queue, queueOffset } = await producer.send({ topic, body: 'a' });
    const [message] = await consumer.poll({ timeout: 20_000 });
    expect([message?.text(), message?.topic]).to.deep.equal(['a', topic]);
    if (message !== undefined) expect(consumer.ack(message)).to.equal(true);
    await consumer.commit();
    expect(consumer.assignment().map((each) => each.topic)).to.deep.equal([topic, topic]);
    expect(await consumer.committed(queue)).to.equal(queueOffset + 1);
    await consumer.seek(queue, queueOffset);
    const [again] = await consumer.poll({ timeout: 20_000 });
    expect([again?.text(), again?.topic]).to.deep.equal(['a', topic]);
    const { messages } = await consumer.pull(queue, queueOffset);
    expect(messages.map((each) => each.topic)).to.deep.equal([topic]);
    expect((await consumer.fetchMessageQueues(topic)).map((each) => each.topic)).to.deep.equal([
      topic,
      topic,
    ]);
  });

  it('of the second kind go along with every request, and change no name', async () => {
    const { clients } = await open();
    await using _ = clients;
    const topic = uniqueName('Plain');
    await (await target.cluster()).createTopic(topic, { queues: 1 });
    const { seen } = await consume(clients, topic, { namespaceV2: 'tenant' });
    const producer = await clients.producer({ namespaceV2: 'tenant' });
    const sent = await producer.send({ topic, body: 'a' });
    await until('the message', () => seen.length === 1);
    expect([sent.queue.topic, seen[0]?.topic]).to.deep.equal([topic, topic]);
  });

  it('units are part of the client id, and marked in the topics that their clients make', async () => {
    const { nameServers, clients } = await open();
    await using _ = clients;
    const topic = uniqueName('Unit');
    const producer = await clients.producer({ unitMode: true, unitName: 'north' });
    expect(producer.clientId).to.match(/@north$/);
    await producer.send({ topic, body: 'a' });
    const { consumer, seen } = await consume(clients, topic, { unitMode: true, unitName: 'north' });
    await until('the message', () => seen.length === 1);
    expect(consumer.clientId).to.match(/@north$/);
    await withRemoting(async (remoting) => {
      const [nameServer = ''] = nameServers.split(';');
      const flagOf = async (name: string): Promise<number | undefined> => {
        const { body } = await remoting.invoke(
          nameServer,
          Commands.getRouteInfoByTopic,
          { topic: name },
          undefined,
        );
        return body.queueDatas[0]?.topicSysFlag;
      };
      expect(await flagOf(topic)).to.equal(TopicSysFlag.unit);
      expect(await flagOf(`%RETRY%${consumer.consumerGroup}`)).to.equal(TopicSysFlag.unitSub);
    });
  });
});
