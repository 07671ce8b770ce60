/**
 * The simulation must notice when a guard of the client is missing: `npx tsx test/simulation/mutants.ts [name …]`.
 *
 * Each mutant is a copy of the sources with a few lines changed; the client itself has no switches for this.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RuleName } from '../history/violation.ts';
import { runSchedules } from './run-batches.ts';
import type { ScheduleKind } from './schedule.ts';

/** One change of one file. */
interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutant {
  readonly name: string;
  /** One of these must be broken. */
  readonly breaks: readonly RuleName[];
  /** Default soft. */
  readonly kind?: ScheduleKind;
  readonly edits: readonly Edit[];
}

export interface MutantResult {
  readonly mutant: Mutant;
  readonly isCaught: boolean;
  readonly rules: readonly RuleName[];
  readonly schedules: number;
  /** Milliseconds. */
  readonly took: number;
  readonly text: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'results of an ended ownership count',
    breaks: ['V11', 'V12'],
    edits: [
      {
        file: 'lib/consumer/consume/concurrent-consume-service.ts',
        find: `      for (const entry of batch) owned.process.abandon(entry);
      this.#consumer.stats.void(owned.queue.topic, batch.length);
      return;`,
        replace: `      this.#consumer.stats.void(owned.queue.topic, batch.length);
      for (const entry of batch) owned.process.complete(entry);
      const { api, instance, consumerGroup: group } = this.#consumer;
      const { queue, commitOffset: offset } = owned;
      const address = instance.routes.brokerAddress(queue.brokerName);
      if (address !== undefined && offset !== undefined)
        api.updateConsumerOffset(address, { group, queue, offset }).catch(() => undefined);
      return;`,
      },
    ],
  },
  {
    name: 'answers to an ended ownership count',
    breaks: ['V12'],
    edits: [
      {
        file: 'lib/consumer/pull/pull-loop.ts',
        find: `if (owned.state !== 'active' || epoch !== this.#epoch) return;`,
        replace: `if (owned.state !== 'active' && owned.state !== 'ended') return;`,
      },
      {
        file: 'lib/consumer/owned-queue.ts',
        find: `return state === 'active' || state === 'stopped';`,
        replace: `return state === 'active' || state === 'stopped' || state === 'ended';`,
      },
    ],
  },
  {
    name: 'no commit on revoke',
    breaks: ['V5'],
    edits: [
      {
        file: 'lib/consumer/rebalance/ownerships.ts',
        find: 'if (await this.#mayCommitLast(owned, isTaken)) await this.#committer.commitLast(owned);',
        replace: '',
      },
    ],
  },
  {
    name: 'commits the highest offset',
    breaks: ['V10'],
    edits: [
      {
        file: 'lib/consumer/process-queue.ts',
        find: `  get commitOffset(): number {
    return this.#entries[this.#head]?.offset ?? this.#pulledTo;`,
        replace: `  get commitOffset(): number {
    return this.#pulledTo;`,
      },
    ],
  },
  {
    name: 'no drain on shutdown',
    breaks: ['V5'],
    edits: [
      {
        file: 'lib/consumer/push-engine.ts',
        find: 'this.#parts.ownerships.revoke(owned, deadline)',
        replace: 'this.#parts.ownerships.revoke(owned, 0)',
      },
    ],
  },
  {
    name: 'an empty list counts',
    breaks: ['V6', 'V7'],
    edits: [
      {
        file: 'lib/consumer/rebalance/rebalancer.ts',
        find: `if (look.kind === 'unknown') return false;`,
        replace: '',
      },
      {
        file: 'lib/consumer/rebalance/rebalancer.ts',
        find: 'clientIds: look.clientIds }',
        replace: `clientIds: look.kind === 'unknown' ? [] : look.clientIds }`,
      },
    ],
  },
  {
    name: 'deaf to notices',
    breaks: ['V6', 'V7'],
    edits: [
      {
        file: 'lib/instance/broker-requests.ts',
        find: `roles.consumers.get(consumerGroup)?.wake({ kind: 'membersChanged', at: clock.now(), broker: address });`,
        replace: '',
      },
    ],
  },
  {
    name: 'begins without the lock',
    breaks: ['V5', 'V9'],
    kind: 'locked',
    edits: [
      {
        file: 'lib/consumer/rebalance/ownerships.ts',
        find: `        await this.#locks?.acquire(owned);
        owned.knownAt`,
        replace: `        this.#locks?.acquire(owned).catch(() => undefined);
        owned.knownAt`,
      },
      {
        file: 'lib/consumer/owned-queue.ts',
        find: 'return this.lock === undefined || this.lock.isTrusted;',
        replace: 'return true;',
      },
    ],
  },
  {
    name: 'unlocks while a listener runs',
    breaks: ['V5', 'V9'],
    kind: 'locked',
    edits: [
      {
        file: 'lib/consumer/rebalance/ownerships.ts',
        find: 'await within(this.#consumer.clock, deadline, owned.drain());',
        replace:
          'if (this.#locks) void owned.drain(); else await within(this.#consumer.clock, deadline, owned.drain());',
      },
      {
        file: 'lib/consumer/rebalance/ownerships.ts',
        find: 'if (owned.process.running === 0) {',
        replace: 'if (owned.process.running >= 0) {',
      },
    ],
  },
  {
    name: 'trusts a lock for ever',
    breaks: ['V5', 'V9', 'V11', 'V12'],
    kind: 'locked',
    edits: [
      {
        file: 'lib/consumer/lock/queue-lock.ts',
        find: 'return this.#clock.uptime() < this.#until;',
        replace: 'return this.#grantedUntil > 0;',
      },
    ],
  },
  {
    name: 'takes a queue again that is on its way out',
    breaks: ['V5', 'V7', 'V11', 'V12'],
    edits: [
      {
        file: 'lib/consumer/rebalance/departures.ts',
        find: 'const free = queues.filter((queue) => !this.has(queue));',
        replace: 'const free = queues;',
      },
    ],
  },
  {
    name: 'goes on after a failed message',
    breaks: ['V1', 'V9', 'V10'],
    kind: 'locked',
    edits: [
      {
        file: 'lib/consumer/consume/orderly-queue.ts',
        find: `    if (first !== undefined) process.rewind(first.offset);
  }

  /** All that listeners`,
        replace: `    if (first !== undefined && first.offset % 2 === 0) process.rewind(first.offset);
  }

  /** All that listeners`,
      },
    ],
  },
];

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = [
  'package.json',
  'tsconfig.json',
  'protocol',
  'lib',
  'test/history',
  'test/simulation',
  'test/support',
];

