import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { LitePullConsumer } from '../../../lib/consumer/lite-pull-consumer.ts';
import type { RebalanceEvent } from '../../../lib/consumer/events.ts';
import type { VirtualGroup } from '../../support/virtual-group.ts';
import { pollAll, startGroup, stored, subscribed, topic } from './scene.ts';

/** A member that reads in a loop until it is shut down. */
function readAll(
  group: VirtualGroup,
  consumer: LitePullConsumer,
  seen: (text: string) => void,
  each = 0,
): Promise<void> {
  return (async () => {
    for await (const message of consumer) {
      if (each > 0) await group.clock.sleep(each);
      seen(message.text());
    }
  })();
}

describe('LitePullConsumers of one group, in virtual time', () => {
  it('share the queues, and hand them over without losing or repeating anything', async () => {
    await using group = await startGroup(8);
    const seen: string[] = [];
    const see = (text: string): void => void seen.push(text);
    const first = await subscribed(group);
    const loops = [readAll(group, first, see, 5)];
    const sent = await group.send(topic, 400, 'a');
    const second = await subscribed(group);
    loops.push(readAll(group, second, see, 5));
    sent.push(...(await group.send(topic, 400, 'b')));
    await group.until(() => second.assignment().length === 4);
    sent.push(...(await group.send(topic, 200, 'c')));
    await group.clock.advance(600);
    await group.run(second.shutdown());
    await group.until(() => seen.length >= sent.length);
    await group.run(first.shutdown());
    await Promise.all(loops);
    expect(seen.toSorted()).to.deep.equal(sent.toSorted());
    expect(stored(group).reduce((sum, offset) => sum + offset, 0)).to.equal(1_000);
  });

  it('commit at revocation what is consumed, and say what will be repeated', async () => {
    await using group = await startGroup(2);
    await group.send(topic, 40);
    const first = await subscribed(group);
    const events: RebalanceEvent[] = [];
    first.on('rebalance', (event) => events.push(event));
    await group.clock.advance(100);
    const held = await group.run(first.poll({ maxMessages: 40 }));
    expect(held).to.have.length(40);
    const second = await subscribed(group);
    await group.until(() => first.assignment().length === 1);
    const lost = events.at(-1)?.lost[0]?.queueId;
    expect(events.at(-1)).to.deep.include({ expectedRepeats: 20 });
    expect(stored(group)[lost ?? 0]).to.equal(-1);
    const repeated = await pollAll(group, second, 20);
    expect(new Set(repeated.map(({ queueId }) => queueId))).to.deep.equal(new Set([lost]));
    // What was held is void now, whatever its reader says.
    const isLost = held.filter(({ queueId }) => queueId === lost);
    expect(isLost.map((message) => first.ack(message)).includes(true)).to.equal(false);
    expect(held.filter((message) => first.ack(message))).to.have.length(20);
  });

  it('commits nothing of its own accord at revocation where the user commits', async () => {
    await using group = await startGroup(2);
    await group.send(topic, 40);
    const first = await subscribed(group, { autoCommit: false });
    for (let polls = 0; polls < 4; polls++) await group.run(first.poll());
    await subscribed(group);
    await group.until(() => first.assignment().length === 1);
    expect(stored(group)).to.deep.equal([-1, -1]);
  });

  it('lose none of 10,000 messages while members join, leave and seek back', async function () {
    this.timeout(60_000);
    await using group = await startGroup(12);
    const counts = new Map<string, number>();
    const see = (text: string): void => void counts.set(text, (counts.get(text) ?? 0) + 1);
    const loops: Promise<void>[] = [];
    const join = async (): Promise<LitePullConsumer> => {
      const consumer = await subscribed(group, { pullBatchSize: 32 });
      loops.push(readAll(group, consumer, see));
      return consumer;
    };
    const members = [await join(), await join(), await join()];
    const sent: string[] = [];
    let sought = 0;
    for (let round = 0; round < 10; round++) {
      sent.push(...(await group.send(topic, 1_000, `${round}-`)));
      if (round % 3 === 0) members.push(await join());
      if (round % 3 === 1) await group.run(members.shift()?.shutdown() ?? Promise.resolve());
      const [seeker] = members;
      const status = seeker?.queues().find(({ consumed }) => consumed >= 20);
      if (round % 3 === 2 && seeker !== undefined && status !== undefined) {
        await group.run(seeker.seek(status.queue, status.consumed - 20));
        sought += 20;
      }
      await group.clock.advance(300);
    }
    await group.until(() => sent.every((text) => counts.has(text)), 120_000);
    await group.run(Promise.all(members.map(async (member) => member.shutdown())));
    await Promise.all(loops);
    expect(counts.size).to.equal(10_000);
    const repeats = [...counts.values()].reduce((sum, times) => sum + times - 1, 0);
    expect(sought).to.be.above(0);
    // Nothing but what was sought back to.
    expect(repeats).to.be.at.most(sought + 20);
    expect(stored(group).reduce((sum, offset) => sum + offset, 0)).to.equal(10_000);
  });
});
