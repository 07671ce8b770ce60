import { expect } from 'chai';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';

import { AllocationError } from '../../../../../lib/allocate/allocation-error.ts';
import { averagely } from '../../../../../lib/allocate/averagely.ts';
import { byConfig } from '../../../../../lib/allocate/by-config.ts';
import { consistentHash } from '../../../../../lib/allocate/consistent-hash.ts';
import { planRebalance, type GroupView } from '../../../../../lib/consumer/rebalance/plan.ts';
import { mayHaveLivingOwner } from '../../../../../lib/consumer/rebalance/previous-owner.ts';
import { queueKey, type MessageQueue } from '../../../../../protocol/model/message-queue.ts';

const queues = (count: number): MessageQueue[] =>
  Array.from({ length: count }, (_, queueId) => ({ topic: 'T', brokerName: 'broker-a', queueId }));
const view = (clientId: string, clientIds: readonly string[], count = 4): GroupView => ({
  consumerGroup: 'G',
  clientId,
  clientIds,
  queues: queues(count),
});
const ids = (list: readonly MessageQueue[]): number[] => list.map(({ queueId }) => queueId);

describe('planRebalance', () => {
  it('assigns the share of a member that owns nothing', () => {
    const plan = planRebalance(view('b', ['a', 'b']), [], averagely());
    expect([ids(plan.keep), ids(plan.revoke), ids(plan.assign)]).to.deep.equal([[], [], [2, 3]]);
  });

  it('keeps, revokes and assigns when a member joins', () => {
    const plan = planRebalance(view('b', ['a', 'b', 'c'], 6), queues(6).slice(3), averagely());
    expect([ids(plan.keep), ids(plan.revoke), ids(plan.assign)]).to.deep.equal([[3], [4, 5], [2]]);
  });

  it('gives a member nothing when the list lacks it, whatever the strategy says', () => {
    const plan = planRebalance(view('x', ['a', 'b']), queues(2), () => queues(4));
    expect([ids(plan.revoke), ids(plan.assign)]).to.deep.equal([[0, 1], []]);
  });

  it('refuses a foreign queue of a custom strategy', () => {
    const foreign = [{ topic: 'T', brokerName: 'broker-z', queueId: 0 }];
    expect(() => planRebalance(view('a', ['a']), [], () => foreign)).to.throw(AllocationError, /broker-z/);
  });

  it('takes only the queues of the topic from a fixed list', () => {
    const list = [...queues(1), { topic: 'Other', brokerName: 'broker-a', queueId: 0 }];
    expect(planRebalance(view('a', ['a', 'b']), [], byConfig(list)).assign).to.deep.equal(queues(1));
  });

  it('is at rest after it was applied, and all members together own each queue once', () => {
    const members = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 });
    const strategy = fc.constantFrom(averagely(), consistentHash());
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 24 }), strategy, (names, count, allocate) => {
        const clientIds = names.toSorted();
        const seen: string[] = [];
        for (const clientId of clientIds) {
          const now = view(clientId, clientIds, count);
          const { assign } = planRebalance(now, [], allocate);
          const again = planRebalance(now, assign, allocate);
          expect([again.assign, again.revoke]).to.deep.equal([[], []]);
          seen.push(...assign.map(queueKey));
        }
        expect(seen.toSorted()).to.deep.equal(queues(count).map(queueKey).toSorted());
      }),
    );
  });
});

describe('mayHaveLivingOwner', () => {
  const asked = (now: GroupView, before?: GroupView): number[] =>
    ids(now.queues.filter(mayHaveLivingOwner(now, before, averagely())));

  it('is no for everything when nobody else is in the group', () => {
    expect(asked(view('a', ['a']))).to.deep.equal([]);
  });

  it('is yes for everything when nothing is known of before and others are there', () => {
    expect(asked(view('c', ['a', 'c']))).to.deep.equal([0, 1, 2, 3]);
  });

  it('is no for the queues of a member that is gone, yes for those of one that stays', () => {
    expect(asked(view('a', ['a', 'c']), view('a', ['a', 'b', 'c']))).to.deep.equal([3]);
  });
});
