import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';

import { existingCluster } from '../../lib/cli/demo/demo-cluster.ts';
import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Producer, RouteNotFoundError } from '../../lib/index.ts';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('rmq demo', () => {
  let child: ChildProcess | undefined;

  afterEach(() => {
    child?.kill('SIGKILL');
  });

  it('shows a take-over, loses nothing and ends by itself', async function () {
    this.timeout(45_000);
    const { code, stdout, stderr } = await run('demo', '--pause', '0.5');
    expect(stderr).to.equal('');
    expect(code, stdout).to.equal(0);
    expect(stdout).to.match(/4\/4 queues, all consumed/);
    expect(stdout).to.match(/3\/3\/2 queues, all consumed/);
    expect(stdout).to.match(/Consumer2 is killed \(SIGKILL\)/);
    expect(stdout).to.match(/4\/4 queues: all owned and consumed again [\d.]+ m?s after the kill/);
    expect(stdout).to.match(/^Take-over after SIGKILL +[\d.]+ m?s$/m);
    expect(stdout).to.match(/^Messages lost +0$/m);
    const acknowledged = /^Messages acknowledged +([\d,]+)$/m.exec(stdout)?.[1]?.replaceAll(',', '');
    expect(Number(acknowledged)).to.be.greaterThan(100);
  });

  it('ends in order at Ctrl-C, with its consumers', async function () {
    if (!existsSync('/proc/self/stat')) this.skip();
    this.timeout(45_000);
    const ended = run('demo', '--pause', '60');
    await untilPrinted(/4\/4 queues/);
    const children = await consumersOf(child?.pid);
    child?.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).to.equal(130);
    expect(stderr).to.match(/Interrupted by SIGINT/);
    expect(children).to.have.length(2);
    for (const pid of children) expect(await isAlive(pid), `process ${pid}`).to.equal(false);
  });

  it('leaves no consumer behind when it is killed', async function () {
    if (!existsSync('/proc/self/stat')) this.skip();
    this.timeout(45_000);
    const ended = run('demo', '--pause', '60');
    await untilPrinted(/4\/4 queues/);
    const children = await consumersOf(child?.pid);
    child?.kill('SIGKILL');
    await ended;
    expect(children).to.have.length(2);
    for (const pid of children) {
      while (await isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  it('says what is wrong with an option, and that with exit code 2', async function () {
    this.timeout(20_000);
    const { code, stderr } = await run('demo', '--queues', 'many');
    expect(code).to.equal(2);
    expect(stderr).to.match(/--queues.* whole number from 3 to 16, not many/);
  });

  it('says that no name server answers, and that with exit code 4', async function () {
    this.timeout(20_000);
    const { code, stderr } = await run('demo', '--namesrv', '127.0.0.1:1');
    expect(code).to.equal(4);
    expect(stderr).to.match(/127\.0\.0\.1:1/);
  });

  it('makes its topic on one broker of a cluster that is there, and deletes it at the end', async () => {
    await using cluster = await EmbeddedCluster.start({ brokers: 2, autoCreateTopics: false });
    const { nameServers } = cluster;
    await using producer = new Producer({ nameServers });
    await producer.start();
    {
      await using _demo = await existingCluster(nameServers, 'DemoTopic', 8, new AbortController().signal);
      const queues = await producer.fetchQueues('DemoTopic');
      expect(queues).to.have.length(8);
      expect(new Set(queues.map(({ brokerName }) => brokerName)).size).to.equal(1);
    }
    const gone: unknown = await producer.fetchQueues('DemoTopic').catch((error: unknown) => error);
    expect(gone).to.be.instanceOf(RouteNotFoundError);
  });

  async function run(...args: string[]): Promise<Ended> {
    const env = { ...process.env, NO_COLOR: '1', CI: '1', FORCE_COLOR: '' };
    const started = spawn(process.execPath, ['--import', 'tsx', 'lib/cli/main.ts', ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    let stdout = '';
    let stderr = '';
    started.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    started.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = (await once(started, 'close')) as [number | null];
    return { code, stdout, stderr };
  }

  async function untilPrinted(pattern: RegExp): Promise<void> {
    let seen = '';
    await new Promise<void>((resolve) => {
      child?.stdout?.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        if (pattern.test(seen)) resolve();
      });
    });
  }
});

/** Process ids of the children of a process, from Linux's /proc. */
async function consumersOf(parent: number | undefined): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(pids.map(async (pid) => parentOf(pid)));
  return pids.filter((_, index) => parents[index] === parent);
}

async function parentOf(pid: number): Promise<number | undefined> {
  return (await statOf(pid))?.parent;
}

/** A process that has ended but that nobody has asked about, is not alive. */
async function isAlive(pid: number): Promise<boolean> {
  const state = (await statOf(pid))?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

async function statOf(pid: number): Promise<{ state: string | undefined; parent: number } | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
