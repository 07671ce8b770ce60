import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The lines that an example prints: `broadcasting` is `examples/broadcasting/main.ts`. Rejects when it fails or takes longer than 60 s. */
export async function runExample(name: string, ...args: readonly string[]): Promise<readonly string[]> {
  const command = ['--import', 'tsx', `examples/${name}/main.ts`, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: 110_000 });
  return stdout.split('\n').filter((line) => line !== '');
}
