import { expect } from 'chai';
import { it } from 'mocha';

import { Clients } from '../../support/clients.ts';
import { deadLetters } from '../../support/dead-letters.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';

await describeEverywhere('Retry', (target) => {
  it('brings failed messages back with rising delay, and to the dead-letter queue after maxReconsumeTimes', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Retry');
    const consumerGroup = uniqueName('RetryGroup');
    await cluster.createTopic(topic, { queues: 2 });
    const tries: {
      readonly times: number;
      readonly at: number;
      readonly topic: string;
      readonly id: string;
    }[] = [];
    const eachMessage = (message: { reconsumeTimes: number; topic: string; messageId: string }) => {
      const { reconsumeTimes: times, messageId: id } = message;
      tries.push({ times, at: performance.now(), topic: message.topic, id });
      // Levels 1 and 5 are 1 s and 2 s on a test broker, 1 s and 1 min on others.
      return { delayLevel: times === 0 ? 1 : 5 };
    };
    await clients.consumer(topic, { eachMessage }, { consumerGroup, maxReconsumeTimes: 2 }).start();
    const [sent] = await clients.send(topic, ['fails']);
    await eventually(() => (tries.length === 3 ? true : undefined), {
      what: 'the third try',
      within: 30_000,
    });
    const dead = await deadLetters(cluster.nameServers, consumerGroup);
    expect(tries.map(({ times }) => times)).to.deep.equal([0, 1, 2]);
    expect(new Set(tries.map((each) => each.topic))).to.deep.equal(new Set([topic]));
    expect(new Set(tries.map(({ id }) => id))).to.deep.equal(new Set([sent?.messageId]));
    const [first, second, third] = tries.map(({ at }) => at);
    expect((third ?? 0) - (second ?? 0)).to.be.above((second ?? 0) - (first ?? 0));
    expect(dead[0]).to.equal('fails');
  });

  it('puts a message straight into the dead-letter queue when the listener says so', async () => {
    const cluster = await target.cluster();
    await using clients = new Clients(cluster.nameServers);
    const topic = uniqueName('Dead');
    const consumerGroup = uniqueName('DeadGroup');
    await cluster.createTopic(topic, { queues: 1 });
    let tries = 0;
    const eachMessage = (): 'deadLetter' => {
      tries++;
      return 'deadLetter';
    };
    await clients.consumer(topic, { eachMessage }, { consumerGroup }).start();
    await clients.send(topic, ['dead']);
    const dead = await deadLetters(cluster.nameServers, consumerGroup);
    expect([dead[0], tries]).to.deep.equal(['dead', 1]);
  });
});
