import { expect } from 'chai';
import { describe, it } from 'mocha';

import { systemClock, withTimeout } from '../../../../lib/runtime/clock.ts';
import type { Clock } from '../../../../lib/runtime/clock.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const reasonOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail('Expected a rejection'),
    (error: unknown) => error,
  );

describe('FakeClock', () => {
  it('fires timers in the order of their times, then of their making, and lets each settle', async () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    for (const [name, ms] of [
      ['c', 30],
      ['a', 10],
      ['b', 10],
      ['d', 40],
    ] as const) {
      clock.timer(ms, () => void Promise.resolve().then(() => fired.push(`${name} ${clock.uptime()}`)));
    }
    await clock.advance(35);
    expect(fired).to.deep.equal(['a 10', 'b 10', 'c 30']);
    expect(clock.pendingTimers).to.equal(1);
    expect(clock.uptime()).to.equal(35);
  });

  it('fires what timers set, when it falls within the time', async () => {
    const clock = new FakeClock();
    const fired: number[] = [];
    const again = (): void => {
      fired.push(clock.uptime());
      clock.timer(100, again);
    };
    clock.timer(100, again);
    await clock.advance(1_000);
    expect(fired).to.deep.equal([100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000]);
  });

  it('keeps order over thousands of timers, cancelled ones among them', async () => {
    const clock = new FakeClock();
    const fired: number[] = [];
    const timers = Array.from({ length: 3_000 }, (_, n) =>
      clock.timer((n * 7_919) % 1_009, () => fired.push(clock.uptime())),
    );
    for (let n = 0; n < timers.length; n += 3) timers[n]?.cancel();
    expect(clock.pendingTimers).to.equal(2_000);
    await clock.advance(2_000);
    expect(fired.length).to.equal(2_000);
    expect(fired).to.deep.equal(fired.toSorted((a, b) => a - b));
    expect(clock.pendingTimers).to.equal(0);
  });
});

for (const [name, create] of [
  ['systemClock', () => systemClock],
  ['FakeClock', () => new FakeClock()],
] as const) {
  describe(`${name} as a Clock`, () => {
    const pass = async (clock: Clock): Promise<void> =>
      clock instanceof FakeClock ? clock.advance(5) : clock.sleep(15);

    it('sleeps', async () => {
      const clock = create();
      const begin = clock.uptime();
      const sleep = clock.sleep(5);
      await pass(clock);
      await sleep;
      expect(clock.uptime() - begin).to.be.at.least(4);
    });

    it('ends a sleep with the reason of its signal, at once', async () => {
      const clock = create();
      const controller = new AbortController();
      const sleep = reasonOf(clock.sleep(60_000, controller.signal));
      const reason = new Error('Enough');
      controller.abort(reason);
      expect(await sleep).to.equal(reason);
      expect(await reasonOf(clock.sleep(60_000, controller.signal))).to.equal(reason);
    });

    it('does not fire a cancelled timer', async () => {
      const clock = create();
      let hasFired = false;
      clock.timer(1, () => (hasFired = true)).cancel();
      await pass(clock);
      expect(hasFired).to.equal(false);
    });
  });
}

describe('systemClock', () => {
  it('takes a timer beyond the longest that Node has', () => {
    let hasFired = false;
    systemClock.timer(2 ** 40, () => (hasFired = true)).cancel();
    expect(hasFired).to.equal(false);
  });
});

describe('withTimeout', () => {
  it('aborts with a TimeoutError when the time is over', async () => {
    const clock = new FakeClock();
    using deadline = withTimeout(clock, 1_000);
    await clock.advance(400);
    expect(deadline.remaining()).to.equal(600);
    expect(deadline.signal.aborted).to.equal(false);
    await clock.advance(600);
    expect(deadline.signal.reason).to.have.property('name', 'TimeoutError');
    expect(deadline.remaining()).to.equal(0);
  });

  it('aborts with the reason of the outer signal, also when that has aborted before', () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    using before = withTimeout(clock, 1_000, controller.signal);
    controller.abort('Why');
    using after = withTimeout(clock, 1_000, controller.signal);
    expect([before.signal.reason, after.signal.reason]).to.deep.equal(['Why', 'Why']);
  });

  it('leaves no timer', () => {
    const clock = new FakeClock();
    withTimeout(clock, 1_000)[Symbol.dispose]();
    expect(clock.pendingTimers).to.equal(0);
  });
});
