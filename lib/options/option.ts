import { InvalidOptionError } from '../errors.ts';
import { nearestName } from './nearest-name.ts';

/** Whether an option must be given, has a default, or may be absent altogether. */
export type Presence = 'required' | 'defaulted' | 'optional';

/** One row of an option table: how the option is checked, what it is when left out, and what the message says. */
export interface Option<T, P extends Presence = Presence> {
  readonly presence: P;
  readonly fallback: T | undefined;
  /** Completes "must be …". */
  readonly expected: string;
  /** What is wrong with the value, or undefined. A text replaces the default message. */
  check(value: unknown): true | false | string;
  /** Values that must not appear in an error message. */
  readonly secret?: boolean;
}

export type OptionTable = Readonly<Record<string, Option<unknown>>>;
type ValueOf<O> = O extends Option<infer T> ? T : never;

/** What the user may pass. */
export type Options<O extends OptionTable> = {
  readonly [K in keyof O as O[K] extends Option<unknown, 'required'> ? K : never]: ValueOf<O[K]>;
} & {
  readonly [K in keyof O as O[K] extends Option<unknown, 'required'> ? never : K]?: ValueOf<O[K]> | undefined;
};

/** What the code works with: every default filled in. */
export type ResolvedOptions<O extends OptionTable> = {
  readonly [K in keyof O as O[K] extends Option<unknown, 'optional'> ? never : K]: ValueOf<O[K]>;
} & {
  readonly [K in keyof O as O[K] extends Option<unknown, 'optional'> ? K : never]: ValueOf<O[K]> | undefined;
};

/**
 * Checks the options a user gave against their table and fills in the defaults; the result is frozen.
 * Throws {@link InvalidOptionError}: unknown names with the nearest known one, refused values with what is allowed.
 */
export function resolveOptions<O extends OptionTable>(table: O, given: Options<O>): ResolvedOptions<O> {
  if (typeof given !== 'object' || given === null) {
    throw new InvalidOptionError('bag', `must be an object, not ${show(given)}`);
  }
  const values = given as Readonly<Record<string, unknown>>;
  refuseUnknown(table, values);
  const entries = Object.entries(table).map(([name, option]) => [
    name,
    resolveOne(name, option, values[name]),
  ]);
  return Object.freeze(Object.fromEntries(entries)) as ResolvedOptions<O>;
}

function refuseUnknown(table: OptionTable, values: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(values)) {
    if (Object.hasOwn(table, name)) continue;
    const nearest = nearestName(name, Object.keys(table));
    const hint =
      nearest === undefined ? `Known options: ${Object.keys(table).join(', ')}` : `Did you mean ${nearest}?`;
    throw new InvalidOptionError(name, `is unknown. ${hint}`);
  }
}

function resolveOne(name: string, option: Option<unknown>, value: unknown): unknown {
  if (value === undefined) {
    if (option.presence !== 'required') return option.fallback;
    throw new InvalidOptionError(name, `is required: it must be ${option.expected}`);
  }
  checkOption(name, option, value);
  return value;
}

/** @throws {InvalidOptionError} unless the option may have this value. */
export function checkOption(name: string, option: Option<unknown>, value: unknown): void {
  const verdict = option.check(value);
  if (verdict === true) return;
  const seen = option.secret ? '' : `, not ${show(value)}`;
  const reason = typeof verdict === 'string' ? `: ${verdict}` : '';
  throw new InvalidOptionError(name, `must be ${option.expected}${seen}${reason}`);
}

/** A value as an error message shows it: short, and never with control characters. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

const defaulted = <T>(
  fallback: T,
  expected: string,
  check: (value: unknown) => boolean,
): Option<T, 'defaulted'> => ({
  presence: 'defaulted',
  fallback,
  expected,
  check,
});

/** Text that must be given and is not empty. */
export const text = (): Option<string, 'required'> => ({
  presence: 'required',
  fallback: undefined,
  expected: 'a non-empty string',
  check: isText,
});

/** Text that may be left out. */
export const optionalText = (): Option<string, 'optional'> => optional(text());

/** Text with a default. */
export const textOr = (fallback: string): Option<string, 'defaulted'> =>
  defaulted(fallback, 'a non-empty string', isText);

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** A whole number within bounds; both are allowed values. */
export const integer = (
  fallback: number,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: Range = {},
): Option<number, 'defaulted'> => defaulted(fallback, `an integer ${range(min, max)}`, within(min, max));

/** A duration in milliseconds, within bounds; at most what a timer can hold. */
export const millis = (
  fallback: number,
  { min = 1, max = 2_147_483_647 }: Range = {},
): Option<number, 'defaulted'> =>
  defaulted(fallback, `a whole number of milliseconds ${range(min, max)}`, within(min, max));

/** A whole number within bounds that may be left out. */
export const optionalInteger = (bounds: Range = {}): Option<number, 'optional'> =>
  optional(integer(0, bounds));

/** A duration in milliseconds that may be left out. */
export const optionalMillis = (bounds: Range = {}): Option<number, 'optional'> => optional(millis(0, bounds));

/** One of a few words; the first is the default. */
export const oneOf = <const T extends string>(fallback: T, ...others: T[]): Option<T, 'defaulted'> => {
  const words: readonly unknown[] = [fallback, ...others];
  return defaulted(fallback, `one of ${words.join(', ')}`, (value) => words.includes(value));
};

/** On or off. */
export const flag = (fallback = false): Option<boolean, 'defaulted'> =>
  defaulted(fallback, 'true or false', (value) => typeof value === 'boolean');

/** A function with a default. */
export const callback = <F extends (...args: never[]) => unknown>(fallback: F): Option<F, 'defaulted'> =>
  defaulted(fallback, 'a function', (value) => typeof value === 'function');

interface Custom<T> {
  readonly expected: string;
  check(value: unknown): boolean | string;
  readonly secret?: boolean;
  readonly fallback?: T;
}

/** Anything else, with a check of its own, and a default. `check` may answer a text that says what is wrong. */
export const custom = <T>(row: Custom<T> & { readonly fallback: T }): Option<T, 'defaulted'> => ({
  presence: 'defaulted',
  ...row,
});

/** Anything else that may be left out. */
export const optionalCustom = <T>(row: Custom<T>): Option<T, 'optional'> => ({
  presence: 'optional',
  fallback: undefined,
  ...row,
});

/** Anything else that must be given. */
export const requiredCustom = <T>(row: Custom<T>): Option<T, 'required'> => ({
  presence: 'required',
  fallback: undefined,
  ...row,
});

/** The same option, but it may be left out and has no default. */
export const optional = <T>(option: Option<T>): Option<T, 'optional'> => ({
  ...option,
  presence: 'optional',
  fallback: undefined,
});

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

const within = (min: number, max: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

function range(min: number, max: number): string {
  if (max === Number.MAX_SAFE_INTEGER) return `of ${min} or more`;
  return `from ${min} to ${max}`;
}
