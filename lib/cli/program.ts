import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

import { UsageError, type CommandRow, type OptionRow } from './command.ts';
import { ExitCode } from './exit-code.ts';
import { packageVersion } from './package-version.ts';
import { reportError } from './report-error.ts';
import type { Terminal } from './terminal.ts';

/** Runs a command line, without `node` and the program's name, and answers with the exit code. */
export async function runProgram(
  table: readonly CommandRow[],
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  let exitCode: number = ExitCode.done;
  const program = newProgram(terminal);
  for (const row of table) {
    program.addCommand(
      newCommand(row, terminal, async (options) => {
        const fallbacks = Object.entries(row.options).map(([name, { fallback }]) => [name, fallback]);
        exitCode = await row.run({ ...Object.fromEntries(fallbacks), ...options }, terminal);
      }),
    );
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, terminal, args.includes('--verbose'));
    return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  }
}

function newProgram({ out, err }: Terminal): Command {
  return new Command('rmq')
    .description('Tools for Apache RocketMQ, by way of its remoting protocol')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--verbose', 'print the stack of errors')
    .option('--no-color', 'never colour (as with NO_COLOR)')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => err.write(text) });
}

function newCommand(
  row: CommandRow,
  { out, err }: Terminal,
  action: (options: Readonly<Record<string, unknown>>) => Promise<void>,
): Command {
  const command = new Command(row.name)
    .summary(row.summary)
    .description(row.description ?? row.summary)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('before', `${examples(row)}\n`)
    .exitOverride()
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => err.write(text) })
    .action(action);
  for (const [name, option] of Object.entries(row.options)) command.addOption(newOption(name, option));
  return command;
}

function newOption(name: string, row: OptionRow<unknown>): Option {
  const long = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const short = row.short === undefined ? '' : `-${row.short}, `;
  const value = row.value === undefined ? '' : ` <${row.value}>`;
  const option = new Option(`${short}--${long}${value}`, row.description);
  // A switch is off when it is not given; the help need not say so.
  if (row.value === undefined) return option;
  if (row.fallback !== undefined) option.default(row.fallback, row.shown);
  return option.argParser((text) => parseValue(row, text));
}

/** commander puts the name of the option before the message of its own error class alone. */
function parseValue(row: OptionRow<unknown>, text: string): unknown {
  try {
    return row.parse(text);
  } catch (error) {
    throw error instanceof UsageError ? new InvalidArgumentError(`It ${error.message}`) : error;
  }
}

function examples({ examples: rows }: CommandRow): string {
  const width = Math.max(0, ...rows.map(([line]) => line.length));
  return ['Examples:', ...rows.map(([line, effect]) => `  ${line.padEnd(width)}  ${effect}`), ''].join('\n');
}
