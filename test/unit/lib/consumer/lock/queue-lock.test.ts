import { expect } from 'chai';
import { describe, it } from 'mocha';

import { askAgainAfter, trustFor } from '../../../../../lib/consumer/lock/lock-pace.ts';
import { needsLocks } from '../../../../../lib/consumer/lock/needs-locks.ts';
import { QueueLock } from '../../../../../lib/consumer/lock/queue-lock.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

describe('QueueLock', () => {
  it('is trusted for its time from the question on, not from the answer', async () => {
    const clock = new FakeClock();
    const lock = new QueueLock(clock, 30_000);
    expect(lock.isTrusted).to.equal(false);
    const askedAt = clock.uptime();
    await clock.advance(900);
    lock.grant(askedAt);
    await clock.advance(29_099);
    expect(lock.isTrusted).to.equal(true);
    await clock.advance(1);
    expect(lock.isTrusted).to.equal(false);
    expect(lock.isExpired).to.equal(true);
  });

  it('is not trusted from a doubt to the next grant, without having run out', () => {
    const clock = new FakeClock();
    const lock = new QueueLock(clock, 30_000);
    lock.grant(clock.uptime());
    lock.doubt();
    expect([lock.isTrusted, lock.isExpired, lock.isLocked]).to.deep.equal([false, false, true]);
    lock.grant(clock.uptime());
    expect(lock.isTrusted).to.equal(true);
    lock.lose();
    expect([lock.isTrusted, lock.isLocked]).to.deep.equal([false, false]);
  });
});

describe('The pace of locks', () => {
  it('is quick for a second, then ever slower', () => {
    expect([0, 999, 1_000, 9_999, 10_000, 60_000].map(askAgainAfter)).to.deep.equal([
      25, 25, 100, 100, 500, 500,
    ]);
  });

  it("trusts as long as Java does at Java's interval", () => {
    expect(trustFor(20_000)).to.equal(30_000);
  });
});

describe('needsLocks', () => {
  const rows = [
    ['concurrently', 'immediate', 'clustering', false],
    ['concurrently', 'locked', 'clustering', true],
    ['orderly', 'immediate', 'clustering', true],
    ['orderly', 'locked', 'broadcasting', false],
  ] as const;
  for (const [consumeMode, handover, messageModel, needed] of rows) {
    it(`is ${needed} for ${consumeMode}, ${handover}, ${messageModel}`, () => {
      expect(needsLocks({ consumeMode, handover, messageModel })).to.equal(needed);
    });
  }
});
