/**
 * How often messages come again, by what happened: `npx tsx test/simulation/repeats.ts [seeds]`.
 *
 * The checker counts; beside it stand the bounds of V5, and what the members themselves said in their `rebalance` events.
 */
import { fileURLToPath } from 'node:url';
import { checkHistory } from '../history/checker.ts';
import type { HistoryEvent } from '../history/event.ts';
import { findRepeats } from '../history/rules/duplicates.ts';
import { Timeline } from '../history/timeline.ts';
import { calmGroup, type CalmGroup } from './calm-group.ts';
import type { SimulatedMember } from './member.ts';
import { forbidTimers } from './no-timers.ts';
import type { ListenerKind } from './schedule.ts';

/** Messages per second; one member with slow listeners can do more. */
const RATE = 8;

/** Before and after sending ends, ms: listeners are through, and what was not committed has come again. */
const AFTERWARDS = 15_000;

/** What happens to a group in which messages come all the time. */
export interface RepeatCase {
  readonly change: 'nothing' | 'leave' | 'handover' | 'crash';
  readonly listener: ListenerKind;
}

export const CASES: readonly RepeatCase[] = [
  { change: 'nothing', listener: 'slow' },
  { change: 'leave', listener: 'slow' },
  { change: 'handover', listener: 'quick' },
  { change: 'handover', listener: 'slow' },
  { change: 'crash', listener: 'quick' },
  { change: 'crash', listener: 'slow' },
];

/** Second deliveries, and how many there may be. */
export interface RepeatCount {
  readonly repeats: number;
  readonly bound: number;
}

/** One run. */
export interface RepeatRun {
  /** Of what the member had that left or died. A leaving one finishes, a dead one has not committed its last 5 s and what its listeners had. */
  readonly gone: RepeatCount;
  /** Of queues that went from one living member to another: from what was committed to the highest offset that was begun with. */
  readonly handedOver: RepeatCount;
  /** The sum of `expectedRepeats` over all events. */
  readonly expected: number;
  /** Violations of any rule. */
  readonly text: string;
}

/** All runs of one case. */
export interface RepeatRow extends RepeatCase {
  readonly runs: readonly RepeatRun[];
}

/** Runs a case for seeds 1 to `seeds`. */
export async function measureRepeats(which: RepeatCase, seeds: number): Promise<RepeatRow> {
  const runs: RepeatRun[] = [];
  for (let seed = 1; seed <= seeds; seed++) runs.push(await run(which, seed));
  return { ...which, runs };
}

/** The table, in Markdown. */
export function describeRepeats(rows: readonly RepeatRow[]): string {
  const lines = rows.map(({ change, listener, runs }) => {
    const sum = (of: (run: RepeatRun) => number): number => runs.reduce((total, each) => total + of(each), 0);
    const columns = (of: (run: RepeatRun) => RepeatCount): string => {
      const most = Math.max(...runs.map((each) => of(each).repeats));
      return `${sum((each) => of(each).repeats)} | ${most} | ${sum((each) => of(each).bound)}`;
    };
    return `| ${change} | ${listener} | ${runs.length} | ${columns(({ gone }) => gone)} | ${columns(({ handedOver }) => handedOver)} | ${sum(({ expected }) => expected)} |`;
  });
  return [
    '| Event | listeners | runs | of who is gone | most in a run | bound | handed over | most in a run | bound | `expectedRepeats` |',
    '|---|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...lines,
  ].join('\n');
}

async function run({ change, listener }: RepeatCase, seed: number): Promise<RepeatRun> {
  using _timers = forbidTimers();
  const group = await calmGroup(seed, { listener, rate: RATE });
  const { world } = group;
  const from = world.clock.uptime();
  const before = sumOf(world.members);
  const gone = apply(group, change);
  await world.clock.advance(AFTERWARDS);
  await world.stopSending();
  await world.clock.advance(AFTERWARDS);
  const expected = sumOf(world.members) - before;
  world.history.record({ process: 'world', op: 'quiet' });
  await world.end();
  const timeline = new Timeline(world.history.events);
  const repeats = findRepeats(timeline).filter(({ again }) => again.event.at >= from);
  const ofGone = repeats.filter(({ before: first }) => first.member === gone?.process).length;
  const ends = timeline.of('own-').filter(({ at, epoch }) => at >= from && epoch !== undefined);
  const { text } = checkHistory(world.history.events);
  return {
    gone: { repeats: ofGone, bound: change === 'crash' ? RATE * 5 + windowOf(timeline, gone) : 0 },
    handedOver: {
      repeats: repeats.length - ofGone,
      bound: ends
        .filter(({ process }) => process !== gone?.process)
        .reduce((sum, end) => sum + openAt(timeline, end, `${end.topic ?? ''}/${end.queue ?? ''}`), 0),
    },
    expected,
    text: text === '' ? '' : `seed ${seed}: ${text}`,
  };
}

const sumOf = (members: readonly SimulatedMember[]): number =>
  members.reduce((sum, { expectedRepeats }) => sum + expectedRepeats, 0);

/** Lets it happen; answers who is gone. */
function apply({ world, random }: CalmGroup, change: RepeatCase['change']): SimulatedMember | undefined {
  if (change === 'nothing') return undefined;
  if (change === 'handover') {
    world.join();
    return undefined;
  }
  const member = world.pick(world.living, random.next());
  if (member === undefined) throw new Error('Nobody is there');
  if (change === 'leave') void member.leave();
  else member.crash('crash');
  return member;
}

/** What a member had begun with and not committed when it died. */
function windowOf(timeline: Timeline, dead: SimulatedMember | undefined): number {
  const down = timeline.of('down').find(({ process }) => process === dead?.process);
  if (down === undefined) return 0;
  return [...timeline.byPlace.keys()].reduce((sum, place) => sum + openAt(timeline, down, place), 0);
}

/** From what was committed to the highest offset that was begun with, when an ownership or a member ended. */
function openAt(timeline: Timeline, { process, epoch, at }: HistoryEvent, place: string): number {
  const begun = (timeline.byPlace.get(place) ?? []).filter(
    ({ member, epoch: of, event }) =>
      member === process && event.at <= at && (epoch === undefined || of === epoch),
  );
  if (begun.length === 0) return 0;
  const highest = Math.max(...begun.map(({ offset }) => offset));
  const committed = timeline.commits.get(place)?.findLast((commit) => commit.at <= at)?.offset ?? 0;
  return Math.max(0, highest + 1 - committed);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows: RepeatRow[] = [];
  for (const which of CASES) rows.push(await measureRepeats(which, Number(process.argv[2] ?? 100)));
  console.log(describeRepeats(rows));
}
