import { expect } from 'chai';
import { describe, it } from 'mocha';

import { VirtualGroup } from '../support/virtual-group.ts';

const topic = 'Topic';
const account = { accessKey: 'rocketmq-key', secretKey: 'rocketmq-secret' };

describe('A namespace of the second kind, in virtual time', () => {
  for (const serializeType of ['JSON', 'ROCKETMQ'] as const)
    it(`is in every request, and signed with it, with ${serializeType} headers`, async () => {
      await using group = await VirtualGroup.start({
        topics: { [topic]: 1 },
        acl: { accounts: [{ ...account, admin: true }] },
      });
      const options = { namespaceV2: 'tenant', credentials: account, serializeType } as const;
      const member = await group.join(topic, options);
      const producer = await group.producer(options);
      await group.run(producer.send({ topic, body: 'a' }));
      await group.until(() => member.messages.length === 1);
      await group.clock.advance(40_000);
      await group.run(Promise.all([member.consumer.shutdown(), producer.shutdown()]));
      const requests = group.cluster.requests().filter(({ direction }) => direction === 'in');
      const kinds = new Set(requests.map(({ name }) => name));
      expect([...kinds]).to.include.members([
        'GET_ROUTEINFO_BY_TOPIC',
        'HEART_BEAT',
        'PULL_MESSAGE',
        'SEND_MESSAGE_V2',
        'UPDATE_CONSUMER_OFFSET',
        'UNREGISTER_CLIENT',
      ]);
      const without = requests.filter(({ ext }) => ext['ns'] !== 'tenant' || ext['nsd'] !== 'true');
      expect(without.map(({ name }) => name)).to.deep.equal([]);
      expect(requests.every(({ ext }) => ext['Signature'] !== undefined)).to.equal(true);
    });
});
