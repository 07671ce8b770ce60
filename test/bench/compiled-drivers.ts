import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Below node_modules, so that the packages are found. */
const OUT = join(ROOT, 'node_modules', '.cache', `rocketmq-bench-${process.pid}`);

const PROGRAMS = [
  'driver',
  'ali-ons-driver',
  'group-member',
  'handover-member',
  'ali-ons-member',
  'embedded',
  'embedded-process',
];

const execute = promisify(execFile);

/** Compiles the library and the drivers as they are published, so that no loader is measured; until this process ends. Answers the commit. */
export async function compileDrivers(): Promise<string> {
  process.once('exit', () => rmSync(OUT, { recursive: true, force: true }));
  await mkdir(OUT, { recursive: true });
  const project = join(OUT, 'tsconfig.json');
  const compilerOptions = {
    outDir: OUT,
    rootDir: ROOT,
    noCheck: true,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
  };
  const include = [
    join(ROOT, 'lib'),
    join(ROOT, 'protocol'),
    ...PROGRAMS.map((program) => join(ROOT, 'test/bench', `${program}.ts`)),
  ];
  await writeFile(
    project,
    JSON.stringify({ extends: join(ROOT, 'tsconfig.build.json'), compilerOptions, include, exclude: [] }),
  );
  await writeFile(join(OUT, 'package.json'), JSON.stringify({ type: 'module' }));
  await execute(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project]);
  const { stdout } = await execute('git', ['-C', ROOT, 'describe', '--always', '--dirty']);
  return stdout.trim();
}

/** Where a compiled program lies. */
export function driverPath(program: string): string {
  return join(OUT, 'test/bench', `${program}.js`);
}

/** Runs a compiled driver in a process of its own and answers its last line. */
export async function runDriver(driver: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, [driverPath(driver), ...args]);
  return stdout.trim().split('\n').at(-1) ?? '';
}
