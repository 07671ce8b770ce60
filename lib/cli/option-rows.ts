import { UsageError, type OptionRow } from './command.ts';

/** A switch that is off unless it is given. */
export const flag = (description: string): OptionRow<boolean> => ({
  description,
  fallback: false,
  parse: () => true,
});

interface NumberRange {
  readonly value: string;
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

/** A whole number within bounds. */
export const wholeNumber = (
  description: string,
  { value, fallback, min, max }: NumberRange,
): OptionRow<number> => ({
  description,
  value,
  fallback,
  shown: String(fallback),
  parse(text) {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < min || number > max) {
      throw new UsageError(`must be a whole number from ${min} to ${max}, not ${text}`);
    }
    return number;
  },
});

/** Seconds on the command line, with or without a fraction; milliseconds in the program. */
export const seconds = (
  description: string,
  { fallback, min, max }: Omit<NumberRange, 'value'>,
): OptionRow<number> => ({
  description,
  value: 'seconds',
  fallback: fallback * 1_000,
  shown: String(fallback),
  parse(text) {
    const number = Number(/^\d+(\.\d+)?s?$/.test(text) ? text.replace('s', '') : Number.NaN);
    if (!(number >= min && number <= max)) {
      throw new UsageError(`must be a number of seconds from ${min} to ${max}, not ${text}`);
    }
    return Math.round(number * 1_000);
  },
});

/** Name servers to use. */
export const nameServers = (description: string): OptionRow<string | undefined> => ({
  description,
  value: 'addresses',
  short: 'n',
  fallback: undefined,
  parse: (text) => text,
});
