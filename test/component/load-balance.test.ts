import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';

import { Commands, ResponseCode } from '../../protocol/index.ts';
import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Producer, PushConsumer, type RebalanceEvent } from '../../lib/index.ts';

const topic = 'LoadBalanceTopic';
const consumerGroup = 'LoadBalanceConsumerGroup';
const messages = Array.from({ length: 10 }, (_, i) => `消息 ${i}`);

/** A consumer, what it has received, and the queues it last said it owns. */
interface Member {
  readonly consumer: PushConsumer;
  readonly received: string[];
  readonly rebalances: RebalanceEvent[];
}

describe('Consumer load balancing', () => {
  let cluster: EmbeddedCluster;
  let producer: Producer;
  let one: Member;
  let two: Member;
  let wake = (): void => {};

  beforeEach(async () => {
    cluster = await EmbeddedCluster.start({ topics: { [topic]: 4 } });
    const { nameServers } = cluster;
    producer = new Producer({ nameServers, producerGroup: 'LoadBalanceProducerGroup' });
    await producer.start();
    one = join('Consumer1');
    two = join('Consumer2');
    await Promise.all([one.consumer.start(), two.consumer.start()]);
    await until(() => owned(one).length === 2 && owned(two).length === 2);
  });

  afterEach(async () => {
    await Promise.all([one.consumer.shutdown(), two.consumer.shutdown(), producer.shutdown()]);
    await cluster.shutdown();
  });

  it('gives two of four queues to each of two consumers', () => {
    expect(owned(one)).to.deep.equal([0, 1]);
    expect(owned(two)).to.deep.equal([2, 3]);
    expect(cluster.group(consumerGroup).members.map(({ clientId }) => clientId)).to.have.members([
      one.consumer.clientId,
      two.consumer.clientId,
    ]);
  });

  it('explains to each consumer who owns what', () => {
    for (const { consumer } of [one, two]) {
      const explanation = consumer.explainAssignment().find((each) => each.topic === topic);
      expect(explanation?.strategy).to.equal('AVG');
      expect(explanation?.queues).to.have.length(4);
      const shares = [...(explanation?.shares ?? [])].map(([clientId, queues]) => [
        clientId.split('@')[1],
        queues.map(({ queueId }) => queueId),
      ]);
      expect(shares).to.deep.equal([
        ['Consumer1', [0, 1]],
        ['Consumer2', [2, 3]],
      ]);
    }
  });

  it('delivers each of ten messages once, to the owner of its queue', async () => {
    const queues = await sendAll();
    await until(() => one.received.length + two.received.length >= messages.length);
    expect([...one.received, ...two.received].sort()).to.deep.equal(messages);
    for (const [text, queueId] of queues) {
      expect((queueId < 2 ? one : two).received, `${text} of queue ${queueId}`).to.include(text);
    }
  });

  it('moves the queues of a consumer that leaves to the other, and repeats nothing', async () => {
    await sendAll();
    await until(() => one.received.length + two.received.length >= messages.length);
    await two.consumer.shutdown();
    await until(() => owned(one).length === 4);
    await sendAll();
    await until(() => one.received.length + two.received.length >= 2 * messages.length);
    const both = [...one.received, ...two.received].sort();
    expect(both).to.deep.equal([...messages, ...messages].sort());
    expect(one.rebalances.at(-1)?.cause.kind).to.equal('membersChanged');
  });

  it('moves the queues of a consumer that dies to the other, and back when it returns', async () => {
    const dead = cluster
      .group(consumerGroup)
      .members.find(({ clientId }) => clientId === two.consumer.clientId);
    // It would be back within milliseconds; so the brokers do not hear of it for a while.
    const silence = cluster.control(Commands.heartBeat, {
      answer: ResponseCode.SYSTEM_ERROR,
      when: ({ command }) => command.body?.includes('@Consumer2') === true,
    });
    cluster.disconnect({ client: dead?.address ?? '' });
    await until(() => owned(one).length === 4);
    await sendAll();
    await until(() => new Set(one.received).size === messages.length);
    expect(one.rebalances.at(-1)?.gained.map(({ queueId }) => queueId)).to.deep.equal([2, 3]);

    silence.remove();
    await until(() => owned(one).length === 2 && owned(two).length === 2);
    expect(owned(one)).to.deep.equal([0, 1]);
    expect(owned(two)).to.deep.equal([2, 3]);
  });

  function join(instanceName: string): Member {
    const consumer = new PushConsumer({
      nameServers: cluster.nameServers,
      consumerGroup,
      instanceName,
      consumeFromWhere: 'first',
    });
    const member: Member = { consumer, received: [], rebalances: [] };
    consumer.subscribe(topic, {
      eachMessage: (message) => {
        member.received.push(message.text());
        wake();
      },
    });
    consumer.on('rebalance', (event) => {
      member.rebalances.push(event);
      wake();
    });
    return member;
  }

  /** Sends the ten messages, and tells which queue each went to. */
  async function sendAll(): Promise<Map<string, number>> {
    const queues = new Map<string, number>();
    for (const body of messages) queues.set(body, (await producer.send({ topic, body })).queue.queueId);
    return queues;
  }

  /** Resolves as soon as an event of a consumer makes the condition true. */
  async function until(condition: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      wake = () => {
        if (condition()) resolve();
      };
      wake();
    });
  }
});

function owned({ consumer }: Member): number[] {
  return consumer
    .queues()
    .flatMap(({ queue }) => (queue.topic === topic ? [queue.queueId] : []))
    .sort((a, b) => a - b);
}
