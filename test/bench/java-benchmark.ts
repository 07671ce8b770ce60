import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { resolveJars } from '../support/real/jars.ts';
import { reapProcess } from '../support/real/reaper.ts';
import { pause, round } from './closed-loop.ts';
import type { Sample } from './comparison-table.ts';
import { processCpuMicros } from './process-cpu.ts';
import { storedMessages } from './stored-messages.ts';

const MAIN = 'org.apache.rocketmq.example.benchmark.Producer';

/** The heap of RocketMQ's own `benchmark/runclass.sh`; logs go where they are thrown away. */
const JVM = ['-Xms1g', '-Xmx1g', '-Xmn256m', '-Drmq.logback.configurationFile=rmq.tools.logback.xml'];

export interface JavaBenchmarkOptions {
  readonly nameServers: string;
  readonly topic: string;
  /** Sends under way at a time: each blocks a thread. */
  readonly threads: number;
  /** Bytes. */
  readonly bodySize: number;
  readonly warmUp: number;
  readonly seconds: number;
}

interface Mark {
  readonly at: number;
  readonly stored: number;
  readonly cpu: number;
}

/**
 * Runs the producer of RocketMQ's own benchmark (rocketmq-example 5.5.0; it writes binary headers) and measures it from outside:
 * the processor time of its process against the messages the broker stored within the same window. It prints no percentiles.
 */
export async function runJavaBenchmark(options: JavaBenchmarkOptions): Promise<Sample> {
  const home = await mkdtemp(join(tmpdir(), 'rocketmq-benchmark-'));
  const jars = await resolveJars('5.5.0');
  const { nameServers, topic, threads, bodySize } = options;
  // A line each second from the tenth on, each over the ten seconds before it.
  const args = ['-n', nameServers, '-t', topic, '-w', `${threads}`, '-s', `${bodySize}`, '-ri', '1000'];
  const child = spawn('java', [...JVM, `-Duser.home=${home}`, '-cp', `${jars}/*`, MAIN, ...args], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  reapProcess(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output = (output + chunk).slice(-20_000)));
  }
  const closed = once(child, 'close');
  try {
    return await measure(child.pid ?? 0, options, () => output);
  } finally {
    child.kill('SIGKILL');
    await closed;
    await rm(home, { recursive: true, force: true });
  }
}

async function measure(pid: number, options: JavaBenchmarkOptions, output: () => string): Promise<Sample> {
  const { nameServers, topic } = options;
  const mark = async (): Promise<Mark> => ({
    stored: await storedMessages(nameServers, topic),
    cpu: await processCpuMicros(pid),
    at: performance.now(),
  });
  const start = await mark().catch((cause: unknown) => {
    throw new Error('Java could not be started', { cause });
  });
  await untilSending(start, mark, output);
  await pause(options.warmUp);
  const from = await mark();
  await pause(options.seconds);
  const to = await mark();
  const messages = to.stored - from.stored;
  const failed = figures(output(), 'Send Failed: (\\d+)') + figures(output(), 'Response Failed: (\\d+)');
  const printed = figures(output(), 'Send TPS: (\\d+)');
  return {
    failed,
    messagesPerSecond: Math.round((messages * 1000) / (to.at - from.at)),
    cpuMicrosPerMessage: round((to.cpu - from.cpu) / Math.max(1, messages)),
    ...(printed > 0 && {
      meanMicros: Math.round(figures(output(), 'Average RT\\(ms\\):\\s*([\\d.]+)') * 1000),
      printedPerSecond: printed,
    }),
  };
}

async function untilSending(start: Mark, mark: () => Promise<Mark>, output: () => string): Promise<void> {
  for (;;) {
    const { at, stored } = await mark().catch((cause: unknown) => {
      throw new Error(`Java's benchmark ended:\n${output()}`, { cause });
    });
    if (stored > start.stored) return;
    if (at - start.at > 30_000) throw new Error(`Java's benchmark sends nothing:\n${output()}`);
    await pause(0.1);
  }
}

/** A figure of the last line that has it; 0 when there is none yet. */
function figures(output: string, pattern: string): number {
  const found = [...output.matchAll(new RegExp(pattern, 'g'))].at(-1);
  return Number(found?.[1] ?? 0);
}
