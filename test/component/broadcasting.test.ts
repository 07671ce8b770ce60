import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { ConsumeFailedEvent } from '../../lib/consumer/events.ts';
import { OffsetFileError } from '../../lib/consumer/offset/offset-file-error.ts';
import { DuplicateMemberError } from '../../lib/instance/duplicate-member-error.ts';
import { Commands } from '../../protocol/commands/index.ts';
import { readLocalOffsets } from '../../protocol/model/offset-store.ts';
import { VirtualGroup, type TestMember } from '../support/virtual-group.ts';

const topic = 'News';
const folder = '/offsets';
const options = {
  messageModel: 'broadcasting',
  clientIp: '10.0.0.1',
  localOffsetStoreDir: folder,
} as const;

const path = (instanceName = 'DEFAULT'): string => `${folder}/10.0.0.1@${instanceName}/Group/offsets.json`;
const texts = ({ messages }: TestMember): string[] => messages.map((message) => message.text()).sort();

/** Offsets in a member's file, by queue id. */
function stored(group: VirtualGroup, instanceName?: string): number[] {
  const offsets = readLocalOffsets(group.files.texts.get(path(instanceName)) ?? '{}');
  return offsets.toSorted(([a], [b]) => a.queueId - b.queueId).map(([, offset]) => offset);
}

