import { describeEvent, type HistoryEvent } from './event.ts';
import type { Timeline } from './timeline.ts';

/** The invariants that a history can break. */
export type RuleName =
  | 'V1'
  | 'V2'
  | 'V3'
  | 'V4'
  | 'V5'
  | 'V6'
  | 'V7'
  | 'V8'
  | 'V9'
  | 'V10'
  | 'V11'
  | 'V12'
  | 'V13'
  | 'V14'
  | 'V15'
  | 'V16';

/** What is wrong, and the events that show it. */
export interface Violation {
  readonly rule: RuleName;
  readonly text: string;
  readonly evidence: readonly HistoryEvent[];
}

/** One or more invariants. */
export type Rule = (timeline: Timeline) => Violation[];

const MOST_LINES = 24;

/** The violation with the shortest slice of the history that shows it: the evidence, and the faults in force meanwhile. */
export function explainViolation(timeline: Timeline, { rule, text, evidence }: Violation): string {
  const from = Math.min(...evidence.map(({ at }) => at));
  const to = Math.max(...evidence.map(({ at }) => at));
  const shown = new Set(evidence);
  const faults = timeline.disturbances.filter((each) => each.from <= to && each.to >= from);
  const lines = timeline.events.filter((event) => shown.has(event)).map(describeEvent);
  const cut =
    lines.length > MOST_LINES
      ? [...lines.slice(0, MOST_LINES / 2), '…', ...lines.slice(-MOST_LINES / 2)]
      : lines;
  const context = faults.map(
    (each) => `(${each.kind} of ${each.process}, ${each.from.toFixed(1)} to ${each.to.toFixed(1)})`,
  );
  return [
    `${rule}: ${text}`,
    ...cut.map((line) => `  ${line}`),
    ...context.slice(0, 8).map((line) => `  ${line}`),
  ].join('\n');
}
