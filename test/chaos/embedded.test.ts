import { describeLong } from '../support/long.ts';
import { embeddedTarget } from './chaos-target.ts';
import { MEMBERSHIP, POP, survives } from './survives.ts';

describeLong('Chaos on processes', () => {
  survives('loses nothing on the embedded cluster', embeddedTarget);
  survives('keeps the order of every queue on it', embeddedTarget, MEMBERSHIP);
  survives('loses nothing on it where members pop', embeddedTarget, POP);
});
