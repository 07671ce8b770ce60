import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { ConsumerWarning } from '../../../lib/consumer/events.ts';
import { FilterError } from '../../../lib/consumer/filter/filter-error.ts';
import type { LitePullConsumer } from '../../../lib/consumer/lite-pull-consumer.ts';
import type { TopicQueuesEvent } from '../../../lib/consumer/lite/lite-events.ts';
import { IllegalStateError, InvalidOptionError } from '../../../lib/errors.ts';
import { ResponseCode } from '../../../protocol/codes/response-code.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { pollAll, queueOf, startGroup, stored, subscribed, textsOf, topic } from './scene.ts';

describe('What a LitePullConsumer reads, in virtual time', () => {
  it('is either subscribed or assigned, never both', async () => {
    await using group = await startGroup(1);
    const subscriber = group.lite();
    subscriber.subscribe(topic);
    expect(() => subscriber.assign([queueOf(0)])).to.throw(IllegalStateError, 'not both');
    expect(() => subscriber.setSubExpressionForAssign(topic, 'A')).to.throw(IllegalStateError);
    const assigned = group.lite();
    expect(() => assigned.assign([])).to.throw(InvalidOptionError);
    assigned.assign([queueOf(0)]);
    expect(() => assigned.subscribe(topic)).to.throw(IllegalStateError, 'not both');
  });

  it('when assigned, are just these queues, whoever else reads them', async () => {
    await using group = await startGroup(4);
    const sent = await group.send(topic, 40);
    const members = [group.lite(), group.lite()];
    for (const member of members) {
      member.assign([queueOf(1), queueOf(3)]);
      await group.run(member.start());
    }
    for (const member of members) {
      const messages = await pollAll(group, member, 20);
      expect(new Set(messages.map(({ queueId }) => queueId))).to.deep.equal(new Set([1, 3]));
      expect(sent).to.include.members(textsOf(messages));
    }
    // As Java's, it tells brokers of no subscription.
    expect(group.cluster.group('Group').subscriptions).to.deep.equal([]);
    expect(group.cluster.group('Group').members).to.have.length(2);
  });

  it('when assigned, can be changed while running: what goes is committed, what stays keeps its place', async () => {
    await using group = await startGroup(4);
    await group.send(topic, 40);
    const consumer = group.lite();
    consumer.assign([queueOf(0), queueOf(1)]);
    await group.run(consumer.start());
    await pollAll(group, consumer, 20);
    await group.run(consumer.poll({ timeout: 0 }));
    consumer.assign([queueOf(1), queueOf(2)]);
    const owned = (): number[] => consumer.assignment().map(({ queueId }) => queueId);
    await group.until(() => owned().includes(2) && !owned().includes(0));
    expect(stored(group)[0]).to.equal(10);
    const messages = await pollAll(group, consumer, 10);
    expect(new Set(messages.map(({ queueId }) => queueId))).to.deep.equal(new Set([2]));
  });

  it('when assigned, stay assigned while their broker is away, at the place where they were', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 20);
    const consumer = group.lite({ autoCommit: false });
    consumer.assign([queueOf(0)]);
    await group.run(consumer.start());
    await group.run(consumer.seek(queueOf(0), 5));
    expect(textsOf(await pollAll(group, consumer, 10))[0]).to.equal('5');
    await group.run(group.cluster.stopBroker('broker-a'));
    await group.clock.advance(120_000);
    expect(consumer.assignment()).to.have.length(1);
    await group.run(group.cluster.startBroker('broker-a'));
    await group.clock.advance(60_000);
    expect(textsOf(await pollAll(group, consumer, 5))).to.deep.equal(['15', '16', '17', '18', '19']);
  });

  it('when assigned of a topic that is missing, begins as soon as there is one, with a warning', async () => {
    await using group = await startGroup(1);
    const consumer = group.lite();
    const warnings: ConsumerWarning[] = [];
    consumer.on('warning', (warning) => warnings.push(warning));
    consumer.assign([{ topic: 'Later', brokerName: 'broker-a', queueId: 0 }]);
    await group.run(consumer.start());
    await group.clock.advance(5_000);
    expect(warnings.map(({ kind }) => kind)).to.deep.equal(['topicMissing']);
    group.cluster.createTopic('Later', { queues: 1 });
    await group.send('Later', 3);
    expect(textsOf(await pollAll(group, consumer, 3))).to.deep.equal(['0', '1', '2']);
  });

  it('can be filtered in both modes, and otherwise from a later subscription on, the pull under way included', async () => {
    await using group = await startGroup(1);
    const producer = await group.producer();
    const send = async (...tags: string[]): Promise<void> => {
      for (const tag of tags) await group.run(producer.send({ topic, body: tag, tags: tag }));
    };
    await send('A', 'B', 'C');
    const assigned = group.lite({ consumerGroup: 'Assigned' });
    assigned.setSubExpressionForAssign(topic, 'A || C');
    assigned.assign([queueOf(0)]);
    await group.run(assigned.start());
    expect(textsOf(await pollAll(group, assigned, 2))).to.deep.equal(['A', 'C']);
    const consumer = group.lite();
    consumer.subscribe(topic, 'B');
    await group.run(consumer.start());
    expect(textsOf(await pollAll(group, consumer, 1))).to.deep.equal(['B']);
    consumer.subscribe(topic, { tags: ['C'] });
    await group.clock.advance(100);
    await send('A', 'B', 'C');
    expect(textsOf(await pollAll(group, consumer, 1))).to.deep.equal(['C']);
  });

  it('is refused with an SQL92 filter that a broker cannot read', async () => {
    await using group = await startGroup(1);
    const consumer = group.lite();
    consumer.subscribe(topic, { sql: 'a >' });
    const error: unknown = await group.run(consumer.start().catch((reason: unknown) => reason));
    expect(error).to.be.instanceOf(FilterError);
  });

  it('are all queues for every broadcasting member, which keeps its places in a file', async () => {
    await using group = await startGroup(2);
    const sent = await group.send(topic, 20);
    const member = (instanceName: string): LitePullConsumer => {
      const consumer = group.lite({ messageModel: 'broadcasting', instanceName });
      consumer.subscribe(topic);
      return consumer;
    };
    for (const name of ['a', 'b']) {
      const consumer = member(name);
      await group.run(consumer.start());
      expect(textsOf(await pollAll(group, consumer, 20)).toSorted()).to.deep.equal(sent.toSorted());
      await group.run(consumer.commit());
      await group.run(consumer.shutdown());
    }
    expect(stored(group)).to.deep.equal([-1, -1]);
    await group.send(topic, 2, 'more');
    const again = member('a');
    await group.run(again.start());
    expect(textsOf(await pollAll(group, again, 2)).toSorted()).to.deep.equal(['more0', 'more1']);
  });

  it('can be subscribed to and unsubscribed from while running', async () => {
    await using group = await startGroup(1);
    group.cluster.createTopic('Other', { queues: 1 });
    const consumer = await subscribed(group);
    consumer.subscribe('Other');
    await group.until(() => consumer.assignment().length === 2);
    await group.send('Other', 2);
    await pollAll(group, consumer, 2);
    consumer.unsubscribe('Other');
    await group.until(() => consumer.assignment().length === 1);
    expect(group.cluster.group('Group').subscriptions.map((each) => each.topic)).to.deep.equal([topic]);
  });

  it('can be given up and wanted again before a round takes its queues', async () => {
    await using group = await startGroup(2);
    const consumer = await subscribed(group);
    await group.send(topic, 2);
    await pollAll(group, consumer, 2);
    await group.clock.advance(1_000);
    let release = (): void => {};
    const hold = new Promise<void>((resolve) => (release = resolve));
    // No round comes before the brokers have been told.
    using told = group.cluster.control(Commands.heartBeat, { hold });
    consumer.unsubscribe(topic);
    // The requests under way are answered, and whoever asks next finds no subscription.
    const meanwhile = await group.send(topic, 2, 'meanwhile ');
    await group.clock.advance(100);
    consumer.subscribe(topic);
    await group.clock.advance(100);
    expect(told.hits).to.be.above(0);
    release();
    const later = await group.send(topic, 2, 'later ');
    expect(textsOf(await pollAll(group, consumer, 4)).toSorted()).to.deep.equal([...later, ...meanwhile]);
  });

  it('cannot be read from a broker that has switched LITE_PULL_MESSAGE off, with one warning, until it is on again', async () => {
    await using group = await startGroup(1);
    const remark = 'the broker[127.0.0.1] for lite pull consumer is forbidden';
    const answer = { code: ResponseCode.NO_PERMISSION, remark };
    const off = group.cluster.control(Commands.litePullMessage, { answer });
    const consumer = group.lite();
    const warnings: ConsumerWarning[] = [];
    consumer.on('warning', (warning) => warnings.push(warning));
    consumer.subscribe(topic);
    await group.run(consumer.start());
    const sent = await group.send(topic, 2);
    expect(await group.run(consumer.poll({ timeout: 10_000 }))).to.deep.equal([]);
    expect(warnings.map(({ kind }) => kind)).to.deep.equal(['pullFailed']);
    expect(warnings[0]?.message).to.include(remark);
    expect(consumer.health().reasons.map(({ kind }) => kind)).to.deep.equal(['pullFailing']);
    // Once a second, and not by the other request: what a broker forbids is not got round.
    expect(off.hits).to.be.within(9, 12);
    expect(group.cluster.requests({ command: Commands.pullMessage })).to.deep.equal([]);
    off.remove();
    expect(textsOf(await pollAll(group, consumer, 2))).to.deep.equal(sent);
  });

  it('makes the consumer a member that pulls actively, and pulls as Java does', async () => {
    await using group = await startGroup(1);
    await subscribed(group);
    await group.clock.advance(100);
    const [pull] = group.cluster.requests({ command: Commands.litePullMessage });
    expect(pull?.ext).to.include({
      sysFlag: '22',
      subscription: '*',
      subVersion: '0',
      expressionType: 'TAG',
      maxMsgNums: '10',
      suspendTimeoutMillis: '20000',
      commitOffset: '0',
      maxMsgBytes: '2147483647',
    });
    const four = await startGroup(1, { generation: '4.9' });
    try {
      await subscribed(four);
      await four.clock.advance(100);
      expect(four.cluster.requests({ command: Commands.litePullMessage })).to.deep.equal([]);
      const [old] = four.cluster.requests({ command: Commands.pullMessage });
      expect(old?.ext).to.include({ sysFlag: '6', subscription: '*' });
    } finally {
      await four[Symbol.asyncDispose]();
    }
  });
});

