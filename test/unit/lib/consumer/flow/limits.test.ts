import { expect } from 'chai';
import { describe, it } from 'mocha';

import { Pauses } from '../../../../../lib/consumer/flow/pauses.ts';
import { PullPace } from '../../../../../lib/consumer/flow/pull-pace.ts';
import { queueLimits } from '../../../../../lib/consumer/flow/queue-limits.ts';
import { RateLimit } from '../../../../../lib/consumer/flow/rate-limit.ts';
import { queueKey } from '../../../../../protocol/model/message-queue.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

describe('queueLimits', () => {
  const ofQueue = {
    pullThresholdForQueue: 1_000,
    pullThresholdSizeForQueue: 100,
    consumeConcurrentlyMaxSpan: 2_000,
  };
  const none = { ...ofQueue, pullThresholdForTopic: -1, pullThresholdSizeForTopic: -1 };

  it('leaves the limits of a queue as they are where the topic has none', () => {
    const limits = queueLimits(none, () => {
      throw new Error('nobody needs to count');
    });
    expect(limits).to.include(ofQueue);
  });

  it('shares a limit of the topic out, rounded down, at least 1 each', () => {
    const both = { ...none, pullThresholdForTopic: 100, pullThresholdSizeForTopic: 5 };
    const shares = [1, 3, 8, 200].map((owned) => queueLimits(both, () => owned));
    expect(shares.map(({ pullThresholdForQueue }) => pullThresholdForQueue)).to.deep.equal([100, 33, 12, 1]);
    expect(shares.map(({ pullThresholdSizeForQueue }) => pullThresholdSizeForQueue)).to.deep.equal([
      5, 1, 1, 1,
    ]);
    expect(shares[0]?.consumeConcurrentlyMaxSpan).to.equal(2_000);
  });

  it('shares one of the two out, and leaves the other', () => {
    const limits = queueLimits({ ...none, pullThresholdForTopic: 10 }, () => 2);
    expect(limits).to.deep.equal({ ...ofQueue, pullThresholdForQueue: 5 });
  });
});

describe('PullPace', () => {
  it('rests 20 ms at first, twice as long after each refusal, at most a second', () => {
    const pace = new PullPace();
    const rests = Array.from({ length: 8 }, () => pace.refused());
    expect(rests).to.deep.equal([20, 40, 80, 160, 320, 640, 1_000, 1_000]);
  });

  it('rests half as long after each answer, until it does not rest', () => {
    const pace = new PullPace();
    for (let refusals = 0; refusals < 4; refusals++) pace.refused();
    const rests = Array.from({ length: 5 }, () => {
      pace.answered();
      return pace.rest;
    });
    expect(rests).to.deep.equal([80, 40, 20, 0, 0]);
  });
});

describe('Pauses', () => {
  const queue = (topic: string, queueId: number) => {
    const each = { topic, brokerName: 'broker-a', queueId };
    return { queue: each, key: queueKey(each) };
  };
  const resting = (pauses: Pauses): string[] =>
    [queue('A', 0), queue('A', 1), queue('B', 0)]
      .filter((each) => pauses.has(each))
      .map(({ queue: { topic, queueId } }) => topic + queueId);

  it('rests with topics and queues until each order is taken back', () => {
    const pauses = new Pauses();
    expect(resting(pauses)).to.deep.equal([]);
    pauses.pause(['B', queue('A', 1).queue, queue('B', 0).queue]);
    expect(resting(pauses)).to.deep.equal(['A1', 'B0']);
    pauses.resume(['B']);
    expect(resting(pauses)).to.deep.equal(['A1', 'B0']);
    pauses.resume([queue('B', 0).queue, 'C']);
    expect(resting(pauses)).to.deep.equal(['A1']);
  });

  it('suspends everything, and keeps what is paused by itself at rest afterwards', () => {
    const pauses = new Pauses();
    pauses.pause(['B']);
    pauses.suspend(true);
    expect(resting(pauses)).to.deep.equal(['A0', 'A1', 'B0']);
    pauses.suspend(false);
    expect(resting(pauses)).to.deep.equal(['B0']);
  });

  it('tells of every order', () => {
    const pauses = new Pauses();
    let told = 0;
    pauses.onChange(() => told++);
    pauses.suspend(true);
    pauses.pause(['A']);
    pauses.resume(['A']);
    expect(told).to.equal(3);
  });
});

describe('RateLimit', () => {
  it('lets everything through when there is no limit', () => {
    const rate = new RateLimit(new FakeClock(), 0);
    rate.spend(1_000_000);
    expect(rate.allowed()).to.equal(Infinity);
  });

  it('lets a tenth of a second through at once, and the rest as time goes by', async () => {
    const clock = new FakeClock();
    const rate = new RateLimit(clock, 1_000);
    expect(rate.allowed()).to.equal(100);
    rate.spend(100);
    expect(rate.allowed()).to.equal(0);
    await clock.advance(25);
    expect(rate.allowed()).to.equal(25);
    await clock.advance(60_000);
    expect(rate.allowed()).to.equal(100);
  });

  it('wakes whoever waits when the next may go, also at less than one a second', async () => {
    const clock = new FakeClock();
    const rate = new RateLimit(clock, 0.5);
    rate.spend(1);
    let woken = 0;
    rate.whenAllowed(() => woken++);
    await clock.advance(1_999);
    expect(woken).to.equal(0);
    await clock.advance(1);
    expect([woken, rate.allowed(), clock.pendingTimers]).to.deep.equal([1, 1, 0]);
  });

  it('lets a change count for those that wait', async () => {
    const clock = new FakeClock();
    const rate = new RateLimit(clock, 1);
    rate.spend(1);
    let woken = 0;
    rate.whenAllowed(() => woken++);
    rate.perSecond = 100;
    await clock.advance(10);
    expect(woken).to.equal(1);
    rate.whenAllowed(() => woken++);
    rate.spend(50);
    rate.perSecond = 0;
    await clock.advance(0);
    expect([woken, rate.allowed()]).to.deep.equal([2, Infinity]);
  });

  it('leaves no timer when it is stopped', async () => {
    const clock = new FakeClock();
    const rate = new RateLimit(clock, 1);
    rate.spend(1);
    rate.whenAllowed(() => {
      throw new Error('It was stopped');
    });
    rate.stop();
    await clock.advance(10_000);
    expect(clock.pendingTimers).to.equal(0);
  });
});
