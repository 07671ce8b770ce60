import { expect } from 'chai';
import { it } from 'mocha';
import { runChaos, type ChaosOptions } from './chaos.ts';

/** How long the nemesis is at work. */
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 60);
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);

/** Members that come, go and are killed; where the queues of the dead wait for their locks to end, nothing else has to go wrong. */
export const MEMBERSHIP = { mode: 'orderly', only: ['kill', 'leave', 'stop'] } as const;

/** The same where members pop. What a killed one had popped comes again after a while, so the run has less time for blows. */
export const POP = { ...MEMBERSHIP, mode: 'pop', seconds: Math.min(SECONDS, 40) } as const;

/** Declares a run of one cluster as a test. */
export function survives(
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
