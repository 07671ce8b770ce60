import { expect } from 'chai';
import { it } from 'mocha';
import { describeLong, isLongRun } from '../support/long.ts';
import { describeProcesses } from '../support/real/target.ts';
import { embeddedTarget, realTarget, type ChaosTarget, type TargetOptions } from './chaos-target.ts';
import { runChaos, type ChaosOptions } from './chaos.ts';

/** How long the nemesis is at work. */
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 60);
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);

/** Members that come, go and are killed; where the queues of the dead wait for their locks to end, nothing else has to go wrong. */
const MEMBERSHIP = { mode: 'orderly', only: ['kill', 'leave', 'stop'] } as const;

async function survive(
  open: (options: TargetOptions) => Promise<ChaosTarget>,
  options: Pick<ChaosOptions, 'mode' | 'only'> = {},
): Promise<void> {
  const { counts, violations, text, blows } = await runChaos({
    open,
    seconds: SECONDS,
    seed: SEED,
    ...options,
  });
  console.log(`      ${blows.length} blows: ${blows.join(' ')}`);
  console.log(`      ${JSON.stringify(counts)}`);
  expect(counts.acked).to.be.above(100);
  expect(counts.lost).to.equal(0);
  expect(violations, text).to.deep.equal([]);
}

describeLong('Chaos on processes', () => {
  it(`loses nothing on the embedded cluster in ${SECONDS} s`, async function () {
    this.timeout((SECONDS + 180) * 1_000);
    await survive(embeddedTarget);
  });

  it(`keeps the order of every queue on the embedded cluster in ${SECONDS} s`, async function () {
    this.timeout((SECONDS + 180) * 1_000);
    await survive(embeddedTarget, MEMBERSHIP);
  });
});

if (isLongRun) {
  await describeProcesses('Chaos on processes', (version) => {
    it(`loses nothing in ${SECONDS} s`, async function () {
      this.timeout((SECONDS + 240) * 1_000);
      await survive(async (options) => realTarget(version, options));
    });

    it(`keeps the order of every queue in ${SECONDS} s`, async function () {
      this.timeout((SECONDS + 240) * 1_000);
      await survive(async (options) => realTarget(version, options), MEMBERSHIP);
    });
  });
}