/** Schedules a mutant may survive: what a test run simulates. */
const MOST_SCHEDULES = 5_000;

/** What of a mutant does not fit the sources any more: each text must occur once. */
export async function misfits({ edits }: Mutant): Promise<string[]> {
  const counts = edits.map(async ({ file, find }) => {
    const source = await readFile(join(ROOT, file), 'utf8');
    return source.split(find).length === 2 ? [] : [`${file}: ${find}`];
  });
  return (await Promise.all(counts)).flat();
}

/** Simulates a mutant until a violation is found. Throws when an edit does not fit the sources any more. */
export async function tryMutant(mutant: Mutant, seed = 1): Promise<MutantResult> {
  const began = performance.now();
  const folder = join(
    ROOT,
    'node_modules',
    '.cache',
    'mutants',
    `${process.pid}-${mutant.name.replaceAll(' ', '-')}`,
  );
  try {
    await writeMutant(folder, mutant);
    const program = join(folder, 'test/simulation/worker.ts');
    const summary = await runSchedules({
      schedules: MOST_SCHEDULES,
      seed,
      kind: mutant.kind,
      batch: 25,
      program,
      asFound: true,
    });
    const rules = summary.failures.flatMap((failure) => failure.rules);
    return {
      mutant,
      isCaught: rules.some((rule) => mutant.breaks.includes(rule)),
      rules: [...new Set(rules)],
      schedules: summary.schedules,
      took: performance.now() - began,
      text: summary.failures[0]?.text ?? '',
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeMutant(folder: string, { name, edits }: Mutant): Promise<void> {
  for (const path of COPIED) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(ROOT, path), join(folder, path), { recursive: true });
  }
  for (const { file, find, replace } of edits) {
    const path = join(folder, file);
    const source = await readFile(path, 'utf8');
    if (source.split(find).length !== 2)
      throw new Error(`Mutant "${name}": its text must occur once in ${file}`);
    await writeFile(
      path,
      source.replace(find, () => replace),
    );
  }
}

/** One line about a mutant. */
export const describeMutant = ({ mutant, isCaught, rules, schedules, took }: MutantResult): string =>
  `${isCaught ? 'caught  ' : 'SURVIVED'} ${mutant.name.padEnd(38)} ${rules.join(' ').padEnd(12)} after ${schedules} schedules, ${(took / 1_000).toFixed(1)} s`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2);
  for (const mutant of MUTANTS.filter(
    ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  )) {
    const result = await tryMutant(mutant);
    console.log(describeMutant(result));
    if (wanted.length > 0) console.log(result.text);
    if (!result.isCaught) process.exitCode = 1;
  }
}
