import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { VERSIONS, type RocketMQVersion } from './jars.ts';
import { RealCluster } from './real-cluster.ts';
import { javaExecutable } from './rocketmq-process.ts';
import { shared } from './shared-clusters.ts';
import { dockerCluster, givenCluster, type TestCluster } from './test-cluster.ts';

/** Where a suite that needs a real RocketMQ runs; there is one for each generation. */
export interface Target {
  /** For titles, for example `RocketMQ 5.5.0 (jvm)`. */
  readonly label: string;
  readonly kind: 'address' | 'docker' | 'jvm';
  /** Of an address that was given it is known only when ROCKETMQ_TEST_VERSIONS names exactly one. */
  readonly version: RocketMQVersion | undefined;
  /** The cluster that all suites of this run share: the first call starts it (seconds), the root hook stops it. */
  cluster(): Promise<TestCluster>;
}

/** Milliseconds for a test or hook. A cluster takes 3 s to start, on a machine that is busy with other things 30 s. */
const SUITE_TIMEOUT = 120_000;

let targets: Promise<readonly Target[]> | undefined;

/**
 * What this machine offers, in this order: the address in ROCKETMQ_TEST_NAMESRV; Docker, if ROCKETMQ_TEST_DOCKER=1 and
 * an engine answers; Java and Maven. None gives an empty list and one line on the console, or an error if
 * ROCKETMQ_TEST_REQUIRED=1. ROCKETMQ_TEST_VERSIONS=5.5.0 leaves the other generations out.
 */
export function realTargets(): Promise<readonly Target[]> {
  targets ??= findTargets();
  return targets;
}

/**
 * Declares the suite once for each target; for none, as pending.
 *
 * ```ts
 * await describeReal('Producer', (target) => {
 *   it('sends', async () => { const { nameServers } = await target.cluster(); });
 * });
 * ```
 *
 * The time limit of tests and hooks inside is 2 minutes.
 */
export async function describeReal(title: string, define: (target: Target) => void): Promise<void> {
  const found = await orFailingTest(`${title} on a real RocketMQ`, realTargets);
  if (found?.length === 0)
    describe.skip(`${title} on a real RocketMQ`, () => it('needs Java and Maven, Docker, or an address'));
  for (const target of found ?? []) {
    describe(`${title} on ${target.label}`, function () {
      this.timeout(SUITE_TIMEOUT);
      define(target);
    });
  }
}

/**
 * The same for suites that stop, kill and add brokers, and so need processes: declared once for each generation if Java
 * and Maven are there. `RealCluster.start({ version })` gives a cluster of one's own, `sharedCluster(version)` the
 * common one.
 */
export async function describeProcesses(
  title: string,
  define: (version: RocketMQVersion) => void,
): Promise<void> {
  const versions = await orFailingTest(`${title} on RocketMQ processes`, async () => {
    if (await hasJava()) return wantedVersions();
    unavailable('Java and Maven are not there');
    return [];
  });
  if (versions?.length === 0)
    describe.skip(`${title} on RocketMQ processes`, () => it('needs Java and Maven'));
  for (const version of versions ?? []) {
    describe(`${title} on RocketMQ ${version}`, function () {
      this.timeout(SUITE_TIMEOUT);
      define(version);
    });
  }
}

/** An error while mocha loads a file ends up as a misleading one about module formats; a test that fails says what it is. */
async function orFailingTest<T>(title: string, find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    describe(title, () => {
      it('finds a cluster', () => {
        throw error;
      });
    });
    return undefined;
  }
}

/** The process cluster of a generation that all suites of this run share. */
export function sharedCluster(version: RocketMQVersion): Promise<RealCluster> {
  return shared(`jvm ${version}`, () => RealCluster.start({ version }));
}

async function findTargets(): Promise<readonly Target[]> {
  const versions = wantedVersions();
  const address = process.env['ROCKETMQ_TEST_NAMESRV'];
  if (address !== undefined && address !== '') return [addressTarget(address, versions)];
  if (process.env['ROCKETMQ_TEST_DOCKER'] === '1' && (await hasDocker())) return versions.map(dockerTarget);
  if (await hasJava()) return versions.map(jvmTarget);
  unavailable('neither ROCKETMQ_TEST_NAMESRV, nor Docker (with ROCKETMQ_TEST_DOCKER=1), nor Java and Maven');
  return [];
}

function addressTarget(nameServers: string, versions: readonly RocketMQVersion[]): Target {
  const [version, ...others] = versions;
  return {
    label: `RocketMQ at ${nameServers}`,
    kind: 'address',
    version: others.length === 0 ? version : undefined,
    cluster: async () => givenCluster(nameServers),
  };
}

function dockerTarget(version: RocketMQVersion): Target {
  return {
    label: `RocketMQ ${version} (docker)`,
    kind: 'docker',
    version,
    cluster: () => shared(`docker ${version}`, () => dockerCluster(version)),
  };
}

function jvmTarget(version: RocketMQVersion): Target {
  return {
    label: `RocketMQ ${version} (jvm)`,
    kind: 'jvm',
    version,
    cluster: () => sharedCluster(version),
  };
}

/** Those of ROCKETMQ_TEST_VERSIONS; default all. */
export function wantedVersions(): readonly RocketMQVersion[] {
  const wanted = (process.env['ROCKETMQ_TEST_VERSIONS'] ?? '').split(',').map((version) => version.trim());
  const unknown = wanted.filter((version) => version !== '' && !VERSIONS.some((known) => known === version));
  if (unknown.length > 0) {
    throw new Error(`ROCKETMQ_TEST_VERSIONS: ${unknown.join(', ')} is none of ${VERSIONS.join(', ')}`);
  }
  return wanted.every((version) => version === '')
    ? VERSIONS
    : VERSIONS.filter((version) => wanted.includes(version));
}

async function hasDocker(): Promise<boolean> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  return getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
}

let java: Promise<boolean> | undefined;

function hasJava(): Promise<boolean> {
  const runs = (command: string, argument: string): Promise<boolean> =>
    promisify(execFile)(command, [argument]).then(
      () => true,
      () => false,
    );
  java ??= Promise.all([runs(javaExecutable(), '-version'), runs('mvn', '--version')]).then((found) =>
    found.every(Boolean),
  );
  return java;
}

const reported = new Set<string>();

function unavailable(reason: string): void {
  const text = `no real RocketMQ to test with: ${reason}`;
  if (process.env['ROCKETMQ_TEST_REQUIRED'] === '1') throw new Error(`${text} (ROCKETMQ_TEST_REQUIRED=1)`);
  if (!reported.has(text)) console.log(`${text}; suites that need one are skipped`);
  reported.add(text);
}
