import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';

import { Commands } from '../../protocol/commands/index.ts';
import { checkPopHistory, type PopReport } from '../history/pop-checker.ts';
import { isLongRun } from '../support/long.ts';
import { scheduleArbitraries, type Schedule } from './schedule.ts';
import { runWorld } from './simulate.ts';
import type { World } from './world.ts';

/** Schedules of one test run and mode, fewer where nobody asked for the long suites. */
const SCHEDULES = Number(process.env['SIMULATION_SCHEDULES'] ?? (isLongRun ? 100 : 5));
const SEED = Number(process.env['SIMULATION_SEED'] ?? 20_261_129);

async function simulatePop(schedule: Schedule, prepare?: (world: World) => void): Promise<PopReport> {
  const world = await runWorld(schedule, prepare);
  return checkPopHistory(world.history.events, schedule.mode === 'orderlyPop');
}

const calm: Schedule = {
  seed: 5,
  members: 3,
  queues: 4,
  brokers: 2,
  latency: 1,
  listener: 'mixed',
  mode: 'pop',
  rate: 6,
  events: [
    { at: 2_000, kind: 'join', lasts: 0, a: 0, b: 0 },
    { at: 9_000, kind: 'leave', lasts: 0, a: 0.5, b: 0 },
    { at: 15_000, kind: 'crash', lasts: 0, a: 0.1, b: 0 },
  ],
};

describe('Simulation of groups that pop', () => {
  for (const mode of ['pop', 'orderlyPop'] as const) {
    it(`finds no violation in ${SCHEDULES} schedules, ${mode}`, async function () {
      this.timeout(1_200_000);
      const sums = { delivered: 0, repeats: 0 };
      await fc.assert(
        fc.asyncProperty(scheduleArbitraries.soft, async (schedule) => {
          const { violations, text, counts } = await simulatePop({ ...schedule, mode });
          sums.delivered += counts.delivered;
          sums.repeats += counts.repeats;
          if (violations.length > 0) throw new Error(text);
        }),
        { seed: SEED, numRuns: SCHEDULES },
      );
      console.log(`      ${sums.delivered} deliveries, ${sums.repeats} of them again`);
    });
  }

  it('would notice acknowledgements that get lost, and listeners out of order', async function () {
    this.timeout(60_000);
    const lost = await simulatePop(calm, ({ cluster }) => {
      for (const row of [Commands.ackMessage, Commands.batchAckMessage])
        cluster.control(row, { answer: 0, skip: 3 });
    });
    expect(lost.violations.map(({ rule }) => rule)).to.include('V5');
    expect(
      checkPopHistory((await runWorld(calm)).history.events, true).violations.map(({ rule }) => rule),
    ).to.include('V9');
  });
});
