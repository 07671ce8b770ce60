import { expect } from 'chai';
import { describe, it } from 'mocha';

import { Commands } from '../../protocol/commands/index.ts';
import { IllegalStateError, NameServerError } from '../../lib/errors.ts';
import { VirtualGroup } from '../support/virtual-group.ts';

const topic = 'Rules';
const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('The life of a consumer', () => {
  it('has one start and one end, however often they are asked for', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const { consumer } = group.member(topic);
    await group.run(Promise.all([consumer.start(), consumer.start()]));
    expect(group.cluster.group('Group').members).to.have.length(1);
    expect(consumer.health().state).to.equal('ok');
    await group.run(Promise.all([consumer.shutdown(), consumer.shutdown()]));
    expect(group.cluster.group('Group').members).to.have.length(0);
    expect(consumer.health().state).to.equal('stopped');
  });

  it('does not begin after its end, and a start that fails leaves nothing behind', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const { consumer } = group.member(topic);
    await group.run(consumer.shutdown());
    expect(await caught(consumer.start())).to.be.instanceOf(IllegalStateError);
    const other = group.member(topic, { nameServers: '127.0.0.1:1', consumerGroup: 'Other' });
    expect(await caught(group.run(other.consumer.start({ timeout: 500 })))).to.be.instanceOf(NameServerError);
    expect(group.cluster.group('Other').members).to.have.length(0);
  });
});

describe('Pulls', () => {
  it('carry the filter with postSubscriptionWhenPull, and do not without', async () => {
    for (const postSubscriptionWhenPull of [true, false]) {
      await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
      await group.join(topic, { postSubscriptionWhenPull }, { filter: 'a || b', eachMessage: () => {} });
      await group.clock.advance(1_000);
      const pull = group.cluster
        .requests({ command: Commands.pullMessage })
        .find(({ ext }) => ext['topic'] === topic || ext['b'] === topic);
      const sysFlag = Number(pull?.ext['sysFlag']);
      expect([sysFlag & 4, pull?.ext['subscription']]).to.deep.equal(
        postSubscriptionWhenPull ? [4, 'a || b'] : [0, undefined],
      );
    }
  });

  it('are one at a time for each queue, which the broker may hold, and as large as the options say', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
    const waiting = new Map<string, number>();
    const seen: { readonly most: number; readonly fields: readonly unknown[] }[] = [];
    group.cluster.control(Commands.pullMessage, ({ command }) => {
      const header = Commands.pullMessage.request.decode(command.extFields);
      if (header.topic !== topic) return undefined;
      const { queueId, maxMsgNums, maxMsgBytes, sysFlag, suspendTimeoutMillis } = header;
      const count = (change: number): number => {
        const now = (waiting.get(String(queueId)) ?? 0) + change;
        waiting.set(String(queueId), now);
        return now;
      };
      seen.push({ most: count(1), fields: [maxMsgNums, maxMsgBytes, sysFlag, suspendTimeoutMillis] });
      return {
        change: (answer) => {
          count(-1);
          return answer;
        },
      };
    });
    const member = await group.join(topic, { pullBatchSize: 7, pullBatchSizeInBytes: 65_536 });
    await group.clock.advance(40_000);
    // Each was held twice for 15 s and answered.
    expect(seen).to.have.length(6);
    await group.send(topic, 100);
    await group.until(() => member.messages.length === 100);
    expect(seen.length).to.be.above(15);
    expect(Math.max(...seen.map(({ most }) => most))).to.equal(1);
    expect(new Set(seen.map(({ fields }) => fields.join()))).to.deep.equal(new Set(['7,65536,2,15000']));
  });

  it('are made again 1 s after a broker does not know the subscription', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const control = group.cluster.control(Commands.pullMessage, { answer: 24, times: 1 });
    const member = await group.join(topic);
    await group.send(topic, 1);
    const took = await group.until(() => member.messages.length === 1, 5_000);
    expect(control.hits).to.equal(1);
    expect(took).to.be.within(500, 1_100);
    expect(member.warnings.map(({ kind }) => kind)).to.deep.equal(['pullFailed']);
  });
});

describe('Orderly and broadcasting', () => {
  it('keeps the order of each queue for every member, without any lock', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const seen: string[][] = [[], []];
    const working = [0, 0];
    let most = 0;
    for (const [index, texts] of seen.entries()) {
      const eachMessage = async (message: { text(): string }): Promise<void> => {
        working[index] = (working[index] ?? 0) + 1;
        most = Math.max(most, working[index]);
        await group.clock.sleep(10);
        texts.push(message.text());
        working[index]--;
      };
      const instanceName = `member-${index}`;
      await group.join(
        topic,
        { consumeMode: 'orderly', messageModel: 'broadcasting', instanceName },
        { eachMessage },
      );
    }
    const sent = await group.send(topic, 20);
    await group.until(() => seen.every((texts) => texts.length === 20));
    expect(seen).to.deep.equal([sent, sent]);
    expect(most).to.equal(1);
    expect(group.cluster.requests({ command: Commands.lockBatchMq })).to.deep.equal([]);
  });
});

describe('A retry topic without a queue to read', () => {
  it('is no reason to look at the group again before the interval', async () => {
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    const { consumer } = await group.join(topic);
    group.cluster.updateTopic('%RETRY%Group', { perm: 2 });
    await group.clock.advance(40_000);
    group.cluster.forgetRequests();
    consumer.rebalance();
    await group.clock.advance(15_000);
    expect(group.cluster.requests({ command: Commands.getConsumerListByGroup })).to.have.lengthOf.below(4);
  });
});
