import fc from 'fast-check';
import { describeEvent } from '../history/event.ts';
import type { RuleName } from '../history/violation.ts';
import { scheduleArbitraries, type Schedule, type ScheduleKind } from './schedule.ts';
import { simulate } from './simulate.ts';

/** So many schedules from one seed of fast-check. */
export interface BatchOrder {
  readonly seed: number;
  readonly runs: number;
  /** Default soft. */
  readonly kind?: ScheduleKind | undefined;
  /** fast-check's path to one schedule, to run that alone. */
  readonly path?: string | undefined;
  /** Do not look for the smallest schedule that fails. Default false. */
  readonly asFound?: boolean | undefined;
}

/** What they came to. */
export interface BatchResult {
  readonly schedules: number;
  readonly memberEvents: number;
  readonly virtualSeconds: number;
  readonly messages: number;
  /** Milliseconds of processor time. */
  readonly cpu: number;
  readonly repeats: Readonly<Record<string, number>>;
  readonly failure?: BatchFailure | undefined;
}

/** The smallest schedule that was found to fail. */
export interface BatchFailure {
  readonly kind: ScheduleKind;
  readonly seed: number;
  readonly path: string;
  readonly rules: readonly RuleName[];
  readonly schedule: Schedule;
  readonly text: string;
}

/** Runs schedules until one fails, and then ever smaller ones. */
export async function runBatch({
  seed,
  runs,
  path,
  asFound = false,
  kind = 'soft',
}: BatchOrder): Promise<BatchResult> {
  const sums = { schedules: 0, memberEvents: 0, virtualSeconds: 0, messages: 0 };
  const repeats: Record<string, number> = {};
  const before = process.cpuUsage();
  const property = fc.asyncProperty(scheduleArbitraries[kind], async (schedule) => {
    const { violations, memberEvents, took, counts, text } = await simulate(schedule);
    sums.schedules++;
    sums.memberEvents += memberEvents;
    sums.virtualSeconds += took / 1_000;
    sums.messages += counts.invoked;
    for (const [cause, count] of Object.entries(counts.duplicatesByCause))
      repeats[cause] = (repeats[cause] ?? 0) + count;
    if (violations.length > 0) throw new Error(text);
  });
  const details = await fc.check(property, {
    seed,
    numRuns: runs,
    endOnFailure: asFound,
    ...(path !== undefined && { path }),
  });
  const { user, system } = process.cpuUsage(before);
  const result = { ...sums, repeats, cpu: (user + system) / 1_000 };
  if (!details.failed) return result;
  const [schedule] = details.counterexample ?? [];
  if (schedule === undefined) throw new Error('fast-check found a failure without a counterexample');
  const failure = await describeFailure(schedule, {
    kind,
    seed: details.seed,
    path: details.counterexamplePath ?? '',
  });
  return { ...result, failure };
}

async function describeFailure(
  schedule: Schedule,
  found: Pick<BatchFailure, 'kind' | 'seed' | 'path'>,
): Promise<BatchFailure> {
  try {
    const { violations, text } = await simulate(schedule);
    return { ...found, schedule, text, rules: [...new Set(violations.map(({ rule }) => rule))] };
  } catch (error) {
    return {
      ...found,
      schedule,
      rules: [],
      text: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}

/** For people: what failed, and how to see it again. */
export const reportFailure = ({ kind, seed, path, schedule, text }: BatchFailure): string =>
  [
    text,
    '',
    `schedule: ${JSON.stringify(schedule)}`,
    `again:    npx tsx test/simulation/run.ts --kind ${kind} --seed ${seed} --path ${path}`,
    `          npx tsx test/simulation/run.ts --replay '<schedule>' [--about <part of a line of the history>]`,
  ].join('\n');

/** Runs one schedule and gives the lines of its history that contain a text. */
export async function replay(schedule: Schedule, about?: string): Promise<string> {
  const { events, text } = await simulate(schedule);
  const lines = events.map(describeEvent).filter((line) => about !== undefined && line.includes(about));
  return [...lines, text].join('\n');
}
