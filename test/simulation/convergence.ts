/**
 * How long a group takes to agree again, by what happened: `npx tsx test/simulation/convergence.ts [seeds]`.
 *
 * 2 to 8 members, up to 32 queues, a broker or two, Java's constants (heartbeats every 30 s, expiry after 120 s, a rebalance every 20 s).
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Commands } from '../../protocol/commands/index.ts';
import type { HistoryEvent } from '../history/event.ts';
import { averagely, OwnershipWalk, sortQueues } from '../history/ownership.ts';
import { calmGroup } from './calm-group.ts';
import { forbidTimers } from './no-timers.ts';
import type { SimulatedMember } from './member.ts';
import { TOPIC, type World } from './world.ts';

/** What happens, and whether the others are told. */
export interface ConvergenceCase {
  readonly change: 'join' | 'leave' | 'crash' | 'silent';
  readonly notice: 'arrives' | 'lost';
  /** What the constants of the protocol allow, ms. */
  readonly bound: number;
  /** Of goal G4, ms. */
  readonly gate: number;
}

export const CASES: readonly ConvergenceCase[] = [
  { change: 'join', notice: 'arrives', bound: 1_000, gate: 1_000 },
  { change: 'join', notice: 'lost', bound: 20_000, gate: 21_000 },
  { change: 'leave', notice: 'arrives', bound: 1_000, gate: 1_000 },
  { change: 'leave', notice: 'lost', bound: 20_000, gate: 21_000 },
  { change: 'crash', notice: 'arrives', bound: 1_000, gate: 1_000 },
  { change: 'crash', notice: 'lost', bound: 20_000, gate: 21_000 },
  { change: 'silent', notice: 'arrives', bound: 130_000, gate: 131_000 },
  { change: 'silent', notice: 'lost', bound: 150_000, gate: 151_000 },
];

export interface ConvergenceRow extends ConvergenceCase {
  readonly seeds: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The table for seeds 1 to `seeds`, measured in so many processes. */
export async function measureAll(seeds: number, processes = 2): Promise<ConvergenceRow[]> {
  const shares = await Promise.all(
    Array.from({ length: processes }, async (_, share) => measureElsewhere(seeds, share, processes)),
  );
  return CASES.map((which, index) =>
    toRow(
      which,
      shares.flatMap((times) => times[index] ?? []),
    ),
  );
}

function toRow(which: ConvergenceCase, times: readonly number[]): ConvergenceRow {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { ...which, seeds: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}

const PROGRAM = fileURLToPath(import.meta.url);

/** By case, the times of a share of the seeds. JSON has no Infinity: it comes as null. */
async function measureElsewhere(seeds: number, share: number, of: number): Promise<number[][]> {
  const args = ['--import', 'tsx', PROGRAM, String(seeds), String(share), String(of)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 24 });
  const times = JSON.parse(stdout) as (number | null)[][];
  return times.map((row) => row.map((time) => time ?? Infinity));
}

/** The table, in Markdown. */
export function describeRows(rows: readonly ConvergenceRow[]): string {
  const ms = (value: number): string =>
    value < 1_000 ? `${value.toFixed(0)} ms` : `${(value / 1_000).toFixed(2)} s`;
  const lines = rows.map(
    ({ change, notice, seeds, p50, p99, max, bound, gate }) =>
      `| ${change} | ${notice} | ${seeds} | ${ms(p50)} | ${ms(p99)} | ${ms(max)} | ${ms(bound)} | ${ms(gate)} |`,
  );
  return [
    '| Event | Notice | seeds | p50 | p99 | max | bound | G4 |',
    '|---|---|--:|--:|--:|--:|--:|--:|',
    ...lines,
  ].join('\n');
}

/** Milliseconds from the change until every queue had its one right owner for good; Infinity if that did not come. */
async function converge({ change, notice, gate }: ConvergenceCase, seed: number): Promise<number> {
  using _timers = forbidTimers();
  const { world, random } = await calmGroup(seed, { listener: 'sync', rate: 0.1 });
  if (notice === 'lost') world.cluster.control(Commands.notifyConsumerIdsChanged, { drop: true });
  const at = world.clock.uptime();
  const changed = apply(world, change, random.next());
  await world.clock.advance(gate + 2_000);
  const time = settledAt(world, at, changed) - at;
  await world.stopSending();
  await world.end();
  return time;
}

function apply(world: World, change: ConvergenceCase['change'], share: number): SimulatedMember {
  if (change === 'join') return world.join();
  const member = world.pick(world.living, share);
  if (member === undefined) throw new Error('Nobody is there');
  if (change === 'leave') void member.leave();
  else member.crash(change);
  return member;
}

function settledAt(world: World, from: number, changed: SimulatedMember): number {
  const { events } = world.history;
  const ids = world.living.map(({ process }) => process);
  const queues = events.findLast(({ op }) => op === 'queues')?.queues ?? [];
  const due = averagely(
    ids,
    sortQueues(queues).map((queue) => `${TOPIC}/${queue}`),
  );
  const walk = new OwnershipWalk();
  let since = Infinity;
  const judge = (event: HistoryEvent): void => {
    const isRight = [...due].every(([place, owner]) => {
      const owners = walk.owners.get(place);
      return owners?.size === 1 && owners.has(owner);
    });
    since = isRight ? Math.min(since, Math.max(from, event.at)) : Infinity;
  };
  for (const event of events) {
    walk.apply(event);
    if (event.at >= from || event.process === changed.process) judge(event);
  }
  return since;
}

if (process.argv[1] === PROGRAM) {
  const [seeds = 300, share, of] = process.argv.slice(2).map(Number);
  if (share === undefined || of === undefined) {
    const rows = await measureAll(seeds);
    console.log(describeRows(rows));
    process.exitCode = rows.every(({ max, gate }) => max <= gate) ? 0 : 1;
  } else {
    const times: number[][] = [];
    for (const which of CASES) {
      const row: number[] = [];
      for (let seed = share + 1; seed <= seeds; seed += of) row.push(await converge(which, seed));
      times.push(row);
    }
    console.log(JSON.stringify(times));
  }
}
