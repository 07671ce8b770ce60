import { expect } from 'chai';
import { it } from 'mocha';

import { Commands } from '../../../protocol/commands/index.ts';
import { subscriptionGroupConfig } from '../../../protocol/model/subscription-group.ts';
import { describeEverywhere, uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { type Answer, RawCluster } from './raw-cluster.ts';

await describeEverywhere('Administration', (target) => {
  const create = async (raw: RawCluster, topic: string, queues: number): Promise<Answer> => {
    const header = {
      topic,
      defaultTopic: 'TBW102',
      readQueueNums: queues,
      writeQueueNums: queues,
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
      order: false,
    };
    return raw.ask(Commands.updateAndCreateTopic, header, undefined);
  };

  it('makes, shows, changes and deletes topics', async () => {
    await using raw = await RawCluster.open(target);
    const topic = uniqueName('Made');
    expect((await create(raw, topic, 3)).code).to.equal(0);
    const all = await raw.invoke(Commands.getAllTopicConfig, { topicSeq: 0, maxTopicNum: 2_000 }, undefined);
    expect(all.body.topicConfigTable.get(topic)).to.include({ topicName: topic, readQueueNums: 3, perm: 6 });
    await create(raw, topic, 5);
    const one = await raw.ask(Commands.getTopicConfig, { topic }, undefined);
    if (raw.isFive)
      expect(Commands.getTopicConfig.responseBody.decode(one.body)).to.include({ writeQueueNums: 5 });
    else expect(one.code).to.equal(3);
    expect((await raw.ask(Commands.deleteTopicInBroker, { topic }, undefined)).code).to.equal(0);
    const gone = await raw.invoke(Commands.getAllTopicConfig, { topicSeq: 0, maxTopicNum: 2_000 }, undefined);
    expect(gone.body.topicConfigTable.has(topic)).to.equal(false);
    expect((await create(raw, 'a b', 1)).code).to.equal(raw.isFive ? 29 : 1);
    expect((await create(raw, 'SELF_TEST_TOPIC', 1)).code).to.equal(raw.isFive ? 29 : 1);
  });

  it('lists system topics', async () => {
    await using raw = await RawCluster.open(target);
    const { body } = await raw.invoke(Commands.getSystemTopicListFromBroker, {}, undefined);
    expect(body.topicList).to.include.members(['TBW102', 'SCHEDULE_TOPIC_XXXX', 'RMQ_SYS_TRANS_HALF_TOPIC']);
  });

  it('tells how far queues and groups are', async () => {
    await using raw = await RawCluster.open(target);
    await raw.fill('a', 'b', 'c');
    await raw.pull({ maxMsgNums: 2 });
    await raw.commit(1);
    const header = { consumerGroup: raw.group, topic: raw.topic };
    const stats = await raw.invoke(Commands.getConsumeStats, header, undefined);
    const [[queue, progress] = []] = stats.body.offsetTable;
    expect(queue).to.include({ topic: raw.topic, brokerName: raw.brokerName, queueId: 0 });
    expect(progress).to.include({ brokerOffset: 3, consumerOffset: 1 });
    expect(progress?.lastTimestamp).to.be.above(0);
    const topics = await raw.invoke(Commands.getTopicStatsInfo, { topic: raw.topic }, undefined);
    expect(topics.body.offsetTable[0]?.[1]).to.include({ minOffset: 0, maxOffset: 3 });
    const unknown = await raw.ask(Commands.getTopicStatsInfo, { topic: uniqueName('No') }, undefined);
    expect(unknown.code).to.equal(17);
  });

  it('makes, shows and deletes consumer groups, and keeps to their settings', async () => {
    await using raw = await RawCluster.open(target);
    const { group: groupName } = raw;
    const put = async (change: object): Promise<number> => {
      const config = subscriptionGroupConfig.of({ groupName, ...change });
      return (await raw.ask(Commands.updateAndCreateSubscriptionGroup, {}, config)).code;
    };
    const page = { groupSeq: 0, maxGroupNum: 2_000 };
    const all = async () => {
      const answer = await raw.invoke(Commands.getAllSubscriptionGroupConfig, page, undefined);
      return answer.body.subscriptionGroupTable;
    };
    expect(await put({ retryMaxTimes: 2, retryQueueNums: 2 })).to.equal(0);
    expect((await all()).get(groupName)).to.include({ retryMaxTimes: 2, retryQueueNums: 2 });
    const one = await raw.ask(Commands.getSubscriptionGroupConfig, { group: groupName }, undefined);
    expect(one.code).to.equal(raw.isFive ? 0 : 3);
    await put({ consumeEnable: false });
    const refused = await raw.pull();
    expect([refused.code, refused.remark]).to.deep.equal([
      16,
      `subscription group no permission, ${groupName}`,
    ]);
    await put({ consumeEnable: true });
    expect((await raw.pull()).code).to.equal(19);
    expect((await raw.ask(Commands.deleteSubscriptionGroup, { groupName }, undefined)).code).to.equal(0);
    // It may come back at once, with Java's defaults, by whatever asks for it.
    expect((await all()).get(groupName)?.retryMaxTimes).to.be.oneOf([undefined, 16]);
  });

  it('tells who consumes a topic, and which topics a group consumes', async () => {
    await using raw = await RawCluster.open(target);
    await raw.heartbeat('c@1');
    await raw.pull();
    await raw.commit(0);
    const groups = await raw.invoke(Commands.queryTopicConsumeByWho, { topic: raw.topic }, undefined);
    expect(groups.body.groupList).to.deep.equal([raw.group]);
    const topics = await raw.ask(Commands.queryTopicsByConsumer, { group: raw.group }, undefined);
    if (raw.isFive)
      expect(Commands.queryTopicsByConsumer.responseBody.decode(topics.body).topicList).to.deep.equal([
        raw.topic,
      ]);
    else expect(topics.code).to.equal(3);
  });

  it('gives a group the offsets of another', async () => {
    await using raw = await RawCluster.open(target);
    await raw.fill('a', 'b');
    await raw.pull();
    await raw.commit(2);
    const destGroup = uniqueName('Clone');
    const header = { srcGroup: raw.group, destGroup, topic: raw.topic, offline: true };
    expect((await raw.ask(Commands.cloneGroupOffset, header, undefined)).code).to.equal(0);
    expect(await raw.committed(destGroup)).to.equal(2);
  });

  it('keeps settings for others at the name server', async () => {
    await using raw = await RawCluster.open(target);
    const [namespace, key] = [uniqueName('Namespace'), 'k'];
    const request = { timeout: 5_000 };
    const { remoting, nameServer } = raw;
    const get = async (): Promise<Answer> =>
      remoting.request(nameServer, Commands.getKVConfig, { namespace, key }, undefined, request);
    expect((await get()).code).to.equal(22);
    await raw.invoke(Commands.putKVConfig, { namespace, key, value: 'v' }, undefined, nameServer);
    expect((await get()).extFields?.['value']).to.equal('v');
    const { body } = await raw.invoke(Commands.getKVListByNamespace, { namespace }, undefined, nameServer);
    expect([...body.table]).to.deep.equal([['k', 'v']]);
    await raw.invoke(Commands.deleteKVConfig, { namespace, key }, undefined, nameServer);
    expect((await get()).code).to.equal(22);
  });

  it('says that it does not know a code', async () => {
    await using raw = await RawCluster.open(target);
    const row = { ...Commands.getBrokerRuntimeInfo, code: 9_999 };
    const answer = await raw.ask(row, {}, undefined);
    expect([answer.code, answer.remark]).to.deep.equal([3, ' request type 9999 not supported']);
    // A broker of 4.9 fails while it has no statistics, which is for a second after its start.
    const info = await eventually(
      async () => raw.invoke(Commands.getBrokerRuntimeInfo, {}, undefined).catch(() => undefined),
      { what: 'the runtime information', every: 200 },
    );
    expect(info.body.table.get('brokerVersionDesc')).to.match(raw.isFive ? /^V5_/ : /^V4_9/);
  });
});

await describeEverywhere('Sending back', (target) => {
  it('brings a message again by way of the retry topic, and the dead-letter topic in the end', async () => {
    await using raw = await RawCluster.open(target);
    await raw.fill('a');
    const [first] = await raw.read();
    const commitLogOffset = first?.commitLogOffset ?? -1;
    const back = async (delayLevel: number, maxReconsumeTimes: number, offset = commitLogOffset) => {
      const header = { offset, group: raw.group, delayLevel, originTopic: raw.topic, unitMode: false };
      return (await raw.ask(Commands.consumerSendMsgBack, { ...header, maxReconsumeTimes }, undefined)).code;
    };
    expect(await back(-1, 16)).to.equal(0);
    const [dead] = await raw.read(`%DLQ%${raw.group}`, 1);
    expect(dead?.text()).to.equal('a');
    expect(dead).to.include({ reconsumeTimes: 1 });
    expect(dead?.properties.get('RETRY_TOPIC')).to.equal(raw.topic);
    expect(dead?.properties.has('ORIGIN_MESSAGE_ID')).to.equal(true);
    expect(await back(0, 0)).to.equal(0);
    expect(await raw.read(`%DLQ%${raw.group}`, 2)).to.have.lengthOf(2);
    expect(await back(0, 16, commitLogOffset + 1_000_000_000)).to.equal(1);
  });
});
