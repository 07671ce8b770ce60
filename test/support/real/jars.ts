import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The generations every change is tested against. */
export const VERSIONS = ['4.9.7', '5.5.0'] as const;
export type RocketMQVersion = (typeof VERSIONS)[number];

const SCRIPT = fileURLToPath(new URL('../../../docker/jars/resolve.sh', import.meta.url));
const resolved = new Map<RocketMQVersion, Promise<string>>();

/** The folder with the jars of a version; Maven fills it the first time (seconds), the cache outlives the run. */
export function resolveJars(version: RocketMQVersion): Promise<string> {
  let folder = resolved.get(version);
  if (folder === undefined) {
    folder = run(version);
    resolved.set(version, folder);
  }
  return folder;
}

async function run(version: RocketMQVersion): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', [SCRIPT, version]);
  return stdout.trim();
}
