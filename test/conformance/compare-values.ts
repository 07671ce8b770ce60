import type { Neutral } from './golden-vectors.ts';

/** Our names of Java's fields, where they differ. */
const RENAMED: Readonly<Record<string, string>> = { 'HeartbeatData.isWithoutSub': 'withoutSub' };

/** Java's fields that are not in our models or not in the text, each with its reason. */
const EXPLAINED: readonly (readonly [difference: RegExp, reason: string])[] = [
  [/\.filterClassSource: not modelled/, 'Java never writes it'],
  [
    /GetLiteTopicInfoResponseBody\.subscriber\[\]\.hash: not modelled/,
    'a cached hash code, which Java does not write',
  ],
  [
    /haClientRuntimeInfo\.isActivated: false/,
    'has no getter that fastjson knows, so that Java does not write it',
  ],
  [/ConsumerRunningInfo\.userConsumerInfo: not modelled/, 'what users of Java attach; ours is empty'],
  [/\.(consume|max|min)TimeStampStr: undefined/, "the time beside it as text, in the broker's time zone"],
  [/ConsumerRunningInfo\.mqPopTable: not modelled/, 'pop consumption of Java push consumers'],
  [/TopicRouteData\.filterServerTable: not modelled/, 'filter servers were removed in 4.3'],
];

/** Why a difference of values is meant; `undefined` when nobody has said so. */
export const explainValue = (difference: string): string | undefined =>
  EXPLAINED.find(([pattern]) => pattern.test(difference))?.[1];

/**
 * How our model of a body differs from what the Java object held, one line each. Members that are null in Java may have
 * any default here; members of Java's that the model does not have are told apart by `not modelled`.
 */
export function compareValues(ours: unknown, java: Neutral, where: string): string[] {
  const value = ours instanceof Map ? [...ours] : ours;
  if (Array.isArray(java)) return compareLists(value, java as readonly Neutral[], where);
  if (typeof java !== 'object')
    return value === java ? [] : [`${where}: ${show(value)}, ${show(java)} in Java`];
  if (typeof value !== 'object' || value === null) return [`${where}: ${show(value)}, an object in Java`];
  const members = value as Readonly<Record<string, unknown>>;
  return Object.entries(java).flatMap(([javaName, item]) => {
    const path = `${where}.${javaName}`;
    const name = RENAMED[path] ?? javaName;
    return name in members ? compareValues(members[name], item, path) : [`${path}: not modelled`];
  });
}

function compareLists(ours: unknown, java: readonly Neutral[], where: string): string[] {
  const items: readonly unknown[] = Array.isArray(ours) ? ours : entriesOf(ours);
  if (items.length !== java.length) return [`${where}: ${items.length} items, ${java.length} in Java`];
  const [mine, theirs] = isUnordered(java) ? [sorted(items), sorted(java)] : [items, java];
  return theirs.flatMap((item, index) => compareValues(mine[index], item as Neutral, `${where}[]`));
}

/** Maps, which are lists of pairs, and sets of numbers. */
const isUnordered = (java: readonly Neutral[]): boolean =>
  java.every((item) => typeof item === 'number' || (Array.isArray(item) && item.length === 2));

/** By the text of the item, or of the key of a pair; an object as key keeps its place, as both write the same. */
function sorted(items: readonly unknown[]): unknown[] {
  const key = (item: unknown): string => {
    const first: unknown = Array.isArray(item) ? item[0] : item;
    return typeof first === 'string' || typeof first === 'number' ? String(first) : '';
  };
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/** A map may be an object here. */
function entriesOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

const show = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 100);
