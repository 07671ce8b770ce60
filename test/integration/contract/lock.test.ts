import { expect } from 'chai';
import { it } from 'mocha';

import { Commands } from '../../../protocol/commands/index.ts';
import { describeEverywhere } from '../../support/everywhere.ts';
import { RawCluster } from './raw-cluster.ts';

// That a lock ends 60 s after it was renewed is only shown in unit tests of the embedded broker: it takes too long.
await describeEverywhere('Lock', (target) => {
  it('gives a queue to one client of a group until it unlocks', async () => {
    await using raw = await RawCluster.open(target, 2);
    const queue = (queueId: number) => ({ topic: raw.topic, brokerName: raw.brokerName, queueId });
    const lock = async (clientId: string, queues: number[], consumerGroup = raw.group): Promise<number[]> => {
      const body = { consumerGroup, clientId, mqSet: queues.map(queue) };
      const answer = await raw.invoke(Commands.lockBatchMq, {}, body);
      return answer.body.lockOKMQSet.map(({ queueId }) => queueId).sort((a, b) => a - b);
    };
    const unlock = async (clientId: string, queues: number[]): Promise<void> => {
      const body = { consumerGroup: raw.group, clientId, mqSet: queues.map(queue) };
      await raw.invoke(Commands.unlockBatchMq, {}, body);
    };
    expect(await lock('c@1', [0, 1])).to.deep.equal([0, 1]);
    expect(await lock('c@1', [0])).to.deep.equal([0]);
    expect(await lock('c@2', [0, 1])).to.deep.equal([]);
    expect(await lock('c@2', [0], `${raw.group}_other`)).to.deep.equal([0]);
    await unlock('c@2', [0]);
    expect(await lock('c@2', [0])).to.deep.equal([]);
    await unlock('c@1', [0]);
    expect(await lock('c@2', [0, 1])).to.deep.equal([0]);
  });

  it('sends retries to the dead-letter topic while the group holds locks, as 5', async () => {
    await using raw = await RawCluster.open(target);
    const retry = `%RETRY%${raw.group}`;
    await raw.heartbeat('c@1');
    const mqSet = [{ topic: raw.topic, brokerName: raw.brokerName, queueId: 0 }];
    await raw.invoke(Commands.lockBatchMq, {}, { consumerGroup: raw.group, clientId: 'c@1', mqSet });
    expect((await raw.send('retry', {}, { topic: retry, queueId: 0 })).code).to.equal(0);
    const dead = raw.isFive ? `%DLQ%${raw.group}` : retry;
    expect((await raw.read(dead, 1)).map((message) => message.text())).to.deep.equal(['retry']);
  });
});