const writes = (group: VirtualGroup): number =>
  group.files.changes.filter((change) => change.startsWith('write')).length;

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('Broadcasting, in virtual time', () => {
  it('gives every member all queues and all messages, and asks nobody for members', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
    const first = await group.join(topic, { ...options, instanceName: 'first' });
    const second = await group.join(topic, { ...options, instanceName: 'second' });
    for (const member of [first, second]) expect(member.owned(topic)).to.deep.equal([0, 1, 2, 3]);
    const sent = await group.send(topic, 40);
    await group.until(() => first.messages.length + second.messages.length === 80);
    await group.clock.advance(60_000);
    for (const member of [first, second]) expect(texts(member)).to.deep.equal(sent.toSorted());
    for (const command of [Commands.getConsumerListByGroup, Commands.updateConsumerOffset])
      expect(group.cluster.requests({ command })).to.have.length(0);
    expect(first.rebalances.map(({ strategy, cause }) => [strategy, cause.kind])).to.deep.equal([
      ['BROADCASTING', 'start'],
    ]);
    expect([...first.warnings, ...second.warnings]).to.deep.equal([]);
  });

  it('has the client id that its file is named by, and no retry topic', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const { consumer } = await group.join(topic, options);
    expect(consumer.clientId).to.equal('10.0.0.1@DEFAULT');
    expect(consumer.queues().map(({ queue }) => queue.topic)).to.deep.equal([topic]);
    const { subscriptions } = group.cluster.group('Group');
    expect(subscriptions.map((each) => each.topic)).to.deep.equal([topic]);
  });

  it('drops a message that its listener fails on, tells of it, and goes on', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const seen: string[] = [];
    const eachMessage = (message: { text(): string }): 'later' | 'deadLetter' | undefined => {
      seen.push(message.text());
      if (message.text() === '1') throw new Error('It does not work');
      if (message.text() === '2') return 'later';
      return message.text() === '3' ? 'deadLetter' : undefined;
    };
    const failed: ConsumeFailedEvent[] = [];
    const { consumer } = group.member(topic, options, { eachMessage });
    consumer.on('consumeFailed', (event) => failed.push(event));
    await group.run(consumer.start());
    await group.send(topic, 5);
    await group.clock.advance(30_000);
    expect(seen).to.deep.equal(['0', '1', '2', '3', '4']);
    expect(failed.map(({ action, error }) => [action, error !== undefined])).to.deep.equal([
      ['dropped', true],
      ['dropped', false],
      ['dropped', false],
    ]);
    expect(group.cluster.requests({ command: Commands.consumerSendMsgBack })).to.have.length(0);
    expect(stored(group)).to.deep.equal([5]);
  });

  it('keeps its positions in a file, written once per interval and at shutdown, and goes on from there', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 4 } });
    const first = await group.join(topic, options);
    await group.send(topic, 40);
    await group.until(() => first.messages.length === 40);
    expect(writes(group)).to.equal(0);
    await group.clock.advance(5_000);
    expect([writes(group), stored(group)]).to.deep.equal([1, [10, 10, 10, 10]]);
    await group.clock.advance(20_000);
    expect(writes(group), 'nothing new').to.equal(1);
    await group.send(topic, 40);
    await group.until(() => first.messages.length === 80);
    await group.run(first.consumer.shutdown());
    expect([writes(group), stored(group)]).to.deep.equal([2, [20, 20, 20, 20]]);
    const sent = await group.send(topic, 8, 'later');
    const again = await group.join(topic, options);
    await group.clock.advance(1_000);
    expect(texts(again)).to.deep.equal(sent.toSorted());
  });

  it('begins at the end of a topic without positions by default, and at its beginning if asked to', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    await group.send(topic, 3, 'old');
    // Brokers never hear of these positions, so the rule by which they answer 0 for a young topic does not come in.
    const last = await group.join(topic, { ...options, instanceName: 'last', consumeFromWhere: 'last' });
    const first = await group.join(topic, { ...options, instanceName: 'first', consumeFromWhere: 'first' });
    const sent = await group.send(topic, 2, 'new');
    await group.until(() => first.messages.length === 5);
    expect(texts(last)).to.deep.equal(sent);
  });

  it('keeps the positions of queues whose broker is away, and goes on with them when it is back', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 }, brokers: 2 });
    const member = await group.join(topic, options);
    await group.send(topic, 40);
    await group.until(() => member.messages.length === 40);
    await group.clock.advance(5_000);
    await group.run(group.cluster.stopBroker('broker-b'));
    await group.until(() => member.owned(topic).length === 2, 60_000);
    await group.clock.advance(60_000);
    expect(readLocalOffsets(group.files.texts.get(path()) ?? '')).to.have.length(4);
    await group.run(group.cluster.startBroker('broker-b'));
    await group.until(() => member.owned(topic).length === 4);
    await group.clock.advance(5_000);
    expect(member.messages).to.have.length(40);
  });

  it('fails to start when its positions are damaged, and takes the backup if there is one', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    group.files.texts.set(path(), '{"offsetTable":{');
    const { consumer } = group.member(topic, options);
    const error = await failureOf(group.run(consumer.start()));
    expect(error).to.be.instanceOf(OffsetFileError).with.property('path', path());
    expect(group.files.texts.get(path()), 'the file').to.equal('{"offsetTable":{');
    await group.send(topic, 3);
    group.files.texts.set(
      `${path()}.bak`,
      `{"offsetTable":{{"brokerName":"broker-a","queueId":0,"topic":"${topic}"}:2}}`,
    );
    const member = await group.join(topic, options);
    await group.until(() => member.messages.length === 1);
    expect(texts(member)).to.deep.equal(['2']);
    expect(member.warnings.map(({ kind }) => kind)).to.deep.equal(['offsetFileDamaged']);
  });

  it('warns and tries again when the file cannot be written', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic, options);
    group.files.allowed = 0;
    await group.send(topic, 3);
    await group.clock.advance(6_000);
    expect(member.warnings.map(({ kind }) => kind)).to.deep.equal(['commitFailed']);
    expect(String(member.warnings[0]?.message)).to.include('cannot be written: ENOSPC');
    group.files.allowed = 99;
    await group.clock.advance(5_000);
    expect(stored(group)).to.deep.equal([3]);
  });

  it('does not let two members of a process write one file', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    await group.join(topic, options);
    const same = group.member(topic, options).consumer;
    expect(await failureOf(group.run(same.start()))).to.be.instanceOf(DuplicateMemberError);
    // Other connection options make an instance of its own, with the same client id.
    const other = group.member(topic, { ...options, requestTimeout: 2_000 }).consumer;
    const error = await failureOf(group.run(other.start()));
    expect(error).to.be.instanceOf(OffsetFileError);
    expect(String(error)).to.include('instanceName');
  });

  it('lets the next member have the file of one that has left', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const first = await group.join(topic, options);
    await group.run(first.consumer.shutdown());
    const second = await group.join(topic, options);
    expect(second.owned(topic)).to.deep.equal([0]);
  });

  it('warns once when another process writes the same file', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const member = await group.join(topic, options);
    for (let round = 0; round < 3; round++) {
      await group.send(topic, 1);
      await group.clock.advance(6_000);
      group.files.texts.set(path(), `${group.files.texts.get(path())} `);
    }
    expect(member.warnings.map(({ kind }) => kind)).to.deep.equal(['offsetFileShared']);
    expect(String(member.warnings[0]?.message)).to.include('instanceName');
  });
});
