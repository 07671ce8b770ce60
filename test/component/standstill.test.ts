import { expect } from 'chai';
import { describe, it } from 'mocha';

import { Commands } from '../../protocol/commands/index.ts';
import type { Gate } from '../simulation/gate.ts';
import { commitsOf, processIn, rising } from '../support/stopped-process.ts';
import { VirtualGroup, type TestMember } from '../support/virtual-group.ts';

const topic = 'Topic';

/** A group of one, whose process can be stopped, with five messages of one queue done and not all committed. */
async function frozen(group: VirtualGroup): Promise<{ member: TestMember; gate: Gate; sent: string[] }> {
  const { gate, environment } = processIn(group);
  const member = await group.join(topic, { environment, instanceName: 'b' });
  await group.clock.advance(7_000);
  const sent = await group.send(topic, 5, 'before');
  await group.until(() => member.messages.length === 5);
  gate.shut();
  return { member, gate, sent };
}

describe('A member that stood still, in virtual time', () => {
  it('undoes nothing that the new owner has committed', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const commits = commitsOf(group, topic);
    const { member, gate, sent } = await frozen(group);
    sent.push(...(await group.send(topic, 1, 'held')));
    // Its id comes first, so the only queue is its.
    const other = await group.join(topic, { instanceName: 'a' });
    for (let round = 0; round < 5; round++) {
      sent.push(...(await group.send(topic, 3, `during${round}-`)));
      await group.clock.advance(500);
    }
    gate.open();
    await group.clock.advance(10_000);
    expect(commits).to.deep.equal(rising(commits));
    expect(commits.at(-1)).to.equal(sent.length);
    expect([member.owned(topic), other.owned(topic)]).to.deep.equal([[], [0]]);
    expect(
      new Set(group.members.flatMap(({ messages }) => messages.map((each) => each.text()))),
    ).to.deep.equal(new Set(sent));
  });

  it('goes on where another left off that came and went meanwhile', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const commits = commitsOf(group, topic);
    const { member, gate, sent } = await frozen(group);
    const moves: [number, number][] = [];
    member.consumer.on('offsetMoved', ({ from, to }) => moves.push([from, to]));
    const other = await group.join(topic, { instanceName: 'a' });
    sent.push(...(await group.send(topic, 10, 'during')));
    await group.clock.advance(3_000);
    await group.run(other.consumer.shutdown());
    gate.open();
    await group.clock.advance(2_000);
    expect(moves).to.deep.equal([[5, 15]]);
    sent.push(...(await group.send(topic, 5, 'after')));
    await group.clock.advance(10_000);
    expect(commits).to.deep.equal(rising(commits));
    expect(commits.at(-1)).to.equal(20);
    expect(member.messages.slice(-5).map((each) => each.text())).to.have.members(sent.slice(-5));
  });

  it('goes on as before when nobody came, and repeats nothing', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const commits = commitsOf(group, topic);
    const { member, gate, sent } = await frozen(group);
    sent.push(...(await group.send(topic, 5, 'during')));
    await group.clock.advance(3_000);
    gate.open();
    await group.clock.advance(6_000);
    expect(member.messages.map((each) => each.text())).to.deep.equal(sent);
    expect(commits.at(-1)).to.equal(10);
    expect(member.rebalances).to.have.length(1);
  });

  it('commits nothing while nobody can say whether its queues are its own', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const commits = commitsOf(group, topic);
    const { member, gate, sent } = await frozen(group);
    const before = commits.length;
    const control = group.cluster.control(Commands.getConsumerListByGroup, { answer: 1 });
    await group.clock.advance(1_000);
    gate.open();
    sent.push(...(await group.send(topic, 5, 'after')));
    await group.clock.advance(8_000);
    expect(member.messages).to.have.length(10);
    expect(commits).to.have.length(before);
    control.remove();
    await group.clock.advance(7_000);
    expect(commits.at(-1)).to.equal(sent.length);
  });
});
