import { expect } from 'chai';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import type { NamedAllocateStrategy } from '../../../../lib/allocate/allocate-strategy.ts';
import { AllocationError } from '../../../../lib/allocate/allocation-error.ts';
import { averagely } from '../../../../lib/allocate/averagely.ts';
import { byCircle } from '../../../../lib/allocate/by-circle.ts';
import { byMachineRoom } from '../../../../lib/allocate/by-machine-room.ts';
import { checkAllocation } from '../../../../lib/allocate/checked-allocation.ts';
import { consistentHash } from '../../../../lib/allocate/consistent-hash.ts';
import { machineRoomNearby } from '../../../../lib/allocate/machine-room-nearby.ts';
import { sortClientIds, sortQueues } from '../../../../lib/allocate/sorting.ts';
import { compareQueues } from '../../../../protocol/model/message-queue.ts';
import { groups, input } from './fixtures.ts';

const parity = (text: string): string => (text.length % 2 === 0 ? 'even' : 'odd');
const nearby = (inner: NamedAllocateStrategy): NamedAllocateStrategy =>
  machineRoomNearby({ brokerRoom: ({ brokerName }) => parity(brokerName), consumerRoom: parity, inner });

/** Those that give every queue to somebody. */
const complete: readonly NamedAllocateStrategy[] = [
  averagely(),
  byCircle(),
  consistentHash(),
  consistentHash({ virtualNodes: 3, hash: (key) => key.length }),
  nearby(averagely()),
  nearby(consistentHash()),
];

for (const strategy of complete) {
  describe(`allocate: ${strategy.strategyName}, whatever the group`, () => {
    it('gives every queue to exactly one member', () => {
      fc.assert(
        fc.property(groups, (group) => {
          const owned = group.clientIds.flatMap((clientId) => strategy({ ...group, clientId }));
          expect([...owned].sort(compareQueues)).to.deep.equal(group.queues);
        }),
      );
    });

    it('gives only queues that were offered, in their order', () => {
      fc.assert(
        fc.property(groups, (group) => {
          const owned = strategy({ ...group, clientId: group.clientIds[0] ?? '' });
          expect(checkAllocation(owned, group)).to.deep.equal(owned);
          if (!strategy.strategyName.includes('NEARBY')) expect(sortQueues(owned)).to.deep.equal(owned);
        }),
      );
    });

    it('answers the same however queues and members were listed, once they are sorted', () => {
      const disordered = groups.chain((group) =>
        fc.record({
          group: fc.constant(group),
          queues: fc.shuffledSubarray([...group.queues], { minLength: group.queues.length }),
          clientIds: fc.shuffledSubarray([...group.clientIds], { minLength: group.clientIds.length }),
        }),
      );
      fc.assert(
        fc.property(disordered, ({ group, queues, clientIds }) => {
          const clientId = clientIds[0] ?? '';
          const again = {
            ...group,
            clientId,
            queues: sortQueues(queues),
            clientIds: sortClientIds(clientIds),
          };
          expect(strategy(again)).to.deep.equal(strategy({ ...group, clientId }));
        }),
      );
    });
  });
}

for (const strategy of [averagely(), byCircle()]) {
  describe(`allocate: ${strategy.strategyName}`, () => {
    it('gives no member two queues more than another, and the larger shares to the first', () => {
      fc.assert(
        fc.property(groups, (group) => {
          const sizes = group.clientIds.map((clientId) => strategy({ ...group, clientId }).length);
          expect(Math.max(...sizes) - Math.min(...sizes)).to.be.at.most(1);
          expect([...sizes].sort((a, b) => b - a)).to.deep.equal(sizes);
        }),
      );
    });
  });
}

for (const strategy of [...complete, byMachineRoom(['a'])]) {
  describe(`allocate: ${strategy.strategyName}, input that is no basis`, () => {
    const fault = (given: Parameters<typeof input>[0]): unknown => {
      try {
        return strategy(input(given));
      } catch (error) {
        return error instanceof AllocationError ? error.fault : error;
      }
    };

    it('gives nothing to a member that is not in the list', () => {
      expect(strategy(input({ clientId: 'stranger' }))).to.deep.equal([]);
    });

    it('refuses an empty client id, topic or group', () => {
      expect(fault({ clientId: '' })).to.equal('empty-client-id');
      expect(fault({ queues: [] })).to.equal('no-queues');
      expect(fault({ clientIds: [] })).to.equal('no-members');
    });

    it('says so even to a stranger, as Java does', () => {
      expect(fault({ clientId: 'stranger', queues: [] })).to.equal('no-queues');
    });
  });
}
