import { expect } from 'chai';
import { describe, it } from 'mocha';

import { VirtualGroup } from '../support/virtual-group.ts';

const topic = 'Topic';

describe('The retry topic at a broker that the group meets later, in virtual time', () => {
  it('is shared as soon as the broker has heard of the group, so that failed messages come again at their time', async () => {
    await using group = await VirtualGroup.start({
      brokers: 2,
      topics: { [topic]: 1 },
      messageDelayLevels: '1s 2s 3s',
    });
    await group.run(group.cluster.stopBroker('broker-b'));
    const failed = new Set<string>();
    let again = 0;
    const subscribe = {
      eachMessage: (message: { readonly brokerName: string; text(): string }) => {
        if (failed.has(message.text())) again++;
        else if (message.brokerName === 'broker-b') {
          failed.add(message.text());
          return { delayLevel: 1 };
        }
        return undefined;
      },
    };
    const member = await group.join(topic, {}, subscribe);
    await group.run(group.cluster.startBroker('broker-b'));
    await group.until(() => member.owned(topic).length === 2, 31_000);
    await group.clock.advance(1_000);
    await group.send(topic, 4);
    await group.until(() => failed.size === 2, 5_000);
    const took = await group.until(() => again === 2);
    // Not only after the next poll of routes.
    expect(took).to.be.below(5_000);
  });
});
