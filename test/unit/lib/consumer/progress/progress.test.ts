import { expect } from 'chai';
import { describe, it } from 'mocha';

import { judgeListener, lookInterval } from '../../../../../lib/consumer/consume/consume-timeout.ts';
import { judgeHealth } from '../../../../../lib/consumer/progress/health.ts';
import { lagOf } from '../../../../../lib/consumer/progress/lag.ts';
import { isPullExpired } from '../../../../../lib/consumer/progress/pull-watchdog.ts';

describe('judgeListener', () => {
  const limits = { consumeTimeout: 10_000, listenerStalledAfter: 1_000 };
  it('is at work up to its limits, stalled beyond the first, expired beyond the second', () => {
    const verdicts = [0, 1_000, 1_001, 10_000, 10_001].map((running) => judgeListener(running, limits));
    expect(verdicts).to.deep.equal(['atWork', 'atWork', 'stalled', 'stalled', 'expired']);
  });

  it('is never stalled when there is no such limit', () => {
    const verdicts = [9_999, 10_001].map((running) =>
      judgeListener(running, { ...limits, listenerStalledAfter: 0 }),
    );
    expect(verdicts).to.deep.equal(['atWork', 'expired']);
  });

  it('is looked at ten times within the shorter limit, every 10 s at the least', () => {
    expect(lookInterval(limits)).to.equal(100);
    expect(lookInterval({ consumeTimeout: 20_000, listenerStalledAfter: 0 })).to.equal(2_000);
    expect(lookInterval({ consumeTimeout: 900_000, listenerStalledAfter: 0 })).to.equal(10_000);
    expect(lookInterval({ consumeTimeout: 1_000, listenerStalledAfter: 10 })).to.equal(100);
  });
});

describe('isPullExpired', () => {
  const limits = { pullMaxIdleTime: 120_000, mayPull: true };
  it('is when nothing was pulled for too long', () => {
    const queue = { state: 'active', pullBegan: 1_000 } as const;
    expect(isPullExpired(queue, 121_000, limits)).to.equal(false);
    expect(isPullExpired(queue, 121_001, limits)).to.equal(true);
  });

  it('is not when there is a reason: a pause, a full cache, a queue that is not to be pulled', () => {
    const queue = { state: 'active', pullBegan: 0 } as const;
    expect(isPullExpired(queue, 999_999, { ...limits, mayPull: false })).to.equal(false);
    for (const state of ['starting', 'stopped', 'draining', 'ended'] as const)
      expect(isPullExpired({ ...queue, state }, 999_999, limits)).to.equal(false);
  });
});

describe('judgeHealth', () => {
  const reason = { kind: 'noRoute', message: 'No route' } as const;
  it('follows the life of the consumer, and its reasons while it runs', () => {
    const states = (['created', 'starting', 'running', 'failed', 'stopping', 'stopped'] as const).map(
      (life) => [judgeHealth(life, [], false).state, judgeHealth(life, [reason], false).state],
    );
    expect(states).to.deep.equal([
      ['starting', 'starting'],
      ['starting', 'starting'],
      ['ok', 'degraded'],
      ['stopped', 'stopped'],
      ['stopped', 'stopped'],
      ['stopped', 'stopped'],
    ]);
  });

  it('can be sent as JSON', () => {
    const health = judgeHealth('running', [reason], true);
    expect(JSON.parse(JSON.stringify(health))).to.deep.equal(health);
  });
});

describe('lagOf', () => {
  it('adds up by topic and in all', () => {
    const lag = (topic: string, queueId: number, behind: number) => ({
      queue: { topic, brokerName: 'broker-a', queueId },
      consumed: 1,
      brokerMaxOffset: 1 + behind,
      lag: behind,
    });
    const { total, topics } = lagOf([lag('A', 0, 3), lag('A', 1, 4), lag('B', 0, 0)]);
    expect([total, [...topics]]).to.deep.equal([
      7,
      [
        ['A', 7],
        ['B', 0],
      ],
    ]);
  });
});
