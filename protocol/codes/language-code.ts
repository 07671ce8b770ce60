const numbers = {
  JAVA: 0,
  CPP: 1,
  DOTNET: 2,
  PYTHON: 3,
  DELPHI: 4,
  ERLANG: 5,
  RUBY: 6,
  OTHER: 7,
  HTTP: 8,
  GO: 9,
  PHP: 10,
  OMS: 11,
  RUST: 12,
  NODE_JS: 13,
} as const;

/**
 * Language of the sender of a command, by name. `NODE_JS` is known to servers from 5.3.2; older ones read it as
 * unknown, so `OTHER` is the safe choice before the server's version is known. Java: `LanguageCode`.
 */
export type LanguageCode = keyof typeof numbers;

/** All languages, in the order of their numbers. */
export const languageNames = Object.keys(numbers) as readonly LanguageCode[];
const numberByName = new Map<string, number>(Object.entries(numbers));

/** The number that stands for a language in the binary header form. */
export function languageNumber(name: LanguageCode): number {
  return numbers[name];
}

/** The name behind a number of the binary header form; `undefined` when this version does not know it. */
export function languageName(number: number): LanguageCode | undefined {
  return languageNames[number];
}

/** Reads the `language` member of a JSON header as Java does: none means `JAVA`, a number is an ordinal, an unknown name is `undefined`. */
export function readLanguage(value: unknown): LanguageCode | undefined {
  if (typeof value === 'string') return numberByName.has(value) ? (value as LanguageCode) : undefined;
  if (value === undefined) return 'JAVA';
  return typeof value === 'number' ? languageName(value) : undefined;
}
