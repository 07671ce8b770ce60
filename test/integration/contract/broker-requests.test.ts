import { expect } from 'chai';
import { it } from 'mocha';

import type { OffsetMovedEvent } from '../../../lib/consumer/events.ts';
import type { ListenerResult } from '../../../lib/consumer/listener.ts';
import type { PushConsumer } from '../../../lib/consumer/push-consumer.ts';
import type { RemotingClient } from '../../../lib/remoting/remoting-client.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import type { ConsumeDirectlyResult } from '../../../protocol/model/consume-directly-result.ts';
import { Clients } from '../../support/clients.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { brokerOf, withRemoting } from '../../support/remoting.ts';

await describeEverywhere('Requests of the broker to a consumer', (target) => {
  /** A consumer that has consumed five messages of one queue, and a connection of an operator to the broker. */
  const withConsumer = async (
    work: (scene: {
      readonly topic: string;
      readonly consumer: PushConsumer;
      readonly got: string[];
      readonly offsetIds: readonly string[];
      readonly broker: string;
      readonly remoting: RemotingClient;
    }) => Promise<void>,
  ): Promise<void> => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Asked');
    await cluster.createTopic(topic, { queues: 1 });
    const got: string[] = [];
    const eachMessage = (message: { text(): string }): void => {
      got.push(message.text());
      if (message.text() === 'bad' && got.length > 5) throw new Error('It does not work');
    };
    const consumer = clients.consumer(topic, { eachMessage }, { persistConsumerOffsetInterval: 50 });
    await consumer.start();
    const sent = await clients.send(topic, ['a', 'b', 'c', 'd', 'bad']);
    await eventually(() => (got.length === 5 ? true : undefined), { what: 'five messages' });
    await withRemoting(async (remoting) => {
      const broker = await brokerOf(remoting, cluster.nameServers, topic);
      await work({
        topic,
        consumer,
        got,
        offsetIds: sent.map((each) => each.offsetMessageId),
        broker,
        remoting,
      });
    });
  };

  it('are answered with running info: queues, offsets, subscriptions, and nothing of the environment (307)', async () => {
    await withConsumer(async ({ topic, consumer, broker, remoting }) => {
      const clientId = consumer.clientId ?? '';
      const header = { consumerGroup: consumer.consumerGroup, clientId, jstackEnable: true };
      const { body } = await remoting.invoke(broker, Commands.getConsumerRunningInfo, header, undefined);
      const queue = body.mqTable.find(([each]) => each.topic === topic);
      expect(queue?.[1]).to.include({ commitOffset: 5, cachedMsgCount: 0, droped: false });
      expect(body.subscriptionSet.map((each) => each.topic)).to.include.members([
        topic,
        `%RETRY%${consumer.consumerGroup}`,
      ]);
      expect(body.properties.get('PROP_CONSUME_TYPE')).to.equal('CONSUME_PASSIVELY');
      expect([...body.properties.values()].join()).to.not.include(process.cwd());
    });
  });

  it('are answered with the offsets of a topic (221)', async () => {
    await withConsumer(async ({ topic, consumer, broker, remoting }) => {
      const header = { topic, group: consumer.consumerGroup, clientAddr: '' };
      const { body } = await remoting.invoke(
        broker,
        Commands.invokeBrokerToGetConsumerStatus,
        header,
        undefined,
      );
      const [offsets = []] = [...(body.consumerTable?.values() ?? [])];
      expect(offsets.map(([queue, offset]) => [queue.queueId, offset])).to.deep.equal([[0, 5]]);
    });
  });

  it('run a listener once, and tell how it ended (309)', async () => {
    await withConsumer(async ({ topic, consumer, got, offsetIds, broker, remoting }) => {
      const ask = async (msgId: string) => {
        const header = { consumerGroup: consumer.consumerGroup, clientId: consumer.clientId, msgId, topic };
        return (await remoting.invoke(broker, Commands.consumeMessageDirectly, header, Buffer.alloc(0))).body;
      };
      expect((await ask(offsetIds[1] ?? '')).consumeResult).to.equal('CR_SUCCESS');
      const failed = await ask(offsetIds[4] ?? '');
      expect(failed.consumeResult).to.equal('CR_THROW_EXCEPTION');
      expect(failed.remark).to.include('It does not work');
      expect(got.slice(5)).to.deep.equal(['b', 'bad']);
    });
  });

  it('run an orderly listener once, out of the order of its queue, and tell what it said (309)', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('AskedInOrder');
    await cluster.createTopic(topic, { queues: 1 });
    const got: string[] = [];
    let isAsked = false;
    const say = (text: string): ListenerResult => {
      if (text === 'bad') throw new Error('It does not work');
      return text === 'commit' || text === 'rollback' || text === 'later' ? text : undefined;
    };
    const eachMessage = (message: { text(): string }): ListenerResult => {
      got.push(message.text());
      return isAsked ? say(message.text()) : 'commit';
    };
    const options = { consumeMode: 'orderly', autoCommit: false, persistConsumerOffsetInterval: 50 } as const;
    const consumer = clients.consumer(topic, { eachMessage }, options);
    await consumer.start();
    const sent = await clients.send(topic, ['a', 'commit', 'rollback', 'later', 'bad']);
    const committed = () => consumer.queues().find(({ queue }) => queue.topic === topic)?.committed;
    await eventually(() => (committed() === 5 ? true : undefined), { what: 'the commit of five messages' });
    isAsked = true;
    await withRemoting(async (remoting) => {
      const broker = await brokerOf(remoting, cluster.nameServers, topic);
      const { consumerGroup, clientId } = consumer;
      const results: ConsumeDirectlyResult[] = [];
      for (const { offsetMessageId: msgId } of sent) {
        const header = { consumerGroup, clientId, msgId, topic };
        const row = Commands.consumeMessageDirectly;
        results.push((await remoting.invoke(broker, row, header, Buffer.alloc(0))).body);
      }
      expect(results.map(({ consumeResult }) => consumeResult)).to.deep.equal([
        'CR_SUCCESS',
        'CR_COMMIT',
        'CR_ROLLBACK',
        'CR_LATER',
        'CR_THROW_EXCEPTION',
      ]);
      for (const result of results) expect(result).to.include({ order: true, autoCommit: false });
      expect(results.at(-1)?.remark).to.include('It does not work');
    });
    // The queue neither rests nor goes back: what comes next is next.
    await clients.send(topic, ['commit']);
    await eventually(() => (committed() === 6 ? true : undefined), { what: 'the commit of the sixth' });
    expect(got.slice(5)).to.deep.equal(['a', 'commit', 'rollback', 'later', 'bad', 'commit']);
  });

  it('move the offset of a group that is online, and messages from there on come again (222)', async () => {
    await withConsumer(async ({ topic, consumer, got, broker, remoting }) => {
      const moved: OffsetMovedEvent[] = [];
      consumer.on('offsetMoved', (event) => moved.push(event));
      const committed = () => consumer.queues().find(({ queue }) => queue.topic === topic)?.committed;
      await eventually(() => (committed() === 5 ? true : undefined), { what: 'the commit' });
      const group = consumer.consumerGroup;
      const header = { topic, group, timestamp: 0, isForce: true };
      await remoting.invoke(broker, Commands.invokeBrokerToResetOffset, header, undefined);
      // A 5.x broker tells it with the next pull, which it may hold for up to 15 s: a message wakes it.
      await using clients = new Clients((await target.cluster()).nameServers);
      await clients.send(topic, ['e']);
      await eventually(() => (moved.length > 0 ? true : undefined), { what: 'the event', within: 20_000 });
      await eventually(() => (got.slice(5).includes('e') ? true : undefined), {
        what: 'the messages',
        within: 20_000,
      });
      expect(moved[0]).to.include({ to: 0 });
      expect(got.slice(5)).to.include.members(['a', 'b', 'c', 'd', 'e']);
      await eventually(() => (committed() === 6 ? true : undefined), { what: 'the new commit' });
    });
  });
});
