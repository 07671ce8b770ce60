import { expect } from 'chai';
import { it } from 'mocha';
import { describeLong, isLongRun } from '../support/long.ts';
import { describeProcesses } from '../support/real/target.ts';
import { embeddedTarget, realTarget } from './chaos-target.ts';
import { runChaos, type ChaosOptions } from './chaos.ts';

/** How long the nemesis is at work. */
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 60);
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);

/** Members that come, go and are killed; where the queues of the dead wait for their locks to end, nothing else has to go wrong. */
const MEMBERSHIP = { mode: 'orderly', only: ['kill', 'leave', 'stop'] } as const;

/** The same where members pop. What a killed one had popped comes again after a while, so the run has less time for blows. */
const POP = { ...MEMBERSHIP, mode: 'pop', seconds: Math.min(SECONDS, 40) } as const;

/** Declares a run of one cluster as a test. */
function survives(
  title: string,
  open: ChaosOptions['open'],
  { seconds = SECONDS, ...options }: Pick<ChaosOptions, 'mode' | 'only' | 'seconds'> = {},
): void {
  it(`${title} in ${seconds} s`, async function () {
    this.timeout((2 * seconds + 300) * 1_000);
    const { counts, violations, text, blows } = await runChaos({
      open,
      seconds,
      seed: SEED,
      ...options,
    });
    console.log(`      ${blows.length} blows: ${blows.join(' ')}`);
    console.log(`      ${JSON.stringify(counts)}`);
    expect(counts.acked).to.be.above(100);
    expect(counts.lost).to.equal(0);
    expect(violations.length, text).to.equal(0);
  });
}

describeLong('Chaos on processes', () => {
  survives('loses nothing on the embedded cluster', embeddedTarget);
  survives('keeps the order of every queue on it', embeddedTarget, MEMBERSHIP);
  survives('loses nothing on it where members pop', embeddedTarget, POP);
});

if (isLongRun) {
  await describeProcesses('Chaos on processes', (version) => {
    const open: ChaosOptions['open'] = async (options) => realTarget(version, options);
    survives('loses nothing', open);
    survives('keeps the order of every queue', open, MEMBERSHIP);
    if (version !== '4.9.7') survives('loses nothing where members pop', open, POP);
  });
}
