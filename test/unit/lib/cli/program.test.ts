import { PassThrough } from 'node:stream';

import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import picocolors from 'picocolors';

import { command, UsageError, type CommandRow } from '../../../../lib/cli/command.ts';
import { commandTable } from '../../../../lib/cli/command-table.ts';
import { flag, nameServers, seconds, wholeNumber } from '../../../../lib/cli/option-rows.ts';
import { packageVersion } from '../../../../lib/cli/package-version.ts';
import { runProgram } from '../../../../lib/cli/program.ts';
import type { Terminal } from '../../../../lib/cli/terminal.ts';
import {
  ConnectError,
  NameServerError,
  RequestTimeoutError,
  RouteNotFoundError,
} from '../../../../lib/errors.ts';

describe('rmq', () => {
  let out: PassThrough;
  let err: PassThrough;
  let terminal: Terminal;
  let given: unknown;
  let failure: Error | undefined;
  let table: readonly CommandRow[];

  beforeEach(() => {
    out = new PassThrough();
    err = new PassThrough();
    terminal = {
      out,
      err,
      colors: picocolors.createColors(false),
      isLive: false,
      size: () => ({ columns: 80, rows: 24 }),
      signal: new AbortController().signal,
    };
    given = undefined;
    failure = undefined;
    const probe = command({
      name: 'probe',
      summary: 'does what is asked',
      options: {
        namesrv: nameServers('name servers'),
        dropNotices: flag('drop notices'),
        rate: wholeNumber('messages', { value: 'number', fallback: 200, min: 1, max: 500 }),
        pause: seconds('rest', { fallback: 4, min: 0.5, max: 60 }),
      },
      examples: [['rmq probe', 'does it']],
      run: async (options) => {
        given = options;
        if (failure !== undefined) throw failure;
        return options.rate === 7 ? 7 : 0;
      },
    });
    table = [probe];
  });

  const run = async (...args: string[]): Promise<number> => runProgram(table, args, terminal);
  const printed = (stream: PassThrough): string => String(stream.read() ?? '');

  it('fills in what is not given', async () => {
    expect(await run('probe')).to.equal(0);
    expect(given).to.deep.equal({
      namesrv: undefined,
      dropNotices: false,
      rate: 200,
      pause: 4_000,
    });
  });

  it('reads options, and answers with the exit code of the command', async () => {
    expect(await run('probe', '--rate', '7', '--drop-notices', '--pause', '1.5', '-n', 'a:1')).to.equal(7);
    expect(given).to.deep.equal({ namesrv: 'a:1', dropNotices: true, rate: 7, pause: 1_500 });
  });

  for (const [args, message] of [
    [['probe', '--rate', '0'], /--rate <number>.*It must be a whole number from 1 to 500, not 0/],
    [['probe', '--rate', '1e2'], /not 1e2/],
    [['probe', '--pause', '0.1'], /It must be a number of seconds from 0.5 to 60, not 0.1/],
    [['probe', '--rat', '1'], /unknown option '--rat'/],
    [['prob'], /unknown command 'prob'\n\(Did you mean probe\?\)/],
  ] as const) {
    it(`refuses "${args.join(' ')}" with exit code 2 and says why`, async () => {
      expect(await run(...args)).to.equal(2);
      expect(printed(err)).to.match(message);
    });
  }

  for (const [error, code] of [
    [new NameServerError([{ address: 'a:1', error: new Error('refused') }]), 4],
    [new ConnectError('a:1'), 4],
    [new RouteNotFoundError('T'), 4],
    [new RequestTimeoutError('a:1', 'HEART_BEAT', 3_000), 5],
    [new DOMException('Timed out', 'TimeoutError'), 5],
    [new UsageError('not both'), 2],
    [new Error('anything else'), 1],
  ] as const) {
    it(`ends with ${code} after ${error.name}, with its message and without a stack`, async () => {
      failure = error;
      expect(await run('probe')).to.equal(code);
      const text = printed(err);
      expect(text).to.include(`rmq: ${error.message}`);
      expect(text).not.to.match(/\n\s+at /);
    });
  }

  it('shows the stack when it is asked to', async () => {
    failure = new Error('anything');
    await run('probe', '--verbose');
    expect(printed(err)).to.match(/\n\s+at /);
  });

  it('prints the version and the help', async () => {
    expect(await run('--version')).to.equal(0);
    expect(printed(out)).to.equal(`${packageVersion()}\n`);
    expect(await run('probe', '--help')).to.equal(0);
    const help = printed(out);
    expect(help).to.match(/^Examples:\n {2}rmq probe {2}does it\n/);
    expect(help).to.match(/--drop-notices +drop notices\n/);
    expect(help).to.match(/--pause <seconds> +rest \(default: 4\)/);
  });

  it('has examples and a summary for every command', () => {
    for (const { name, summary, examples } of commandTable) {
      expect(summary, name).to.match(/^[a-z].*[^.]$/);
      expect(examples, name).not.to.deep.equal([]);
      for (const [line] of examples) expect(line).to.match(new RegExp(`^rmq ${name}`));
    }
  });
});
