import { isLongRun } from '../support/long.ts';
import { describeProcesses } from '../support/real/target.ts';
import { realTarget } from './chaos-target.ts';
import type { ChaosOptions } from './chaos.ts';
import { MEMBERSHIP, POP, survives } from './survives.ts';

if (isLongRun) {
  await describeProcesses('Chaos on processes', (version) => {
    const open: ChaosOptions['open'] = async (options) => realTarget(version, options);
    survives('loses nothing', open);
    survives('keeps the order of every queue', open, MEMBERSHIP);
    if (version !== '4.9.7') survives('loses nothing where members pop', open, POP);
  });
}
