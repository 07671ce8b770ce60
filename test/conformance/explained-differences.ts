import {
  Commands,
  messagePropertyDifferences,
  requestCodeDifferences,
  responseCodeDifferences,
  sysFlagDifferences,
} from '../../protocol/index.ts';
import type { Header, HeaderFields } from '../../protocol/index.ts';

/** The reasons that the tables themselves give, by what they are about, as {@link subjectOf} finds it. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ...Object.values(Commands).flatMap(({ request, response }) => [
    ...headerReasons(request as Header<HeaderFields>),
    ...headerReasons(response as Header<HeaderFields>),
  ]),
  ...namedReasons('request code', requestCodeDifferences),
  ...namedReasons('response code', responseCodeDifferences),
  ...namedReasons('property', messagePropertyDifferences),
  ...namedReasons('messageSysFlags', sysFlagDifferences),
]);

type Reasons = readonly (readonly [subject: string, reason: string])[];

function headerReasons({ name, differs = {} }: Header<HeaderFields>): Reasons {
  if (typeof differs === 'string') return [[name, differs]];
  return Object.entries(differs).map(([field, reason]) => [`${name}.${field}`, reason]);
}

function namedReasons(kind: string, reasons: Readonly<Record<string, string>>): Reasons {
  return Object.entries(reasons).map(([name, reason]) => [`${kind} ${name}`, reason]);
}

/** What a difference is about: without the generation before it, the code or text behind it, and what the difference is. */
function subjectOf(difference: string): string {
  return difference.replace(/^\d+\.\d+\.\d+ /, '').replace(/(?: (?:-?\d+|"[^"]*"))?: .*$/, '');
}

/** Why a difference is meant, in the words of its row; `undefined` when the row does not say so. */
export function explain(difference: string): string | undefined {
  return REASONS.get(subjectOf(difference));
}

/** Subjects whose rows explain what is no difference any more. */
export function staleExplanations(differences: readonly string[]): string[] {
  const subjects = new Set(differences.map(subjectOf));
  return [...REASONS.keys()].filter((subject) => !subjects.has(subject));
}
