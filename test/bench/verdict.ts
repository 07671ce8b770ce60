import type { Summaries } from './comparison-table.ts';

/** A goal: our processor time per message against that of another client, in the same run. */
export interface Goal {
  readonly what: string;
  readonly rival: string;
  /** Ours divided by theirs, at most. */
  readonly atMost: number;
}

export interface Verdict extends Goal {
  readonly outcome: 'met' | 'missed' | 'inconclusive' | 'not measured';
  readonly ratio?: number;
  readonly text: string;
}

/** Judges by the medians. Failed messages make a run worthless; a machine that was mostly busy makes it inconclusive. */
export function judge(goal: Goal, summaries: Summaries | undefined): Verdict {
  const { what, rival, atMost } = goal;
  const ours = summaries?.['ours'];
  const theirs = summaries?.[rival];
  if (ours === undefined || theirs === undefined) {
    return { ...goal, outcome: 'not measured', text: `${what}: not measured` };
  }
  const ratio = Math.round((ours.cpuMicrosPerMessage / theirs.cpuMicrosPerMessage) * 1000) / 1000;
  const noisy = [ours, theirs].some(({ disturbed, samples }) => disturbed * 2 > samples.length);
  const failed = ours.failed + theirs.failed;
  const met = ratio <= atMost;
  const outcome = failed > 0 || noisy ? 'inconclusive' : met ? 'met' : 'missed';
  const reason = failed > 0 ? `, ${failed} messages failed` : noisy ? ', the machine was busy' : '';
  const figures = `${ours.cpuMicrosPerMessage} us against ${theirs.cpuMicrosPerMessage} us of ${rival}, ${ratio} (goal: at most ${atMost})`;
  return { ...goal, outcome, ratio, text: `${what}: ${outcome.toUpperCase()} – ${figures}${reason}` };
}
