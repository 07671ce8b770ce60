import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROJECT = fileURLToPath(new URL('../../docker/java/', import.meta.url));
const MAX_OUTPUT = 256 * 1024 * 1024;

export type JavaProcess = ChildProcessByStdio<Writable, Readable, Readable>;

export type JavaArguments = readonly (string | number)[];

export interface JavaSpawnOptions {
  readonly jvmArgs?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface JavaRunOptions extends JavaSpawnOptions {
  /** What the program reads; it sees the end of its input after it. */
  readonly stdin?: string;
}

/** The compiled programs of `docker/java`. */
export interface JavaPrograms {
  readonly rocketmqVersion: string;
  readonly classPath: string;

  /** Runs a main class such as `rmq.AllocationVectors` and gives its stdout; its exit code must be 0. */
  readonly runJava: (mainClass: string, args: JavaArguments, options?: JavaRunOptions) => Promise<string>;

  /** Starts a main class. Its stderr must be read or resumed; programs that wait leave when stdin ends, so none is left behind. */
  readonly spawnJava: (mainClass: string, args: JavaArguments, options?: JavaSpawnOptions) => JavaProcess;
}

const built = new Map<string, Promise<JavaPrograms>>();

/**
 * Compiles `docker/java` with Maven against a version of the RocketMQ client, once per state of its sources. The
 * result is kept in `$ROCKETMQ_TEST_CACHE`, else in the temporary folder.
 */
export function buildJava(rocketmqVersion = '5.5.0'): Promise<JavaPrograms> {
  let programs = built.get(rocketmqVersion);
  if (programs === undefined) {
    programs = resolveBuild(rocketmqVersion).then((folder) => javaPrograms(rocketmqVersion, folder));
    built.set(rocketmqVersion, programs);
  }
  return programs;
}

async function resolveBuild(rocketmqVersion: string): Promise<string> {
  await requireTool('java', ['-version']);
  const cache = process.env['ROCKETMQ_TEST_CACHE'] ?? join(tmpdir(), 'rocketmq-remoting-cache');
  const folder = join(cache, `java-${rocketmqVersion}-${await hashSources()}`);
  if (await exists(folder)) return folder;

  await requireTool('mvn', ['-version']);
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, '.java-'));
  try {
    const goals = ['-DskipTests', 'package', 'dependency:copy-dependencies'];
    const settings = [`-Drocketmq.version=${rocketmqVersion}`, `-DbuildDirectory=${work}`];
    await promisify(execFile)('mvn', ['-B', '-q', '-f', join(PROJECT, 'pom.xml'), ...settings, ...goals]);
    // The folder gets its name when it is complete; if another run was faster, its folder is as good.
    await rename(work, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } catch (error) {
    // Maven tells what went wrong on stdout.
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    throw new Error(`Maven could not build ${PROJECT}\n${output}`, { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

async function hashSources(): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(join(PROJECT, 'src'), { recursive: true, withFileTypes: true });
  const sources = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  for (const source of [join(PROJECT, 'pom.xml'), ...sources.sort()]) {
    hash.update(`${source.slice(PROJECT.length)}\0`).update(await readFile(source));
  }
  return hash.digest('hex').slice(0, 12);
}

async function requireTool(tool: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(tool, args).catch((cause: unknown) => {
    throw new Error(`"${tool}" does not run here; this test needs Java 17 and Maven`, { cause });
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function javaPrograms(rocketmqVersion: string, folder: string): JavaPrograms {
  const classPath = [join(folder, 'java-reference.jar'), join(folder, 'lib', '*')].join(delimiter);
  const commandLine = (
    mainClass: string,
    args: readonly (string | number)[],
    jvmArgs: readonly string[] = [],
  ) => [...jvmArgs, '-cp', classPath, mainClass, ...args.map(String)];

  return {
    rocketmqVersion,
    classPath,
    async runJava(mainClass, args, { stdin = '', jvmArgs, signal } = {}) {
      const running = promisify(execFile)('java', commandLine(mainClass, args, jvmArgs), {
        maxBuffer: MAX_OUTPUT,
        ...(signal && { signal }),
      });
      running.child.stdin?.on('error', () => {
        // A program that does not read its input may be gone before it is written.
      });
      running.child.stdin?.end(stdin);
      return (await running).stdout;
    },
    spawnJava(mainClass, args, { jvmArgs, signal } = {}) {
      return spawn('java', commandLine(mainClass, args, jvmArgs), {
        stdio: ['pipe', 'pipe', 'pipe'],
        ...(signal && { signal }),
      });
    },
  };
}
