import { expect } from 'chai';
import { describe, it } from 'mocha';

import { QueueSelector, selectByHash, selectByHealth } from '../../../../lib/producer/queue-selector.ts';
import { seededRandom } from '../../../../lib/runtime/random.ts';

const queuesOf = (...brokers: string[]) =>
  brokers.flatMap((brokerName) => [0, 1].map((queueId) => ({ topic: 'T', brokerName, queueId })));
const from = (start: number) => ({ next: () => start / 0x8000_0000 });

describe('queue selector', () => {
  it('takes the queues in turn', () => {
    const queues = queuesOf('a', 'b');
    const selector = new QueueSelector('T', queues, from(0));
    expect([1, 2, 3, 4, 5].map(() => selector.next())).to.deep.equal([
      queues[1],
      queues[2],
      queues[3],
      queues[0],
      queues[1],
    ]);
  });

  it('begins anywhere', () => {
    const random = seededRandom(1);
    const firsts = new Set(
      Array.from({ length: 50 }, () => new QueueSelector('T', queuesOf('a', 'b'), random).next()?.queueId),
    );
    expect(firsts.size).to.be.greaterThan(1);
  });

  it("wraps around where Java's int would be negative", () => {
    const selector = new QueueSelector('T', queuesOf('a'), from(0x7fff_ffff));
    expect(selector.next()?.queueId).to.equal(0);
    expect(selector.next()?.queueId).to.equal(1);
  });

  it('goes to another broker after one has failed', () => {
    const selector = new QueueSelector('T', queuesOf('a', 'b'), from(3));
    expect(selector.nextAvoiding('a')).to.deep.equal({ topic: 'T', brokerName: 'b', queueId: 0 });
  });

  it('stays on the only broker when there is no other', () => {
    const selector = new QueueSelector('T', queuesOf('a'), from(0));
    expect(selector.nextAvoiding('a')?.brokerName).to.equal('a');
  });

  it('has nothing to offer without queues', () => {
    const selector = new QueueSelector('T', [], from(5));
    expect(selector.next()).to.be.undefined;
    expect(selector.nextAvoiding('a')).to.be.undefined;
  });

  it('keeps its turn when the queues change', () => {
    const selector = new QueueSelector('T', queuesOf('a'), from(0));
    selector.next();
    selector.queues = queuesOf('a', 'b');
    expect(selector.next()).to.deep.equal({ topic: 'T', brokerName: 'b', queueId: 0 });
  });
});

describe('selection by health', () => {
  const health = (available: string, reachable: string) => ({
    isAvailable: (broker: string) => available.includes(broker),
    isReachable: (broker: string) => reachable.includes(broker),
  });
  const select = (available: string, reachable: string, last?: string) =>
    selectByHealth(
      new QueueSelector('T', queuesOf('a', 'b', 'c'), from(5)),
      health(available, reachable),
      last,
    )?.brokerName;

  it('prefers an available broker other than the last', () => {
    expect(select('ac', 'abc', 'a')).to.equal('c');
  });

  it('else takes one that can be reached', () => {
    expect(select('a', 'ab', 'a')).to.equal('b');
  });

  it('else the next, whatever it is', () => {
    expect(select('', '', 'a')).to.not.be.undefined;
  });
});

describe('selection by sharding key', () => {
  const queues = queuesOf('a', 'b');

  it("agrees with Java's SelectMessageQueueByHash", () => {
    // "TagA".hashCode() is 2598919, "TagB" one more; Integer.MIN_VALUE % 3 is -2.
    expect(selectByHash(queues, 'TagA')).to.equal(queues[2598919 % 4]);
    expect(selectByHash(queues, 'TagB')).to.equal(queues[2598920 % 4]);
    expect(selectByHash(queues.slice(0, 3), 'polygenelubricants')).to.equal(queues[2]);
  });
});