describe('The state of a LitePullConsumer, in virtual time', () => {
  it('is told: lag, health, queues and why they are its own', async () => {
    await using group = await startGroup(2);
    await group.send(topic, 40);
    const consumer = group.lite();
    consumer.subscribe(topic);
    expect(consumer.health().state).to.equal('starting');
    await group.run(consumer.start());
    await pollAll(group, consumer, 10);
    await group.run(consumer.poll({ timeout: 0 }));
    expect(consumer.health()).to.deep.equal({ state: 'ok', reasons: [], isSuspended: false });
    expect((await consumer.lag()).total).to.equal(30);
    await group.send(topic, 4);
    expect((await group.run(consumer.lag({ fresh: true }))).total).to.equal(34);
    consumer.pause(topic);
    consumer.resume(topic);
    const [explained] = consumer.explainAssignment();
    expect(explained?.members).to.deep.equal([consumer.clientId]);
    expect(explained?.owned).to.have.length(2);
    await group.run(group.cluster.stopBroker('broker-a'));
    await group.clock.advance(2_000);
    expect(consumer.health().reasons.map(({ kind }) => kind)).to.include('noConnection');
  });

  it('warns when a push consumer is in its group', async () => {
    await using group = await startGroup(2);
    const push = await group.join(topic);
    await group.clock.advance(3_000);
    const lite = await subscribed(group);
    const warnings: ConsumerWarning[] = [];
    lite.on('warning', (warning) => warnings.push(warning));
    await group.clock.advance(120_000);
    const kinds = [...warnings, ...push.warnings].map(({ kind }) => kind);
    expect(kinds).to.include('consumeTypesDiffer');
  });
});

