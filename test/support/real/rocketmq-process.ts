import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { reapProcess, unreference } from './reaper.ts';

/** The last lines a process printed, kept for error messages. */
const TAIL_LINES = 40;
const START_TIMEOUT = 60_000;
const STOP_TIMEOUT = 20_000;

/** Java 17 closes these packages; RocketMQ unmaps its files through them. */
const OPENED = [
  '--add-exports=java.base/sun.nio.ch=ALL-UNNAMED',
  '--add-opens=java.base/java.nio=ALL-UNNAMED',
  '--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED',
  '--add-opens=java.base/java.util=ALL-UNNAMED',
  '--add-opens=java.base/java.lang=ALL-UNNAMED',
];

/** Short runs on few cores: no optimising compiler, no parallel collector, no performance file in the temporary folder. */
const QUICK = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-XX:-UsePerfData', '-Xshare:auto'];

export interface JavaCommand {
  /** Folder with the jars. */
  readonly jars: string;
  /** `ROCKETMQ_HOME` and `user.home`: configuration, store and logs all lie below it. */
  readonly home: string;
  readonly mainClass: string;
  readonly args: readonly string[];
  readonly jvmOptions?: readonly string[];
  /** Environment variables on top of this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

export function spawnJava(command: JavaCommand): ChildProcess {
  const child = spawn(
    javaExecutable(),
    [
      ...QUICK,
      ...OPENED,
      `-Duser.home=${command.home}`,
      // Native libraries and certificates are unpacked here; a killed JVM leaves them behind.
      `-Djava.io.tmpdir=${command.home}/tmp`,
      ...(command.jvmOptions ?? []),
      '-cp',
      `${command.jars}/*`,
      command.mainClass,
      ...command.args,
    ],
    {
      cwd: command.home,
      env: { ...withoutRocketMQ(process.env), ...command.env, ROCKETMQ_HOME: command.home },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: an interrupt typed at the terminal is for the test run, which then stops its brokers.
      detached: true,
    },
  );
  reapProcess(child);
  return child;
}

export function javaExecutable(): string {
  const home = process.env['JAVA_HOME'];
  return home === undefined || home === '' ? 'java' : `${home}/bin/java`;
}

/** A developer's own settings (NAMESRV_ADDR above all) must not reach the cluster under test. */
function withoutRocketMQ(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(NAMESRV_ADDR|ROCKETMQ_HOME|JAVA_TOOL_OPTIONS|JAVA_OPT|JAVA_OPT_EXT)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}

/** A name server or broker that can be stopped, killed and started again with the same command line. */
export class RocketMQProcess {
  readonly #label: string;
  readonly #command: JavaCommand;
  readonly #readyLine: string;
  #child: ChildProcess | undefined;
  #output: string[] = [];

  constructor(label: string, command: JavaCommand, readyLine: string) {
    this.#label = label;
    this.#command = command;
    this.#readyLine = readyLine;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What the process printed last. */
  get output(): string {
    return this.#output.join('\n');
  }

  /** Starts the process and waits for its ready line. Does nothing when it runs. */
  async start(): Promise<void> {
    if (this.#child !== undefined) return;
    this.#output = [];
    const child = spawnJava(this.#command);
    this.#child = child;
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    try {
      await this.#ready(child);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    unreference(child, child.stdout, child.stderr);
  }

  /** Asks the process to end (TERM runs RocketMQ's own shutdown), then kills it after 20 s. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.ref();
    const exited = once(child, 'exit');
    child.kill(signal);
    // A frozen process would never see the signal.
    child.kill('SIGCONT');
    const deadline = new AbortController();
    const outcome = await Promise.race([exited, delay(STOP_TIMEOUT, 'late', { signal: deadline.signal })]);
    deadline.abort();
    if (outcome === 'late') {
      child.kill('SIGKILL');
      await exited;
    }
  }

  /** Ends the process as a crash would: no goodbye, the store is left as it is. */
  async kill(): Promise<void> {
    await this.stop('SIGKILL');
  }

  /** Stops the process in its tracks: its sockets stay open and answer nothing. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** Lets a frozen process go on. */
  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async #ready(child: ChildProcess): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = (reason: string): void =>
          reject(new StartError(`${this.#label} ${reason}`, this.output));
        timer = setTimeout(() => fail(`was not ready within ${START_TIMEOUT} ms`), START_TIMEOUT);
        child.once('error', (error) => fail(`could not be started: ${error.message}`));
        // 'close' rather than 'exit': by then everything it printed has been read.
        child.once('close', (code, signal) =>
          fail(`ended before it was ready (${signal ?? `exit code ${code}`})`),
        );
        for (const stream of [child.stdout, child.stderr]) {
          stream?.setEncoding('utf8').on('data', (chunk: string) => {
            this.#keep(chunk);
            if (this.output.includes(this.#readyLine)) resolve();
          });
        }
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #keep(chunk: string): void {
    const text = (this.#output.pop() ?? '') + chunk;
    this.#output = [...this.#output, ...text.split('\n')].slice(-TAIL_LINES);
  }
}

/** A JVM that did not come up; `output` is what it printed. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly output: string;

  constructor(message: string, output: string) {
    super(`${message}${output.trim() === '' ? '' : `\n${output.trim()}`}`);
    this.output = output;
  }

  get portTaken(): boolean {
    return /Address already in use|BindException/.test(this.output);
  }
}
