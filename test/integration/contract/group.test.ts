import { expect } from 'chai';
import { it } from 'mocha';

import { Commands } from '../../../protocol/commands/index.ts';
import { tagSubscription } from '../../../protocol/model/subscription-data.ts';
import { describeEverywhere } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { RawCluster } from './raw-cluster.ts';

await describeEverywhere('Group', (target) => {
  const membersOf = async (raw: RawCluster): Promise<string[] | number> => {
    const row = Commands.getConsumerListByGroup;
    const { code, body } = await raw.ask(row, { consumerGroup: raw.group }, undefined);
    return code === 0 ? [...row.responseBody.decode(body).consumerIdList].sort() : code;
  };
  const settled = async (raw: RawCluster, count: number): Promise<void> => {
    await eventually(() => (raw.notices.length >= count ? true : undefined), {
      what: `${count} notices`,
      otherwise: () => raw.notices.join(),
    });
  };

  it('lists who sent a heartbeat, until they say that they go', async () => {
    await using raw = await RawCluster.open(target);
    await using other = raw.another();
    expect(await membersOf(raw)).to.equal(1);
    await raw.heartbeat('c@1');
    await other.heartbeat('c@2', { groupName: raw.group });
    expect(await membersOf(raw)).to.deep.equal(['c@1', 'c@2']);
    const leave = { clientID: 'c@2', consumerGroup: raw.group };
    expect((await other.ask(Commands.unregisterClient, leave, undefined)).code).to.equal(0);
    expect(await membersOf(raw)).to.deep.equal(['c@1']);
  });

  it('tells all members of joins and leaves, and of lost connections', async () => {
    await using raw = await RawCluster.open(target);
    await raw.heartbeat('c@1');
    await settled(raw, 1);
    await using other = raw.another();
    await other.heartbeat('c@2', { groupName: raw.group });
    await settled(raw, 2);
    await settled(other, 1);
    await other.remoting.close();
    await settled(raw, 3);
    expect(await membersOf(raw)).to.deep.equal(['c@1']);
    expect(new Set(raw.notices)).to.deep.equal(new Set([raw.group]));
  });

  it('tells of changed subscriptions, not of heartbeats that change nothing', async () => {
    await using raw = await RawCluster.open(target);
    await raw.heartbeat('c@1');
    await settled(raw, 1);
    await raw.heartbeat('c@1');
    const topics = [raw.topic, 'Other'].map((topic) => tagSubscription(topic, '*', 2));
    await raw.heartbeat('c@1', { subscriptionDataSet: topics });
    await settled(raw, 2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(raw.notices).to.have.lengthOf(2);
  });

  it('shows connections and subscriptions to administrators', async () => {
    await using raw = await RawCluster.open(target);
    const row = Commands.getConsumerConnectionList;
    const header = { consumerGroup: raw.group };
    expect((await raw.ask(row, header, undefined)).code).to.equal(206);
    await raw.heartbeat('c@1');
    const { body } = await raw.invoke(row, header, undefined);
    expect(body.connectionSet.map(({ clientId }) => clientId)).to.deep.equal(['c@1']);
    expect([body.consumeType, body.messageModel, body.consumeFromWhere]).to.deep.equal([
      'CONSUME_PASSIVELY',
      'CLUSTERING',
      'CONSUME_FROM_LAST_OFFSET',
    ]);
    expect([...body.subscriptionTable.keys()]).to.include(raw.topic);
    const producers = await raw.invoke(
      Commands.getProducerConnectionList,
      { producerGroup: 'Producers' },
      undefined,
    );
    expect(producers.body.connectionSet.map(({ clientId }) => clientId)).to.include('c@1');
  });

  it('keeps fingerprints and takes heartbeats without subscriptions, as 5', async () => {
    await using raw = await RawCluster.open(target);
    const plain = await raw.heartbeat('c@1');
    expect(plain.extFields?.['IS_SUPPORT_HEART_BEAT_V2']).to.equal(raw.isFive ? 'true' : undefined);
    if (!raw.isFive) return;
    const body = (heartbeatFingerprint: number, withoutSub: boolean) => ({
      clientID: 'c@1',
      producerDataSet: [],
      consumerDataSet: [
        {
          groupName: raw.group,
          consumeType: 'CONSUME_PASSIVELY' as const,
          messageModel: 'CLUSTERING' as const,
          consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET' as const,
          subscriptionDataSet: withoutSub ? [] : [tagSubscription(raw.topic, '*', 1)],
          unitMode: false,
        },
      ],
      heartbeatFingerprint,
      withoutSub,
    });
    const changed = async (...args: Parameters<typeof body>): Promise<string | undefined> =>
      (await raw.ask(Commands.heartBeat, {}, body(...args))).extFields?.['IS_SUB_CHANGE'];
    await changed(7, false);
    expect([await changed(7, true), await changed(8, true)]).to.deep.equal(['false', 'true']);
    const row = Commands.getConsumerConnectionList;
    const list = await raw.invoke(row, { consumerGroup: raw.group }, undefined);
    expect([...list.body.subscriptionTable.keys()]).to.include(raw.topic);
  });
});
