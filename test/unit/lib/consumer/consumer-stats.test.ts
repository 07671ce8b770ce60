import { expect } from 'chai';
import { describe, it } from 'mocha';

import { ConsumerStats } from '../../../../lib/consumer/consumer-stats.ts';
import { DAY, HOUR, MINUTE, Samples, thinned } from '../../../../lib/consumer/samples.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** Samples every 5 s for so long, and calls `each` before each of them. */
async function live(
  clock: FakeClock,
  stats: ConsumerStats,
  ms: number,
  each = (): void => {},
): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5_000) {
    await clock.advance(5_000);
    each();
    stats.sample();
  }
}

describe('ConsumerStats', () => {
  it('tells the rates of the last minute, hour and day', async () => {
    const clock = new FakeClock();
    const stats = new ConsumerStats(clock);
    await live(clock, stats, HOUR, () => {
      stats.pulled('T', 50, 20);
      stats.consumed('T', 50, 4);
    });
    await live(clock, stats, 10 * MINUTE, () => stats.failed('T', 5));
    const { minute, hour } = stats.windows('T');
    expect(minute).to.include({ pullTPS: 0, consumeOKTPS: 0, consumeFailedTPS: 1, pullRT: 0, consumeRT: 0 });
    expect(hour.pullRT).to.equal(20);
    expect(hour.consumeRT).to.equal(4);
    expect(hour.consumeOKTPS).to.be.within(8, 9);
    expect(hour.consumeFailedMsgs).to.equal(600);
    // As Java's running info: listeners' time of the hour where the minute has none, and the failures of the hour.
    expect(stats.rates('T')).to.include({ consumeRT: 4, consumeFailedMsgs: 600, consumeOKTPS: 0 });
  });

  it('forgets in the hour what the day still knows', async () => {
    const clock = new FakeClock();
    const stats = new ConsumerStats(clock);
    stats.failed('T', 7);
    await live(clock, stats, 2 * HOUR);
    const { minute, hour, day } = stats.windows('T');
    expect([minute, hour, day].map(({ consumeFailedMsgs }) => consumeFailedMsgs)).to.deep.equal([0, 0, 7]);
  });

  it('tells of a topic that is new since its first message', async () => {
    const clock = new FakeClock();
    const stats = new ConsumerStats(clock);
    stats.pulled('T', 0, 0);
    await clock.advance(2_000);
    stats.pulled('T', 10, 8);
    expect(stats.windows('T').day).to.include({ pullTPS: 5, pullRT: 4 });
  });
});

describe('Samples', () => {
  it('keep a few dozen for a day, and windows that are as long as asked for', () => {
    const samples = new Samples({ at: 0, counters: 0 });
    for (let at = 5_000; at <= 3 * DAY; at += 5_000) samples.add({ at, counters: at });
    expect(samples.size).to.be.below(60);
    const lengths = [MINUTE, HOUR, DAY].map((window) => 3 * DAY - samples.first(3 * DAY - window).at);
    expect(lengths[0]).to.be.within(MINUTE, MINUTE + 5_000);
    expect(lengths[1]).to.be.within(HOUR, HOUR + 10 * MINUTE);
    expect(lengths[2]).to.be.within(DAY, DAY + 2 * HOUR);
  });

  it('keep one at least, however old', () => {
    expect(thinned([{ at: 0 }], 9 * DAY)).to.deep.equal([{ at: 0 }]);
    expect(thinned([{ at: 0 }, { at: 1 }], 9 * DAY)).to.deep.equal([{ at: 1 }]);
  });
});
