/**
 * How long a group takes over a change of its members, for orientation: this client, Java and ali-ons in one run beside one real broker
 * of 5.5.0, each member in a process of its own: `npx tsx test/bench/group.ts`; the options are in README.md.
 */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { buildJava } from '../support/java.ts';
import { RealCluster } from '../support/real/real-cluster.ts';
import { median } from './comparison-table.ts';
import { compileDrivers, driverPath } from './compiled-drivers.ts';
import type { MemberProgram } from './group-process.ts';
import { GroupTrial } from './group-trial.ts';
import type { Step, TrialResult } from './group-trial.ts';
import { measureIdleMembers } from './idle-group.ts';
import { NoiseGuard } from './noise-guard.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    'ali-ons-rounds': { type: 'string', default: '1' },
    rate: { type: 'string', default: '800' },
    settle: { type: 'string', default: '2' },
    clients: { type: 'string', default: 'ours,java,ali-ons' },
    'idle-queues': { type: 'string', default: '64' },
    'idle-seconds': { type: 'string', default: '20' },
    'idle-warm-up': { type: 'string', default: '12' },
    out: { type: 'string' },
  },
});

/** Compiled programs, as they are published; Java without options of ours. */
async function programs(): Promise<MemberProgram[]> {
  const node = (client: string, program: string): MemberProgram => ({
    client,
    command: ({ nameServers, group, topic }) => [
      process.execPath,
      driverPath(program),
      nameServers,
      group,
      topic,
    ],
  });
  const java = async (): Promise<MemberProgram> => {
    const { classPath } = await buildJava();
    return {
      client: 'java',
      command: ({ nameServers, group, topic }, name) => [
        'java',
        '-cp',
        classPath,
        'rmq.GroupMember',
        nameServers,
        group,
        topic,
        'averagely',
        name,
      ],
    };
  };
  const known: Record<string, () => Promise<MemberProgram>> = {
    ours: async () => node('ours', 'group-member'),
    java,
    'ali-ons': async () => node('ali-ons', 'ali-ons-member'),
  };
  return Promise.all(
    values.clients.split(',').map(async (name) => {
      const make = known[name];
      if (make === undefined)
        throw new Error(`There is no client "${name}", only ${Object.keys(known).join(', ')}`);
      return make();
    }),
  );
}

/** Every line of the table: what to read from a trial. */
const lines: Readonly<Record<string, (trial: TrialResult) => readonly (number | undefined)[]>> = {
  'spawn to loaded, ms': ({ spawnToLoaded }) => [spawnToLoaded],
  'spawn to started, ms': ({ spawnToStarted }) => [spawnToStarted],
  'spawn to first message, ms': ({ spawnToFirst }) => [spawnToFirst],
  'join: spawn to first message, ms': ({ joins }) => joins.map(({ first }) => first),
  'join: spawn to even shares, ms': ({ joins }) => joins.map(({ settled }) => settled),
  'join: listed to first message, ms': ({ joins }) => joins.map(({ listedToFirst }) => listedToFirst),
  'join: listed to even shares, ms': ({ joins }) => joins.map(({ listedToSettled }) => listedToSettled),
  'join: longest pause of a queue, ms': ({ joins }) => joins.map(({ longestPause }) => longestPause),
  'join: repeats': ({ joins }) => joins.map(({ repeats }) => repeats),
  ...stepLines('leave', ({ leave }) => leave),
  ...stepLines('SIGKILL', ({ kill }) => kill),
  'lost messages': ({ lost }) => [lost],
};

function stepLines(name: string, read: (trial: TrialResult) => Step): typeof lines {
  return {
    [`${name}: to taken over, ms`]: (trial) => [read(trial).settled],
    [`${name}: delisted to taken over, ms`]: (trial) => [read(trial).listedToSettled],
    [`${name}: longest pause of a queue, ms`]: (trial) => [read(trial).longestPause],
    [`${name}: repeats`]: (trial) => [read(trial).repeats],
  };
}

interface Figure {
  readonly median: number;
  readonly max: number;
}

function figure(trials: readonly TrialResult[], read: (typeof lines)[string]): Figure | undefined {
  const all = trials.flatMap(read).filter((value) => value !== undefined);
  const middle = median(all);
  return middle === undefined ? undefined : { median: middle, max: Math.max(...all) };
}

const startedAt = performance.now();
const guard = new NoiseGuard(0);
await using cluster = await RealCluster.start({
  version: '5.5.0',
  // The tests' brokers are compiled by the first compiler alone.
  jvmOptions: ['-Xms1g', '-Xmx1g', '-XX:TieredStopAtLevel=4'],
});
const chosen = await programs();
const commit = await compileDrivers();
const options = { rate: Number(values.rate), settle: Number(values.settle) };
const trials = new Map<string, TrialResult[]>(chosen.map(({ client }) => [client, []]));
const failures: string[] = [];

async function oneTrial(program: MemberProgram, label: string): Promise<TrialResult | undefined> {
  try {
    const { noise, ...result } = await guard.watch(async () => GroupTrial.run(cluster, program, options));
    console.error(`${label} ${program.client}, fixed loop ${noise.slowdown}: ${JSON.stringify(result)}`);
    return result;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`${label} ${program.client}: ${reason}`);
    failures.push(`${program.client}: ${reason}`);
    return undefined;
  }
}

// Otherwise the first in line would be measured with a broker that does everything for the first time.
const [first] = chosen;
if (first !== undefined) await oneTrial(first, 'warm-up');
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const program of round % 2 === 1 ? chosen : chosen.toReversed()) {
    // Each of its changes takes 10 s.
    if (program.client === 'ali-ons' && round > Number(values['ali-ons-rounds'])) continue;
    const result = await oneTrial(program, `round ${round}`);
    if (result !== undefined) trials.get(program.client)?.push(result);
  }
}
const idle = await measureIdleMembers(cluster, chosen, {
  queues: Number(values['idle-queues']),
  warmUp: Number(values['idle-warm-up']),
  seconds: Number(values['idle-seconds']),
});

const table = Object.fromEntries(
  Object.entries(lines).map(([name, read]) => [
    name,
    Object.fromEntries([...trials].map(([client, list]) => [client, figure(list, read)])),
  ]),
);
const printed = Object.entries(table).map(([name, row]) => [
  name,
  Object.fromEntries(
    Object.entries(row).map(([client, value]) => [
      client,
      value === undefined ? '' : `${value.median} (max ${value.max})`,
    ]),
  ),
]);
console.log('\nmedian (max)');
console.table({
  ...Object.fromEntries(printed),
  [`idle with ${values['idle-queues']} queues, % of a core`]: idle,
});
const seconds = Math.round((performance.now() - startedAt) / 1000);
console.log(`${commit}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${seconds} s`);
console.log(`The fixed loop took at most ${guard.slowest} times its best`);
for (const failure of failures) console.log(`failed: ${failure}`);
const report = {
  commit,
  node: process.version,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  seconds,
  noise: { slowest: guard.slowest },
  options: values,
  table,
  idleCorePercent: idle,
  failures,
  trials: Object.fromEntries(trials),
};
if (values.out === undefined) console.log(JSON.stringify(report));
else await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`);