describe('The queues of topics, in virtual time', () => {
  it('are told when they change, of topics that are read and of those that are watched', async () => {
    await using group = await startGroup(2);
    group.cluster.createTopic('Watched', { queues: 1 });
    const consumer = await subscribed(group, { topicMetadataCheckIntervalMillis: 2_000 });
    const events: TopicQueuesEvent[] = [];
    consumer.on('topicQueuesChanged', (event) => events.push(event));
    expect(await group.run(consumer.watchQueues('Watched'))).to.have.length(1);
    expect(await group.run(consumer.watchQueues('Nowhere'))).to.deep.equal([]);
    await group.clock.advance(10_000);
    expect(events).to.deep.equal([]);
    group.cluster.updateTopic(topic, { queues: 3 });
    group.cluster.updateTopic('Watched', { queues: 4 });
    group.cluster.createTopic('Nowhere', { queues: 2 });
    await group.clock.advance(2_100);
    const sizes = events.map((event) => [event.topic, event.before.length, event.queues.length]);
    expect(sizes).to.have.deep.members([
      [topic, 2, 3],
      ['Watched', 1, 4],
      ['Nowhere', 0, 2],
    ]);
    consumer.unwatchQueues('Watched');
    group.cluster.updateTopic('Watched', { queues: 5 });
    await group.clock.advance(60_000);
    expect(events).to.have.length(3);
  });
});
