import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { LitePullConsumer } from '../../../lib/consumer/lite-pull-consumer.ts';
import type { OffsetMovedEvent } from '../../../lib/consumer/events.ts';
import { IllegalStateError } from '../../../lib/errors.ts';
import type { LitePullConsumerOptions } from '../../../lib/options/lite-pull-consumer.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import type { Gate } from '../../simulation/gate.ts';
import { commitsOf, processIn, rising } from '../../support/stopped-process.ts';
import type { VirtualGroup } from '../../support/virtual-group.ts';
import { pollAll, queueOf, startGroup, stored, subscribed, textsOf, topic } from './scene.ts';

/** A group of one, whose process can be stopped, with five messages of one queue consumed and none of that committed. */
async function frozen(
  group: VirtualGroup,
  options: Partial<LitePullConsumerOptions> = {},
): Promise<{ consumer: LitePullConsumer; gate: Gate; moves: OffsetMovedEvent[] }> {
  const { gate, environment } = processIn(group);
  const consumer = await subscribed(group, { environment, instanceName: 'b', ...options });
  const moves: OffsetMovedEvent[] = [];
  consumer.on('offsetMoved', (event) => moves.push(event));
  await group.send(topic, 5, 'before');
  await pollAll(group, consumer, 5);
  gate.shut();
  return { consumer, gate, moves };
}

/** Another member, whose id comes first, consumes everything and commits it. */
async function takeOver(group: VirtualGroup, count: number): Promise<LitePullConsumer> {
  const other = await subscribed(group, { instanceName: 'a' });
  await pollAll(group, other, count);
  await group.run(other.commit());
  return other;
}

const refusal = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it was not refused',
    (error: unknown) => error,
  );

describe('A LitePullConsumer that stood still, in virtual time', () => {
  for (const autoCommit of [true, false]) {
    it(`undoes nothing that the new owner has committed, autoCommit ${autoCommit}`, async () => {
      await using group = await startGroup(1);
      const commits = commitsOf(group, topic);
      const { consumer, gate } = await frozen(group, { autoCommit });
      await group.send(topic, 15, 'during');
      const other = await takeOver(group, 20);
      gate.open();
      // The user commits before the process knows of anything.
      await group.run(consumer.commit());
      await group.clock.advance(10_000);
      expect(commits).to.deep.equal(rising(commits));
      expect(stored(group)).to.deep.equal([20]);
      expect([consumer.assignment().length, other.assignment().length]).to.deep.equal([0, 1]);
    });
  }

  it('says so when the user commits a queue that has gone', async () => {
    await using group = await startGroup(1);
    const { consumer, gate } = await frozen(group, { autoCommit: false });
    await takeOver(group, 5);
    gate.open();
    const asked = [
      consumer.commit(queueOf(0)),
      consumer.commit(queueOf(0), 3),
      consumer.seekToBegin(queueOf(0)),
    ];
    const refused = await group.run(Promise.all(asked.map(refusal)));
    for (const error of refused) expect(error).to.be.instanceOf(IllegalStateError);
    expect(stored(group)).to.deep.equal([5]);
  });

  it('goes on where another left off that came and went meanwhile', async () => {
    await using group = await startGroup(1);
    const commits = commitsOf(group, topic);
    const { consumer, gate, moves } = await frozen(group);
    await group.send(topic, 5, 'during');
    const other = await takeOver(group, 10);
    await group.run(other.shutdown());
    gate.open();
    const sent = await group.send(topic, 5, 'after');
    expect(textsOf(await pollAll(group, consumer, 5))).to.deep.equal(sent);
    expect(moves.map(({ from, to }) => [from, to])).to.deep.equal([[0, 10]]);
    await group.run(consumer.commit());
    expect(commits).to.deep.equal(rising(commits));
    expect(stored(group)).to.deep.equal([15]);
  });

  it('commits as before when nobody came', async () => {
    await using group = await startGroup(1);
    const { consumer, gate, moves } = await frozen(group, { autoCommit: false });
    await group.clock.advance(3_000);
    gate.open();
    await group.run(consumer.commit());
    expect([stored(group), moves]).to.deep.equal([[5], []]);
  });

  it('stays where its user went back to, though more is stored', async () => {
    await using group = await startGroup(1);
    const { environment, gate } = processIn(group);
    const consumer = await subscribed(group, { environment, autoCommit: false });
    const moves: OffsetMovedEvent[] = [];
    consumer.on('offsetMoved', (event) => moves.push(event));
    const sent = await group.send(topic, 5);
    await pollAll(group, consumer, 5);
    await group.run(consumer.commit());
    await group.run(consumer.seekToBegin(queueOf(0)));
    gate.shut();
    await group.clock.advance(3_000);
    gate.open();
    await group.clock.advance(1_000);
    expect(textsOf(await pollAll(group, consumer, 5))).to.deep.equal(sent);
    expect(moves).to.deep.equal([]);
  });

  it('commits nothing while nobody can say whether its queues are its own, and says so', async () => {
    await using group = await startGroup(1);
    const commits = commitsOf(group, topic);
    const { consumer, gate } = await frozen(group);
    const control = group.cluster.control(Commands.getConsumerListByGroup, { answer: 1 });
    await group.clock.advance(1_000);
    gate.open();
    const error = await group.run(refusal(consumer.commit()));
    expect(error).to.be.instanceOf(IllegalStateError).with.property('message').that.includes('stood still');
    expect(commits).to.deep.equal([]);
    control.remove();
    await group.run(consumer.commit());
    expect(stored(group)).to.deep.equal([5]);
  });

  it('asks nobody about queues that were assigned to it', async () => {
    await using group = await startGroup(1);
    const { environment, gate } = processIn(group);
    const consumer = group.lite({ environment });
    consumer.assign([queueOf(0)]);
    await group.run(consumer.start());
    await group.send(topic, 5);
    await pollAll(group, consumer, 5);
    gate.shut();
    group.cluster.control(Commands.getConsumerListByGroup, { answer: 1 });
    await group.clock.advance(3_000);
    gate.open();
    await group.run(consumer.commit());
    expect(stored(group)).to.deep.equal([5]);
  });
});
