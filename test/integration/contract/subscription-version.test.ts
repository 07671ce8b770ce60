import { expect } from 'chai';
import { it } from 'mocha';

import { Commands } from '../../../protocol/commands/index.ts';
import type { PushConsumer } from '../../../lib/consumer/push-consumer.ts';
import { Clients } from '../../support/clients.ts';
import { describeEverywhere } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { RawCluster } from './raw-cluster.ts';

await describeEverywhere('Version of a subscription', (target) => {
  it('rises at the broker with every change of queues, and messages come as before', async () => {
    await using raw = await RawCluster.open(target, 4);
    await using clients = new Clients((await target.cluster()).nameServers);
    const got: string[] = [];
    const member = (): PushConsumer =>
      clients.consumer(
        raw.topic,
        { filter: 'TagA', eachMessage: (message) => void got.push(message.text()) },
        { consumerGroup: raw.group },
      );
    const version = async (): Promise<number> => {
      const header = { consumerGroup: raw.group };
      const { body } = await raw.invoke(Commands.getConsumerConnectionList, header, undefined);
      return body.subscriptionTable.get(raw.topic)?.subVersion ?? 0;
    };
    const above = async (earlier: number): Promise<number> =>
      eventually(
        async () => {
          const now = await version();
          return now > earlier ? now : undefined;
        },
        { what: `a version above ${earlier}` },
      );
    const owns = async (consumer: PushConsumer, count: number): Promise<void> => {
      const owned = (): number => consumer.queues().filter(({ queue }) => queue.topic === raw.topic).length;
      await eventually(() => (owned() === count ? true : undefined), {
        what: `${count} queues`,
        otherwise: () => `${owned()}`,
        within: 20_000,
      });
    };
    const first = member();
    const subscribed = Date.now();
    await first.start();
    const alone = await above(subscribed);
    const second = member();
    await second.start();
    await owns(first, 2);
    const shared = await above(alone);
    await second.shutdown();
    await owns(first, 4);
    // Nobody has subscribed meanwhile.
    await above(shared);
    await raw.send('sent', { TAGS: 'TagA' });
    await eventually(() => (got.includes('sent') ? true : undefined), { what: 'the message' });
    expect(got).to.deep.equal(['sent']);
  });
});
