import { expect } from 'chai';
import { describe, it } from 'mocha';

import { Deadlines } from '../../../../lib/remoting/deadlines.ts';
import type { Expiring } from '../../../../lib/remoting/deadlines.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** Holds deadlines and notes when each was noticed. */
class Table implements Expiring {
  readonly noticed: [due: number, at: number][] = [];
  scans = 0;
  #due: number[] = [];
  readonly #deadlines: Deadlines;
  readonly #clock: FakeClock;

  constructor(deadlines: Deadlines, clock: FakeClock) {
    this.#deadlines = deadlines;
    this.#clock = clock;
    deadlines.add(this);
  }

  hold(...due: readonly number[]): void {
    this.#due.push(...due);
    for (const deadline of due) this.#deadlines.watch(deadline);
  }

  expire(now: number): number {
    this.scans++;
    for (const due of this.#due) if (due <= now) this.noticed.push([due, this.#clock.uptime()]);
    this.#due = this.#due.filter((due) => due > now);
    return Math.min(Infinity, ...this.#due);
  }
}

describe('Deadlines', () => {
  it('notice each deadline when it comes, with one timer', async () => {
    const clock = new FakeClock();
    const deadlines = new Deadlines(clock);
    const table = new Table(deadlines, clock);
    table.hold(3_000, 100, 30_000);
    expect(clock.pendingTimers).to.equal(1);
    await clock.advance(40_000);
    expect(table.noticed).to.deep.equal([
      [100, 100],
      [3_000, 3_000],
      [30_000, 30_000],
    ]);
    expect(table.scans).to.equal(3);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('scan at most every 20 ms when many come one after another', async () => {
    const clock = new FakeClock();
    const table = new Table(new Deadlines(clock), clock);
    table.hold(...Array.from({ length: 1_000 }, (_, n) => 1_000 + n));
    await clock.advance(3_000);
    expect(table.noticed.length).to.equal(1_000);
    expect(table.noticed.every(([due, at]) => at >= due - 1 && at <= due + 20)).to.equal(true);
    expect(table.scans).to.be.at.most(52);
  });

  it('have no timer once the last table is gone', () => {
    const clock = new FakeClock();
    const deadlines = new Deadlines(clock);
    const table = new Table(deadlines, clock);
    table.hold(1_000);
    deadlines.remove(table);
    expect(clock.pendingTimers).to.equal(0);
  });
});
