import { expect } from 'chai';
import { it } from 'mocha';
import { describeLong, isLongRun } from '../support/long.ts';
import { describeProcesses } from '../support/real/target.ts';
import { SideBySide } from '../support/side-by-side.ts';
import { embeddedTarget, realTarget } from './chaos-target.ts';
import { runChaos, type ChaosOptions } from './chaos.ts';

/** How long the nemesis is at work. */
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 60);
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);

/** Members that come, go and are killed; where the queues of the dead wait for their locks to end, nothing else has to go wrong. */
const MEMBERSHIP = { mode: 'orderly', only: ['kill', 'leave', 'stop'] } as const;

/** The clusters are hurt two at a time: most of a run is waiting. */
const runs = new SideBySide<Awaited<ReturnType<typeof runChaos>>>(2);

/** Declares a run of one cluster as a test. */
function survives(
  title: string,
  name: string,
  open: ChaosOptions['open'],
  options: Pick<ChaosOptions, 'mode' | 'only'> = {},
): void {
  const run = async () => runChaos({ open, seconds: SECONDS, seed: SEED, ...options });
  runs.add(name, run);
  let isSecond = false;
  it(`${title} in ${SECONDS} s`, async function () {
    this.timeout((3 * SECONDS + 600) * 1_000);
    // Tried again, it has the machine to itself.
    const { counts, violations, text, blows } = isSecond ? await run() : await runs.outcome(name);
    isSecond = true;
    console.log(`      ${blows.length} blows: ${blows.join(' ')}`);
    console.log(`      ${JSON.stringify(counts)}`);
    expect(counts.acked).to.be.above(100);
    expect(counts.lost).to.equal(0);
    expect(violations, text).to.deep.equal([]);
  });
}

describeLong('Chaos on processes', () => {
  survives('loses nothing on the embedded cluster', 'embedded', embeddedTarget);
  survives('keeps the order of every queue on it', 'embedded, orderly', embeddedTarget, MEMBERSHIP);
});

if (isLongRun) {
  await describeProcesses('Chaos on processes', (version) => {
    const open: ChaosOptions['open'] = async (options) => realTarget(version, options);
    survives('loses nothing', version, open);
    survives('keeps the order of every queue', `${version}, orderly`, open, MEMBERSHIP);
  });
}
