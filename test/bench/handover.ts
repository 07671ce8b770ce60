/**
 * What planned changes of a group cost: 20 joins and leaves at 5,000 messages a second on a real broker of 5.5.0, with this client's
 * hand-overs and with Java's, each member in a process of its own: `npx tsx test/bench/handover.ts`; the options are in README.md.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { buildJava } from '../support/java.ts';
import { RealCluster } from '../support/real/real-cluster.ts';
import { compileDrivers, driverPath } from './compiled-drivers.ts';
import { figures } from '../support/group/figures.ts';
import type { MemberProgram } from './group-process.ts';
import { HandoverTrial } from './handover-trial.ts';

const { values } = parseArgs({
  options: {
    changes: { type: 'string', default: '20' },
    rate: { type: 'string', default: '5000' },
    work: { type: 'string', default: '2' },
    clients: { type: 'string', default: 'locked,immediate,java' },
  },
});

const ours = (handover: string): MemberProgram => ({
  client: handover,
  command: ({ nameServers, group, topic }) => [
    process.execPath,
    driverPath('handover-member'),
    nameServers,
    group,
    topic,
    handover,
    values.work,
  ],
});

const java = (classPath: string): MemberProgram => ({
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
    'concurrently',
    values.work,
  ],
});

const began = performance.now();
await using cluster = await RealCluster.start({
  version: '5.5.0',
  jvmOptions: ['-Xms1g', '-Xmx1g', '-XX:TieredStopAtLevel=4'],
});
const commit = await compileDrivers();
const clients = values.clients.split(',');
const programs = await Promise.all(
  clients.map(async (name) => (name === 'java' ? java((await buildJava()).classPath) : ours(name))),
);
const options = { rate: Number(values.rate), changes: Number(values.changes) };
const table: Record<string, Record<string, number | string>> = {};
let isSpotless = true;
for (const program of programs) {
  const { joins, pauses, ...counts } = await HandoverTrial.run(cluster, program, options);
  const [join, rest] = [figures(joins), figures(pauses)];
  table[program.client] = {
    ...counts,
    'join, ms': `${Math.round(join.median)} (max ${Math.round(join.max)})`,
    'longest pause of a queue, ms': `${Math.round(rest.median)} (max ${Math.round(rest.max)})`,
  };
  console.error(`${program.client}: ${JSON.stringify(table[program.client])} joins ${joins.join(' ')}`);
  if (program.client === 'locked') isSpotless = counts.lost === 0 && counts.repeats === 0;
}
console.log(
  `${values.changes} planned joins and leaves at ${values.rate} messages/s, listeners of ${values.work} ms; median (max)`,
);
console.table(table);
const seconds = Math.round((performance.now() - began) / 1_000);
console.log(`${commit}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, ${seconds} s`);
process.exitCode = isSpotless ? 0 : 1;
