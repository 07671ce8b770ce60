import { expect } from 'chai';
import { it } from 'mocha';

import type { LitePullConsumer } from '../../../lib/consumer/lite-pull-consumer.ts';
import type { LitePullConsumerOptions } from '../../../lib/options/lite-pull-consumer.ts';
import { InvalidOptionError } from '../../../lib/errors.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { Clients } from '../../support/clients.ts';
import { describeEverywhere } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { RawCluster } from './raw-cluster.ts';

const textsOf = (messages: readonly ReceivedMessage[]): string[] => messages.map((message) => message.text());

/** Polls until there were so many messages. */
async function pollAll(consumer: LitePullConsumer, count: number): Promise<ReceivedMessage[]> {
  const messages: ReceivedMessage[] = [];
  for (let empty = 0; messages.length < count;) {
    const batch = await consumer.poll({ timeout: 2_000 });
    if (batch.length === 0 && ++empty === 5)
      throw new Error(`${messages.length} of ${count} messages came: ${textsOf(messages).join(' ')}`);
    messages.push(...batch);
  }
  return messages;
}

await describeEverywhere('Lite pull', (target) => {
  /** A topic, clients, and a way to look at the broker. */
  const open = async (queues = 1) => {
    const raw = await RawCluster.open(target, queues);
    const clients = new Clients(raw.nameServer);
    const { topic, group: consumerGroup } = raw;
    const queueOf = (queueId: number): MessageQueue => ({ topic, brokerName: raw.brokerName, queueId });
    const subscribed = async (options: Partial<LitePullConsumerOptions> = {}): Promise<LitePullConsumer> => {
      const consumer = clients.lite({ consumerGroup, ...options });
      consumer.subscribe(topic);
      await consumer.start();
      return consumer;
    };
    const send = async (count: number, prefix = ''): Promise<string[]> => {
      const bodies = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
      const sent = await clients.send(topic, bodies);
      // Real brokers answer before the messages are in their queues.
      for (const { queue, queueOffset } of sent)
        await eventually(
          async () => {
            const { header } = await raw.invoke(Commands.getMaxOffset, queue, undefined);
            return header.offset > queueOffset ? true : undefined;
          },
          { what: 'the messages in their queues', every: 5 },
        );
      return bodies;
    };
    const close = async (): Promise<void> => {
      await clients[Symbol.asyncDispose]();
      await raw[Symbol.asyncDispose]();
    };
    return { raw, clients, topic, queueOf, subscribed, send, [Symbol.asyncDispose]: close };
  };

  it('gives what is polled in order, and the next member goes on where the commits were', async () => {
    await using scene = await open();
    const { raw, subscribed, send } = scene;
    const sent = await send(25);
    const consumer = await subscribed();
    expect(textsOf(await pollAll(consumer, 20))).to.deep.equal(sent.slice(0, 20));
    await consumer.commit();
    expect(await raw.committed()).to.equal(20);
    expect(textsOf(await pollAll(consumer, 5))).to.deep.equal(sent.slice(20));
    await consumer.shutdown();
    // The last five were never said to be consumed.
    expect(await raw.committed()).to.equal(20);
    const next = await subscribed();
    expect(textsOf(await pollAll(next, 5))).to.deep.equal(sent.slice(20));
  });

  it('commits what a loop has consumed when it is left and at shutdown', async () => {
    await using scene = await open(4);
    const { subscribed, send } = scene;
    const sent = await send(40);
    const seen: string[] = [];
    const read = async (count: number): Promise<void> => {
      await using consumer = await subscribed();
      let left = count;
      for await (const message of consumer) {
        if (left-- === 0) break;
        seen.push(message.text());
      }
    };
    await read(15);
    await read(24);
    expect(seen).to.have.length(39);
    await using consumer = await subscribed();
    seen.push(...textsOf(await pollAll(consumer, 1)));
    expect(seen.toSorted()).to.deep.equal(sent.toSorted());
  });

  it('waits at the broker for the next message', async () => {
    await using scene = await open();
    const { subscribed, send } = scene;
    const consumer = await subscribed();
    expect(await consumer.poll({ timeout: 300 })).to.deep.equal([]);
    const polled = consumer.poll({ timeout: 20_000 });
    await send(1, 'late');
    expect(textsOf(await polled)).to.deep.equal(['late0']);
  });

  it('goes to offsets, ends and times', async () => {
    await using scene = await open();
    const { raw, queueOf, subscribed, send } = scene;
    await send(10, 'a');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const between = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await send(10, 'b');
    const consumer = await subscribed({ consumeFromWhere: 'last' });
    const queue = queueOf(0);
    // A broker of its own accord may begin a group that is new to it anywhere from 0 to the end.
    await eventually(() => (consumer.assignment().length === 1 ? true : undefined), { what: 'the queue' });
    const next = async (): Promise<string | undefined> =>
      textsOf(await consumer.poll({ maxMessages: 1, timeout: 2_000 }))[0];
    await consumer.seek(queue, 7);
    expect(await next()).to.equal('a7');
    await consumer.seekToBegin(queue);
    expect(await next()).to.equal('a0');
    expect(await consumer.offsetForTimestamp(queue, between)).to.be.oneOf(raw.isFive ? [10] : [9, 10]);
    await consumer.seekToTimestamp(queue, between);
    expect(await next()).to.be.oneOf(raw.isFive ? ['b0'] : ['a9', 'b0']);
    await consumer.seekToEnd(queue);
    expect(await consumer.poll({ timeout: 300 })).to.deep.equal([]);
    await consumer.commit();
    expect(await consumer.committed(queue)).to.equal(20);
    expect(await raw.committed()).to.equal(20);
    const outside: unknown = await consumer.seek(queue, 21).catch((error: unknown) => error);
    expect(outside).to.be.instanceOf(InvalidOptionError);
    await consumer.seek(queue, 3);
    expect(textsOf(await pollAll(consumer, 7))[0]).to.equal('a3');
  });

  it('reads assigned queues without a word of the group', async () => {
    await using scene = await open(4);
    const { raw, clients, queueOf, send } = scene;
    await send(40);
    const members = [0, 1].map(() => clients.lite({ consumerGroup: raw.group }));
    for (const member of members) {
      member.assign([queueOf(2), queueOf(0)]);
      await member.start();
      const messages = await pollAll(member, 20);
      expect(new Set(messages.map(({ queueId }) => queueId))).to.deep.equal(new Set([0, 2]));
    }
    const [first] = members;
    await first?.commit();
    expect(await raw.committed()).to.equal(10);
  });

  it('is filtered by the broker, by tags and by SQL92', async () => {
    await using scene = await open();
    const { clients, topic } = scene;
    const producer = await clients.producer();
    for (const tags of ['A', 'B', 'C'])
      for (const size of ['1', '9'])
        await producer.send({ topic, tags, body: `${tags}${size}`, properties: { size } });
    const read = async (filter: Parameters<LitePullConsumer['subscribe']>[1], count: number) => {
      const consumer = clients.lite();
      consumer.subscribe(topic, filter);
      await consumer.start();
      return textsOf(await pollAll(consumer, count));
    };
    expect(await read('A || C', 4)).to.deep.equal(['A1', 'A9', 'C1', 'C9']);
    expect(await read({ sql: "size > 5 AND TAGS <> 'C'" }, 2)).to.deep.equal(['A9', 'B9']);
  });

  it('shares the queues among members, and hands them over', async () => {
    await using scene = await open(4);
    const { subscribed, send } = scene;
    const seen: string[] = [];
    const loop = async (consumer: LitePullConsumer): Promise<void> => {
      for await (const message of consumer) seen.push(message.text());
    };
    const first = await subscribed();
    const loops = [loop(first)];
    const sent = await send(40, 'a');
    const second = await subscribed();
    loops.push(loop(second));
    await eventually(() => (first.assignment().length === 2 ? true : undefined), {
      what: 'two queues each',
      within: 20_000,
    });
    sent.push(...(await send(40, 'b')));
    await second.shutdown();
    sent.push(...(await send(40, 'c')));
    await eventually(() => (new Set(seen).size === 120 ? true : undefined), {
      what: 'all messages',
      within: 30_000,
      otherwise: () => `${new Set(seen).size}`,
    });
    await first.shutdown();
    await Promise.all(loops);
    expect(new Set(seen)).to.deep.equal(new Set(sent));
  });

  it('is known to the broker as one that pulls', async () => {
    await using scene = await open();
    const { raw, subscribed, topic } = scene;
    const consumer = await subscribed();
    const header = { consumerGroup: raw.group };
    const { body } = await raw.invoke(Commands.getConsumerConnectionList, header, undefined);
    expect(body).to.include({
      consumeType: 'CONSUME_ACTIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
    });
    expect([...body.connectionSet].map(({ clientId }) => clientId)).to.deep.equal([consumer.clientId]);
    expect([...body.subscriptionTable.keys()]).to.deep.equal([topic]);
  });

  it('answers the broker: running info (307), offsets (221), and that it has no listener (309)', async () => {
    await using scene = await open();
    const { raw, clients, subscribed, topic } = scene;
    const [{ offsetMessageId: msgId } = { offsetMessageId: '' }] = await clients.send(topic, ['a', 'b']);
    const consumer = await subscribed();
    await pollAll(consumer, 2);
    await consumer.commit();
    const { clientId = '' } = consumer;
    const ask = { consumerGroup: raw.group, clientId, jstackEnable: false };
    const { body: info } = await raw.invoke(Commands.getConsumerRunningInfo, ask, undefined);
    expect(info.mqTable.map(([queue, { commitOffset }]) => [queue.topic, commitOffset])).to.deep.equal([
      [topic, 2],
    ]);
    expect(info.properties.get('PROP_CONSUME_TYPE')).to.equal('CONSUME_ACTIVELY');
    const status = await raw.invoke(
      Commands.invokeBrokerToGetConsumerStatus,
      { topic, group: raw.group, clientAddr: '' },
      undefined,
    );
    const [offsets = []] = [...(status.body.consumerTable?.values() ?? [])];
    expect(offsets.map(([queue, offset]) => [queue.queueId, offset])).to.deep.equal([[0, 2]]);
    const direct = await raw.invoke(
      Commands.consumeMessageDirectly,
      { consumerGroup: raw.group, clientId, msgId, topic },
      Buffer.alloc(0),
    );
    expect(direct.body.consumeResult).to.equal('CR_THROW_EXCEPTION');
    expect(direct.body.remark).to.include('pulls its messages');
  });

  it('goes on where an operator resets its group to (222)', async () => {
    await using scene = await open();
    const { raw, topic, subscribed, send } = scene;
    await send(5);
    const consumer = await subscribed();
    const moved: number[] = [];
    consumer.on('offsetMoved', ({ to }) => moved.push(to));
    await pollAll(consumer, 5);
    await consumer.commit();
    const header = { topic, group: raw.group, timestamp: 0, isForce: true };
    await raw.invoke(Commands.invokeBrokerToResetOffset, header, undefined);
    // A 5.x broker tells it with the next pull, which it may hold for a while: a message wakes it.
    await send(1, 'more');
    await eventually(() => (moved.length > 0 ? true : undefined), { what: 'the event', within: 25_000 });
    expect(moved[0]).to.equal(0);
    const texts: string[] = [];
    while (texts.at(-1) !== 'more0' || texts.length < 6) texts.push(...textsOf(await pollAll(consumer, 1)));
    expect(texts.slice(-6)).to.deep.equal(['0', '1', '2', '3', '4', 'more0']);
  });

  it('reads single pulls for tools, and leaves the group alone', async () => {
    await using scene = await open();
    const { raw, clients, queueOf, send, topic } = scene;
    await send(10);
    const tool = clients.lite({ consumerGroup: raw.group });
    await tool.start();
    expect(await tool.fetchMessageQueues(topic)).to.deep.equal([queueOf(0)]);
    const pulled = await tool.pull(queueOf(0), 4, { maxMessages: 3 });
    expect(textsOf(pulled.messages)).to.deep.equal(['4', '5', '6']);
    expect(pulled).to.include({ status: 'FOUND', nextOffset: 7, minOffset: 0, maxOffset: 10 });
    const held = tool.pull(queueOf(0), 10, { hold: 10_000 });
    await send(1, 'late');
    expect(textsOf((await held).messages)).to.deep.equal(['late0']);
    expect(await tool.committed(queueOf(0))).to.be.oneOf([undefined, 0]);
  });

  it('is in one group with a push consumer only to the harm of both: the broker keeps what the last heartbeat said', async () => {
    await using scene = await open(2);
    const { raw, clients, subscribed, topic } = scene;
    const push = clients.consumer(topic, { eachMessage: () => {} }, { consumerGroup: raw.group });
    await push.start();
    const look = async () => {
      const header = { consumerGroup: raw.group };
      const { body } = await raw.invoke(Commands.getConsumerConnectionList, header, undefined);
      return { type: body.consumeType, topics: [...body.subscriptionTable.keys()].toSorted() };
    };
    const retry = `%RETRY%${raw.group}`;
    expect(await look()).to.deep.equal({ type: 'CONSUME_PASSIVELY', topics: [retry, topic] });
    const lite = await subscribed();
    expect((await look()).type).to.equal('CONSUME_ACTIVELY');
    // The retry topic, which only push consumers subscribe to, is lost until the next heartbeat of one.
    expect((await look()).topics).to.deep.equal([topic]);
    // The queues are shared all the same: both are in the list of members.
    await eventually(
      () =>
        lite.assignment().length === 1 &&
        push.queues().filter((each) => each.queue.topic === topic).length === 1
          ? true
          : undefined,
      { what: 'a queue each', within: 20_000 },
    );
  });
});
