import type { HistoryEvent } from './event.ts';
import { findGaps } from './ownership.ts';
import { commitsRise, commitsWhatIsDone } from './rules/commits.ts';
import { boundedRepeats, findRepeats, restartsWhereItStopped, type RepeatCause } from './rules/duplicates.ts';
import { honestProducer, integrity, noLoss, noPhantom, offsetsAgree } from './rules/messages.ts';
import { lockedApart, orderlyOrder, risesWithinAnOwnership } from './rules/order.ts';
import { keepsWhatItOwns, noLongGap, nothingAfterTheEnd, rightOwners } from './rules/ownership.ts';
import { givesBack, makesProgress } from './rules/progress.ts';
import { Timeline, type CheckLimits, type Send } from './timeline.ts';
import { explainViolation, type Rule, type RuleName, type Violation } from './violation.ts';

const RULES: readonly Rule[] = [
  noLoss,
  noPhantom,
  offsetsAgree,
  integrity,
  boundedRepeats,
  rightOwners,
  noLongGap,
  keepsWhatItOwns,
  risesWithinAnOwnership,
  orderlyOrder,
  lockedApart,
  commitsWhatIsDone,
  commitsRise,
  nothingAfterTheEnd,
  restartsWhereItStopped,
  honestProducer,
  makesProgress,
  givesBack,
];

/** What became of what was sent. */
export interface SendCounts {
  /** Sends begun, acknowledged, surely failed, and of unknown fate. */
  readonly invoked: number;
  readonly acked: number;
  readonly failed: number;
  readonly unknown: number;
  /** Calls of listeners. */
  readonly delivered: number;
  /** Acknowledged and never processed. */
  readonly lost: number;
}

/** What a run came to. */
export interface Counts extends SendCounts {
  /** Second deliveries of an offset. */
  readonly duplicate: number;
  readonly duplicatesByCause: Readonly<Partial<Record<RepeatCause, number>>>;
  /** Acknowledged and not delivered by the end. */
  readonly unseen: number;
  /** How long queues were without an owner, ms. */
  readonly recovery: { readonly times: number; readonly p50: number; readonly max: number };
}

/** The checker's verdict. */
export interface Report {
  readonly violations: readonly Violation[];
  readonly counts: Counts;
  /** Each violation with the shortest slice of the history that shows it. */
  readonly text: string;
}

/** Judges a history offline, by V1 to V16. It knows nothing of the client: only events and the bounds given. */
export function checkHistory(
  events: readonly HistoryEvent[],
  limits: Partial<CheckLimits> = {},
  { without = [] }: { readonly without?: readonly RuleName[] } = {},
): Report {
  const timeline = new Timeline(events, limits);
  const violations = RULES.flatMap((rule) => rule(timeline)).filter(({ rule }) => !without.includes(rule));
  const text = violations
    .slice(0, 8)
    .map((violation) => explainViolation(timeline, violation))
    .join('\n\n');
  return { violations, counts: countUp(timeline), text };
}

/** Counts what holds of groups of any kind. */
export function countSends(timeline: Timeline): SendCounts {
  const phases = [...timeline.sends.values()].map(({ outcome }) => outcome?.phase);
  const acked = phases.filter((phase) => phase === 'ok').length;
  const failed = phases.filter((phase) => phase === 'fail').length;
  return {
    invoked: phases.length,
    acked,
    failed,
    unknown: phases.length - acked - failed,
    delivered: timeline.deliveries.length,
    lost: noLoss(timeline).length,
  };
}

function countUp(timeline: Timeline): Counts {
  const repeats = findRepeats(timeline);
  const duplicatesByCause: Partial<Record<RepeatCause, number>> = {};
  for (const { cause } of repeats) duplicatesByCause[cause] = (duplicatesByCause[cause] ?? 0) + 1;
  const gaps = findGaps(timeline)
    .filter(({ end }) => end !== undefined)
    .map(({ from, to }) => to - from)
    .sort((a, b) => a - b);
  const isUnseen = ([value, { outcome }]: [string, Send]): boolean =>
    outcome?.phase === 'ok' && !timeline.byValue.has(value);
  return {
    ...countSends(timeline),
    duplicate: repeats.length,
    duplicatesByCause,
    unseen: [...timeline.sends].filter(isUnseen).length,
    recovery: { times: gaps.length, p50: gaps[gaps.length >> 1] ?? 0, max: gaps.at(-1) ?? 0 },
  };
}
