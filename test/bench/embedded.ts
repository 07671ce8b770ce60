/**
 * The embedded cluster must not be the bottleneck of anything that is measured on it:
 *
 *   node --import tsx test/bench/embedded.ts [--messages 40000] [--rounds 3] [--size 1024]
 *
 * prints how long it takes to start, and its own CPU per sent and per pulled message beside the client's. The cluster
 * has a process of its own, so neither pays for the other. Both are compiled as they are published, so that no loader is measured.
 * The floor is a server in the same process that only looks over each request and gives always the same answer.
 * Ends with 1 when the cluster needs more than the client, or more than 20 ms to start.
 */
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';

import { PushConsumer } from '../../lib/consumer/push-consumer.ts';
import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Producer } from '../../lib/producer/producer.ts';
import { compileDrivers, driverPath } from './compiled-drivers.ts';
import type { Question, Reply } from './embedded-process.ts';

const starts = 20;
const coldStarts = 5;
/** Milliseconds, median. */
const mostToStart = 20;
/** Sends under way at a time. */
const concurrency = 64;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '40000' },
    rounds: { type: 'string', default: '3' },
    size: { type: 'string', default: '1024' },
  },
});
const [messages, rounds, size] = [values.messages, values.rounds, values.size].map(Number) as [
  number,
  number,
  number,
];

/** CPU in µs, wall time in ms. */
interface Cost {
  readonly client: number;
  readonly cluster: number;
  readonly wall: number;
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

async function warmStarts(): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < starts; count++) {
    const began = performance.now();
    const cluster = await EmbeddedCluster.start({ brokers: 2, topics: { Bench: 4 } });
    times.push(performance.now() - began);
    await cluster.shutdown();
  }
  return times;
}

/** In a new process, the first start and nothing else; the import is told apart. */
function coldStart(): { readonly load: number; readonly start: number } {
  const code = `
    const began = performance.now();
    const { EmbeddedCluster } = await import(${JSON.stringify(new URL('../../lib/embedded/index.js', import.meta.url).href)});
    const loaded = performance.now();
    const cluster = await EmbeddedCluster.start({ brokers: 2, topics: { Bench: 4 } });
    console.log(JSON.stringify({ load: loaded - began, start: performance.now() - loaded }));
    await cluster.shutdown();`;
  const args = ['--input-type=module', '-e', code];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as ReturnType<
    typeof coldStart
  >;
}

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

async function measure(
  ask: (question: Question) => Promise<Reply>,
  work: () => Promise<void>,
): Promise<Cost> {
  const before = { client: cpu(), cluster: (await ask('cpu')).cpu ?? 0, wall: performance.now() };
  await work();
  const wall = performance.now() - before.wall;
  const cluster = ((await ask('cpu')).cpu ?? 0) - before.cluster;
  return { client: (cpu() - before.client) / messages, cluster: cluster / messages, wall };
}

async function sendAll(producer: Producer): Promise<void> {
  const body = Buffer.alloc(size, 'x');
  let left = messages;
  const loop = async (): Promise<void> => {
    while (left-- > 0) await producer.send({ topic: 'Bench', body });
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
}

async function consumeAll(nameServers: string, round: number): Promise<void> {
  let seen = 0;
  const { promise, resolve } = deferred();
  const consumer = new PushConsumer({
    nameServers,
    consumerGroup: `Bench_${round}`,
    consumeFromWhere: 'first',
  });
  consumer.subscribe('Bench', {
    eachMessage: () => {
      if (++seen === messages * (round + 1)) resolve();
    },
  });
  await consumer.start();
  await promise;
  await consumer.shutdown();
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

function report(title: string, costs: readonly Cost[], perMessage = 1): number {
  const client = median(costs.map((cost) => cost.client)) / perMessage;
  const cluster = median(costs.map((cost) => cost.cluster)) / perMessage;
  const rate = (messages * perMessage * 1000) / median(costs.map((cost) => cost.wall));
  const share = `${((100 * cluster) / client).toFixed(0)} %`;
  console.log(
    `${title.padEnd(10)} client ${client.toFixed(1)} µs, cluster ${cluster.toFixed(1)} µs (${share}), ${rate.toFixed(0)}/s`,
  );
  return cluster / client;
}

async function main(): Promise<void> {
  const cold = Array.from({ length: coldStarts }, coldStart);
  const first = median(cold.map(({ start }) => start)).toFixed(1);
  const load = median(cold.map(({ load: time }) => time)).toFixed(0);
  const warm = await warmStarts();
  const worst = Math.max(...warm).toFixed(1);
  console.log(
    `start      median of ${starts}: ${median(warm).toFixed(1)} ms, worst ${worst} ms; first in a process ${first} ms, and ${load} ms to load`,
  );
  const child = fork(new URL('embedded-process.js', import.meta.url));
  const ask = async (question: Question): Promise<Reply> => {
    child.send(question);
    const [reply] = (await once(child, 'message')) as [Reply];
    return reply;
  };
  const { nameServers = '', floor = '' } = await ask('start');
  const producer = new Producer({ nameServers, producerGroup: 'Bench' });
  await producer.start();
  // Asks the name server for routes, and takes the floor for the broker.
  const toFloor = new Producer({
    nameServers,
    producerGroup: 'Floor',
    addressMap: (address) => (address === nameServers ? address : floor),
  });
  await toFloor.start();
  const sends: Cost[] = [];
  const floors: Cost[] = [];
  const pulls: Cost[] = [];
  for (let round = 0; round < rounds; round++) {
    sends.push(await measure(ask, async () => sendAll(producer)));
    floors.push(await measure(ask, async () => sendAll(toFloor)));
    // Each group reads from the beginning, so a round reads the messages of all rounds so far.
    const pulled = await measure(ask, async () => consumeAll(nameServers, round));
    const factor = round + 1;
    pulls.push({
      client: pulled.client / factor,
      cluster: pulled.cluster / factor,
      wall: pulled.wall / factor,
    });
  }
  await Promise.all([producer.shutdown(), toFloor.shutdown()]);
  child.send('stop');
  console.log(
    `${messages} messages of ${size} bytes, ${concurrency} at a time, median of ${rounds} rounds, CPU per message:`,
  );
  report('floor', floors);
  const shares = [report('send', sends), report('pull', pulls)];
  process.exitCode = Math.max(...shares) < 1 && median(warm) < mostToStart ? 0 : 1;
}

/** Compiles itself and does it all there. */
async function mainCompiled(): Promise<void> {
  await compileDrivers();
  const compiled = spawn(process.execPath, [driverPath('embedded'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  const [code] = (await once(compiled, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}

await (import.meta.url.endsWith('.ts') ? mainCompiled() : main());
