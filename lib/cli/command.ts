import type { Terminal } from './terminal.ts';

/** One option of a command. Its flag is its name in the table: `dropNotices` is `--drop-notices`. */
export interface OptionRow<T> {
  readonly description: string;
  /** Name of the value in the help, such as `seconds`; options without one are switches. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
  readonly fallback: T;
  /** How the help shows the fallback. */
  readonly shown?: string;
  /** @throws {UsageError} that says what is allowed. */
  parse(text: string): T;
}

/** Any options. */
export type OptionRows = Readonly<Record<string, OptionRow<unknown>>>;

/** The values of options, by name. */
export type OptionValues<O extends OptionRows> = {
  readonly [K in keyof O]: O[K] extends OptionRow<infer T> ? T : never;
};

/** One command of `rmq`: a file in `commands/` that declares one, and a line in `command-table.ts`. */
export interface CommandRow<O extends OptionRows = OptionRows> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** More, for the command's own help. */
  readonly description?: string;
  readonly options: O;
  /** Command lines and what they do; the help begins with them. */
  readonly examples: readonly (readonly [command: string, effect: string])[];
  /** Does the work and answers with the exit code. What it needs is imported here, so that the other commands start quickly. */
  run(options: OptionValues<O>, terminal: Terminal): Promise<number>;
}

/** A row whose `run` is typed by its own options. */
export const command = <const O extends OptionRows>(row: CommandRow<O>): CommandRow => row;

/** A command line that makes no sense. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
