import { javaHashCode } from '../../protocol/model/subscription-data.ts';

const DEFAULT_CAPACITY = 16;
const LOAD_FACTOR = 0.75;

/**
 * The order in which a `java.util.HashMap` that got these entries one by one would give them back. Java's producer
 * writes the properties of a message in that order, and so do we, byte for byte. (A bucket of eight and more entries
 * would be ordered otherwise; no message comes near.)
 */
export function inHashMapOrder<T>(
  entries: readonly (readonly [name: string, value: T])[],
): (readonly [string, T])[] {
  let capacity = DEFAULT_CAPACITY;
  while (entries.length > capacity * LOAD_FACTOR) capacity *= 2;
  return entries
    .map((entry) => ({ entry, bucket: spreadHash(entry[0]) & (capacity - 1) }))
    .sort((a, b) => a.bucket - b.bucket)
    .map(({ entry }) => entry);
}

function spreadHash(text: string): number {
  const hash = javaHashCode(text);
  return hash ^ (hash >>> 16);
}
