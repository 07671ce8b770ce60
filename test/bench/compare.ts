/**
 * One interleaved run of this client, ali-ons and Java beside one real broker of 5.5.0, each sample in a process of its own:
 * `npx tsx test/bench/compare.ts [--rounds 5] [--seconds 8] [--messages 300000] [--only producer|consumer] [--clients ours,java]
 * [--out FILE]`. Throughput over loopback varies by a factor between runs; read the processor time, and the ratios.
 */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { buildJava } from '../support/java.ts';
import type { JavaPrograms } from '../support/java.ts';
import { RealCluster } from '../support/real/real-cluster.ts';
import { compileDrivers, removeDrivers, runDriver } from './compiled-drivers.ts';
import { printTable, summarise } from './comparison-table.ts';
import type { Sample } from './comparison-table.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '8' },
    'warm-up': { type: 'string', default: '4' },
    messages: { type: 'string', default: '300000' },
    'in-flight': { type: 'string', default: '64' },
    size: { type: 'string', default: '128' },
    only: { type: 'string' },
    clients: { type: 'string', default: 'ours,ali-ons,java' },
    out: { type: 'string' },
  },
});

/** One way to measure one client. */
interface Contender {
  readonly client: string;
  produce(topic: string): Promise<Sample>;
  consume(topic: string, group: string): Promise<Sample>;
}

interface JavaSend {
  readonly failed: number;
  readonly sendsPerSecond: number;
  readonly cpuMicrosPerSend: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
}

interface JavaDrain {
  readonly messagesPerSecond: number;
  readonly cpuMicrosPerMessage: number;
}

function nodeContender(client: string, driver: string, nameServers: string): Contender {
  const run = async (args: readonly string[]): Promise<Sample> =>
    JSON.parse(await runDriver(driver, ['-n', nameServers, '--json', ...args])) as Sample;
  return {
    client,
    produce: (topic) =>
      run([
        'producer',
        '-t',
        topic,
        '-w',
        values['in-flight'],
        '-s',
        values.size,
        '--seconds',
        values.seconds,
        '--warm-up',
        values['warm-up'],
      ]),
    consume: (topic, group) => run(['consumer', '-t', topic, '-g', group, '--messages', values.messages]),
  };
}

function javaContender(java: JavaPrograms, nameServers: string): Contender {
  return {
    client: 'java',
    async produce(topic) {
      const args = [
        nameServers,
        topic,
        values['in-flight'],
        values.seconds,
        values.size,
        Math.max(5, Number(values['warm-up'])),
      ];
      const result = JSON.parse(await java.runJava('rmq.SendBench', args)) as JavaSend;
      const { failed, sendsPerSecond, cpuMicrosPerSend, p50Micros, p99Micros } = result;
      return {
        failed,
        messagesPerSecond: sendsPerSecond,
        cpuMicrosPerMessage: cpuMicrosPerSend,
        p50Micros,
        p99Micros,
      };
    },
    async consume(topic, group) {
      const result = JSON.parse(
        await java.runJava('rmq.ConsumeDrain', [nameServers, group, topic, values.messages]),
      ) as JavaDrain;
      return {
        failed: 0,
        messagesPerSecond: result.messagesPerSecond,
        cpuMicrosPerMessage: result.cpuMicrosPerMessage,
      };
    },
  };
}

/** Fills a topic for the consumers. */
async function fillBacklog(nameServers: string, topic: string): Promise<number> {
  const text = await runDriver('driver', [
    'fill',
    '-n',
    nameServers,
    '-t',
    topic,
    '-w',
    '256',
    '-s',
    '1024',
    '--messages',
    values.messages,
    '--json',
  ]);
  return (JSON.parse(text) as { messages: number }).messages;
}

async function rounds(
  name: string,
  contenders: readonly Contender[],
  measure: (contender: Contender, round: number) => Promise<Sample>,
) {
  const samples = new Map<string, Sample[]>(contenders.map(({ client }) => [client, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const contender of contenders) {
      const sample = await measure(contender, round);
      samples.get(contender.client)?.push(sample);
      console.error(
        `${name} ${round + 1}/${values.rounds} ${contender.client}: ${sample.cpuMicrosPerMessage} us, ${sample.messagesPerSecond}/s, failed ${sample.failed}`,
      );
    }
  }
  return summarise(samples);
}

await using cluster = await RealCluster.start({
  version: '5.5.0',
  brokerConfig: { mappedFileSizeCommitLog: 1024 * 1024 * 1024, mappedFileSizeConsumeQueue: 6_000_000 },
  // The tests' brokers start faster with the first compiler alone; here it would be the broker that is measured.
  jvmOptions: ['-Xms2g', '-Xmx2g', '-XX:TieredStopAtLevel=4'],
});
const { nameServers } = cluster;
const wanted = values.clients.split(',');
const contenders = [
  nodeContender('ours', 'driver', nameServers),
  nodeContender('ali-ons', 'ali-ons-driver', nameServers),
];
if (wanted.includes('java')) contenders.push(javaContender(await buildJava(), nameServers));
const chosen = contenders.filter(({ client }) => wanted.includes(client));
const commit = await compileDrivers();

const report: Record<string, unknown> = {
  commit,
  node: process.version,
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  options: values,
};
if (values.only !== 'consumer') {
  await cluster.createTopic('BenchTopic', { queues: 8 });
  report['producer'] = await rounds('producer', chosen, (contender) => contender.produce('BenchTopic'));
}
if (values.only !== 'producer') {
  await cluster.createTopic('BenchBacklog', { queues: 8 });
  report['backlog'] = await fillBacklog(nameServers, 'BenchBacklog');
  report['consumer'] = await rounds('consumer', chosen, (contender, round) =>
    contender.consume('BenchBacklog', `Bench-${contender.client}-${round}`),
  );
}
await removeDrivers();
printTable(report);
if (values.out !== undefined) await writeFile(values.out, `${JSON.stringify(report, null, 2)}\n`);
