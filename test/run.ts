/**
 * `npm test`: all suites, in several runs of mocha side by side, because most of them wait for brokers and processes.
 *
 * Where there are real brokers, the suites on them come first, one run for each generation. Of the long suites, those that only compute take what time of the
 * processors the others leave, and those that watch the clock come last, one at a time. Lines carry the name of their run; how each ended stands at the end. With `CI=true` a test that fails is tried once more, because the machines of CI are shared and stall for seconds; which those were
 * stands at the end as well. The variables are those of test/README.md. Arguments go to every run: `npm test -- --grep retry`.
 */
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isLongRun } from './support/long.ts';
import { realTargets } from './support/real/target.ts';

interface Run {
  readonly name: string;
  /** Patterns and flags for mocha. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it takes what time of the processors the others leave. */
  readonly isPatient?: boolean;
}

interface Outcome {
  readonly name: string;
  readonly code: number;
  /** Mocha's own closing lines. */
  readonly closing: readonly string[];
  /** Tests that failed at first. */
  readonly again: readonly string[];
  /** What mocha says of those that failed in the end. */
  readonly failures: readonly string[];
}

// Of the embedded cluster it has the manners of that version.
const contract = (version: string, name = version, ...args: string[]): Run => ({
  name,
  args: ['test/integration/**/*.test.ts', ...args],
  env: { ROCKETMQ_TEST_VERSIONS: version },
});
const contractOf = (version: string, letters: string): Run => ({
  ...contract(version, `${version} ${letters}`),
  args: [`test/integration/**/[${letters}]*.test.ts`],
});
const suites = (...folders: string[]): string[] => folders.map((folder) => `test/${folder}/**/*.test.ts`);

const FIVE = contract('5.5.0');
// The suite of the container module is not tied to a version.
const FOUR = contract('4.9.7', '4.9.7', '--ignore', 'test/integration/testcontainers.test.ts');
const BROKERS = [FIVE, FOUR];
const CONTRACT_ALONE = [contractOf('5.5.0', 'a-l'), contractOf('5.5.0', 'm-z')];
const COMPONENT: Run = { name: 'component', args: [...suites('component'), 'test/chaos/tcp-proxy.test.ts'] };
const UNIT: Run = { name: 'unit', args: ['test/*.test.ts', ...suites('unit', 'conformance')] };
const COMPUTING: Run = { name: 'simulation', args: suites('simulation', 'history', 'fuzz', 'memory') };
// What takes longest comes first.
const REST = [COMPONENT, COMPUTING, UNIT];

const SCHEDULES_FILE = 'test/simulation/simulation.test.ts';
/** The thousands of schedules have a budget of time; where they run as the long suites do, they come on their own. */
const SCHEDULES: Run = { name: 'schedules', args: [SCHEDULES_FILE] };
const PATIENT: Run = {
  ...COMPUTING,
  args: [...COMPUTING.args, '--ignore', SCHEDULES_FILE],
  isPatient: true,
};
/** Processes that are killed and have to come back in time. */
const CHAOS: Run = { name: 'chaos', args: ['test/chaos/embedded.test.ts'] };
/** With brokers among them they get the machine to themselves. */
const CHAOS_ON_BROKERS: Run = { name: 'chaos on brokers', args: ['test/chaos/brokers.test.ts'] };

const MOCHA = fileURLToPath(new URL('../node_modules/mocha/bin/mocha.js', import.meta.url));
const CLOSING = /^ {2}\d+ (passing|failing|pending)/;
const SECOND_TRY = /^ *second try: /;
/** Of failures that are said again at the end, where a log that is cut keeps them. */
const MOST_LINES = 60;
const more = [...(process.env['CI'] === 'true' ? ['--retries', '1'] : []), ...process.argv.slice(2)];

async function perform({ name, args, env, isPatient = false }: Run): Promise<Outcome> {
  const began = performance.now();
  const child = spawn(process.execPath, [MOCHA, ...args, ...more], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // What it starts inherits that.
  if (isPatient && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const closing: string[] = [];
  const again: string[] = [];
  const failures: string[] = [];
  let isClosing = false;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (CLOSING.test(line)) {
        closing.push(line);
        isClosing = true;
      } else if (isClosing && failures.length < MOST_LINES) failures.push(line);
      if (SECOND_TRY.test(line)) again.push(line.replace(SECOND_TRY, ''));
      console.log(`${name} | ${line}`);
    });
  }
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? 1)));
  console.log(
    `${name} | ended after ${Math.round((performance.now() - began) / 1_000)} s, exit code ${code}`,
  );
  return { name, code, closing, again, failures };
}

/** So many at a time, in that order. */
async function sideBySide(runs: readonly Run[], most: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = [...runs];
  const next = async (): Promise<void> => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift())
      outcomes.push(await perform(run));
  };
  await Promise.all(Array.from({ length: most }, next));
  return outcomes;
}

const count = (outcomes: readonly Outcome[], what: string): number =>
  outcomes
    .flatMap(({ closing }) => closing)
    .filter((line) => line.includes(` ${what}`))
    .reduce((sum, line) => sum + Number.parseInt(line, 10), 0);

/** What is worth running here, in an order that leaves no processor idle and disturbs nothing that has to happen in time. */
async function performAll(): Promise<Outcome[]> {
  const onBrokers = (await realTargets()).length > 0;
  if (!onBrokers && isLongRun) return sideBySide([...REST, ...BROKERS, CHAOS], 3);
  // The contract on the embedded cluster waits most of the time.
  if (!onBrokers) return sideBySide([...CONTRACT_ALONE, ...REST], 4);
  if (!isLongRun) return sideBySide([...BROKERS, ...REST], 2);
  const lanes = [[FIVE], [FOUR, CHAOS], [PATIENT, COMPONENT, UNIT]];
  const outcomes = await Promise.all(lanes.map(async (runs) => sideBySide(runs, 1)));
  return [...outcomes.flat(), await perform(CHAOS_ON_BROKERS), await perform(SCHEDULES)];
}

async function main(): Promise<number> {
  const began = performance.now();
  const outcomes = await performAll();
  for (const { name, closing } of outcomes) console.log(`${name}:\n${closing.join('\n')}`);
  for (const { name, again } of outcomes)
    for (const title of again) console.log(`FAILED AT FIRST: ${name}: ${title}`);
  const broken = outcomes.filter(({ code }) => code !== 0);
  for (const { name, code, failures } of broken)
    console.log(`FAILED: ${name} (exit code ${code})\n${failures.join('\n')}`);
  console.log(`\n${Math.round((performance.now() - began) / 1_000)} s`);
  // A run that broke without a failing test counts as one.
  const failed = Math.max(count(outcomes, 'failing'), broken.length);
  console.log(
    `${count(outcomes, 'passing')} passed, ${failed} failed, ${count(outcomes, 'pending')} skipped`,
  );
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
