import { expect } from 'chai';
import { describe, it } from 'mocha';
import { reportFailure } from './batch.ts';
import { isLongRun } from '../support/long.ts';
import { FOUND } from './found.ts';
import { forbidTimers } from './no-timers.ts';
import { describeSummary, runSchedules } from './run-batches.ts';
import type { Schedule } from './schedule.ts';
import { simulate } from './simulate.ts';

/** Schedules of one test run, fewer where nobody asked for the long suites; `npx tsx test/simulation/run.ts --schedules 500000` runs more. */
const SCHEDULES = Number(process.env['SIMULATION_SCHEDULES'] ?? (isLongRun ? 5_000 : 30));
/** Of groups that consume in order or hand over by locks a third as many. */
const LOCKED_SCHEDULES = Math.ceil(SCHEDULES / 3);
/** A new seed for each run would find more, and be a nuisance to whoever changed something else. */
const SEED = Number(process.env['SIMULATION_SEED'] ?? 20_261_122);

const calm: Schedule = {
  seed: 3,
  members: 3,
  queues: 8,
  brokers: 2,
  latency: 1,
  listener: 'quick',
  rate: 5,
  events: [
    { at: 2_000, kind: 'join', lasts: 0, a: 0, b: 0 },
    { at: 9_000, kind: 'leave', lasts: 0, a: 0.5, b: 0 },
    { at: 15_000, kind: 'crash', lasts: 0, a: 0.1, b: 0 },
  ],
};

describe('Simulation', () => {
  it('gives the same history again for the same schedule', async () => {
    const [first, second] = [await simulate(calm), await simulate(calm)];
    expect(first.events.length).to.be.above(300);
    expect(first.events).to.deep.equal(second.events);
    expect(first.text).to.equal('');
  });

  it('uses no real timer, and would notice one', () => {
    using forbidden = forbidTimers();
    expect(() => setTimeout(() => undefined, 1)).to.throw('during a simulated run');
    expect(() => AbortSignal.timeout(1)).to.throw('during a simulated run');
    expect(forbidden.used).to.have.length(2);
  });

  for (const [title, schedule] of FOUND)
    it(`does not find again: ${title}`, async () => {
      expect((await simulate(schedule)).text).to.equal('');
    });

  for (const [kind, schedules, title] of [
    ['soft', SCHEDULES, 'the soft hand-over'],
    ['locked', LOCKED_SCHEDULES, 'locks'],
  ] as const) {
    it(`finds no violation in ${schedules} schedules of groups with ${title}`, async function () {
      this.timeout(900_000);
      const summary = await runSchedules({ schedules, seed: SEED, kind });
      console.log(`      ${describeSummary(summary)}`);
      for (const failure of summary.failures) console.log(reportFailure(failure));
      expect(summary.failures.map(({ rules }) => rules)).to.deep.equal([]);
      expect(summary.schedules).to.be.at.least(schedules);
    });
  }
});
