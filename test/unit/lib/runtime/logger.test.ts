import { spawnSync } from 'node:child_process';

import { expect } from 'chai';
import { describe, it } from 'mocha';

import { resolveLogger, silentLogger } from '../../../../lib/logger.ts';

/** What a process of its own prints that runs `code` with this level. */
function run(code: string, level?: string): string {
  const script = `import { resolveLogger } from './lib/logger.ts';\n${code}`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script],
    {
      encoding: 'utf8',
      env: { ...process.env, ROCKETMQ_LOG: level },
    },
  );
  return stdout + stderr;
}

describe('resolveLogger', () => {
  it('is silent unless something is asked for', () => {
    expect(resolveLogger()).to.equal(silentLogger);
    expect(resolveLogger('silent')).to.equal(silentLogger);
    expect(silentLogger.child({ component: 'x' })).to.equal(silentLogger);
  });

  it('uses the logger that is given', () => {
    const own = { ...silentLogger };
    expect(resolveLogger(own)).to.equal(own);
  });

  it('loads pino at the level that ROCKETMQ_LOG names, and redacts secrets', () => {
    const printed = run(
      `const logger = resolveLogger().child({ component: 'c' });
      logger.debug('not this');
      logger.info({ credentials: { secretKey: 'planted' }, Signature: 'planted' }, 'this');`,
      'info',
    );
    const line = JSON.parse(printed) as Record<string, unknown>;
    expect(line).to.include({ name: 'rocketmq', component: 'c', msg: 'this', Signature: '[Redacted]' });
    expect(printed).not.to.contain('planted');
  });

  it('does not load pino otherwise', () => {
    const code = `resolveLogger(); const { createRequire } = await import('node:module');
      console.log(Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('/pino/')).length);`;
    expect(run(code).trim()).to.equal('0');
  });
});
