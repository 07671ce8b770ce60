/**
 * One interleaved run of this client, ali-ons, Java and Java's own benchmark beside one real broker of 5.5.0, each sample in a process
 * of its own: `npx tsx test/bench/compare.ts`; the options are in README.md. Throughput over loopback varies by a factor between runs:
 * read the processor time, and the ratios.
 */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { buildJava } from '../support/java.ts';
import { RealCluster } from '../support/real/real-cluster.ts';
import { compileDrivers, runDriver } from './compiled-drivers.ts';
import { printTable, summarise } from './comparison-table.ts';
import type { GuardedSample, Sample, Summaries } from './comparison-table.ts';
import { javaBenchmarkContender, javaContender, nodeContender, readingContender } from './contenders.ts';
import type { Contender, Load } from './contenders.ts';
import { NoiseGuard } from './noise-guard.ts';
import { judge } from './verdict.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '6' },
    'warm-up': { type: 'string', default: '5' },
    'java-warm-up': { type: 'string', default: '10' },
    messages: { type: 'string', default: '600000' },
    'in-flight': { type: 'string', default: '64' },
    size: { type: 'string', default: '128' },
    only: { type: 'string' },
    clients: { type: 'string', default: 'ours,ours-reading,ali-ons,java,java-benchmark' },
    tolerance: { type: 'string', default: '1.05' },
    repeats: { type: 'string', default: '3' },
    out: { type: 'string' },
  },
});
const roundCount = Number(values.rounds);
const guard = new NoiseGuard(Number(values.repeats), Number(values.tolerance));

/** Those that were asked for, in that order. */
async function chosenContenders(load: Load): Promise<Contender[]> {
  const known: Record<string, () => Promise<Contender>> = {
    ours: async () => nodeContender('ours', 'driver', load),
    'ours-binary': async () => nodeContender('ours-binary', 'driver', load, ['--binary']),
    'ours-reading': async () => readingContender(load),
    'ali-ons': async () => nodeContender('ali-ons', 'ali-ons-driver', load),
    java: async () => javaContender(await buildJava(), load),
    'java-benchmark': async () => javaBenchmarkContender(load),
  };
  const wanted = values.clients.split(',').map((name) => {
    const make = known[name];
    if (make === undefined)
      throw new Error(`There is no client "${name}", only ${Object.keys(known).join(', ')}`);
    return make();
  });
  return Promise.all(wanted);
}

/** Fills a topic for the consumers. */
async function fillBacklog(nameServers: string, topic: string): Promise<void> {
  const args = ['-n', nameServers, '-t', topic, '--messages', values.messages, '--json'];
  await runDriver('driver', ['fill', '-w', '256', '-s', '1024', ...args]);
  // Read once beforehand, so that no contender finds a broker that has never served a pull.
  await runDriver('driver', ['consumer', '-g', 'Bench-warm-up', ...args]);
}

interface Turn {
  readonly client: string;
  readonly take: (round: number) => Promise<Sample>;
}

/** All in turn, then all again the other way round, so that none is always the one after the same other. */
async function interleave(name: string, turns: readonly Turn[]): Promise<Summaries> {
  const samples = new Map<string, GuardedSample[]>(turns.map(({ client }) => [client, []]));
  for (let round = 0; round < roundCount; round++) {
    for (const { client, take } of round % 2 === 0 ? turns : turns.toReversed()) {
      const sample = await guard.watch(async () => take(round));
      samples.get(client)?.push(sample);
      const { cpuMicrosPerMessage, messagesPerSecond, failed, noise } = sample;
      console.error(
        `${name} ${round + 1}/${roundCount} ${client}: ${cpuMicrosPerMessage} us, ${messagesPerSecond}/s, failed ${failed}, fixed loop ${noise.slowdown}`,
      );
    }
  }
  return summarise(samples);
}

async function compareProducers(
  cluster: RealCluster,
  contenders: readonly Contender[],
): Promise<Summaries | undefined> {
  if (values.only === 'consumer') return undefined;
  await cluster.createTopic('BenchTopic', { queues: 8 });
  // Otherwise the first in line would be measured with a broker that is still being compiled.
  const args = ['-n', cluster.nameServers, '-t', 'BenchTopic', '--seconds', values['java-warm-up'], '--json'];
  await runDriver('driver', ['producer', ...args]);
  const turns = contenders.flatMap(({ client, produce }) =>
    produce === undefined ? [] : [{ client, take: async () => produce('BenchTopic') }],
  );
  return interleave('producer', turns);
}

async function compareConsumers(
  cluster: RealCluster,
  contenders: readonly Contender[],
): Promise<Summaries | undefined> {
  if (values.only === 'producer') return undefined;
  await cluster.createTopic('BenchBacklog', { queues: 8 });
  await fillBacklog(cluster.nameServers, 'BenchBacklog');
  let groups = 0;
  const turns = contenders.flatMap(({ client, consume }) =>
    consume === undefined
      ? []
      : [{ client, take: async () => consume('BenchBacklog', `Bench-${client}-${++groups}`) }],
  );
  return interleave('consumer', turns);
}

const startedAt = performance.now();
await using cluster = await RealCluster.start({
  version: '5.5.0',
  brokerConfig: { mappedFileSizeCommitLog: 1024 * 1024 * 1024, mappedFileSizeConsumeQueue: 6_000_000 },
  // The tests' brokers start faster with the first compiler alone; here it would be the broker that is measured.
  jvmOptions: ['-Xms2g', '-Xmx2g', '-XX:TieredStopAtLevel=4'],
});
const contenders = await chosenContenders({
  nameServers: cluster.nameServers,
  inFlight: Number(values['in-flight']),
  bodySize: Number(values.size),
  seconds: Number(values.seconds),
  warmUp: Number(values['warm-up']),
  javaWarmUp: Number(values['java-warm-up']),
  messages: Number(values.messages),
});
const commit = await compileDrivers();
const producer = await compareProducers(cluster, contenders);
const consumer = await compareConsumers(cluster, contenders);

const sending = `CPU per acknowledged ${values.size}-byte send, ${values['in-flight']} in flight`;
const verdicts = [
  judge({ what: sending, rival: 'ali-ons', atMost: 0.5 }, producer),
  judge({ what: 'CPU per drained 1-KiB message', rival: 'java', atMost: 0.5 }, consumer),
];
const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
const seconds = Math.round((performance.now() - startedAt) / 1000);
const noise = { slowest: guard.slowest };
const report = { commit, ...machine, seconds, noise, options: values, producer, consumer, verdicts };
if (producer !== undefined) printTable('acknowledged sends (medians)', producer);
if (consumer !== undefined) printTable('drained messages (medians)', consumer);
console.log(`\n${commit}, Node ${process.version}, ${machine.cores} x ${machine.cpu}, ${seconds} s`);
for (const { text } of verdicts) console.log(text);
if (values.out === undefined) console.log(JSON.stringify(report));
else await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`);
if (verdicts.some(({ outcome }) => outcome === 'missed')) process.exitCode = 1;
