import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { it } from 'mocha';

import { describeLong } from '../../support/long.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a command of an example's README as it stands there. */
async function run(folder: string, command: RegExp): Promise<Outcome> {
  const readme = readFileSync(`${ROOT}/examples/${folder}/README.md`, 'utf8');
  const line = readme.split('\n').find((each) => command.test(each));
  if (line === undefined) throw new Error(`examples/${folder}/README.md has no command ${command.source}`);
  const [program = '', ...args] = line.split(' ');
  // Not npx: it may ask the registry. And a test runner that runs in another believes it is part of it.
  const script = { mocha: 'mocha/bin/mocha.js', tsx: 'tsx/dist/cli.mjs' }[args[0] ?? ''];
  const rest = program === 'npx' ? [`node_modules/${script ?? ''}`, ...args.slice(1)] : args;
  const { NODE_TEST_CONTEXT: _context, NAMESRV_ADDR: _address, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      rest,
      { cwd: ROOT, env: { ...env, NO_COLOR: '1' }, timeout: 150_000 },
      (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${out}${err}` }),
    );
  });
}

describeLong('Commands of the examples, as their pages have them', function () {
  this.timeout(180_000);

  it('load-balance: two consumers share, one dies, the other takes over', async () => {
    const { code, output } = await run('load-balance', /^npx tsx/);
    expect(output).to.contain('As it should be.');
    expect(code, output).to.equal(0);
  });

  it('testing: a service is tested with mocha', async () => {
    const { code, output } = await run('testing', /^npx mocha/);
    expect(output).to.contain('3 passing');
    expect(code, output).to.equal(0);
  });

  it('testing: a service is tested with node:test', async () => {
    const { code, output } = await run('testing', /^node /);
    expect(output).to.match(/pass 2\b/);
    expect(code, output).to.equal(0);
  });
});
