import { hash as digest } from 'node:crypto';
import { AllocationError } from './allocation-error.ts';

/** A place on the ring. Java's is a signed 64-bit `long`: a `bigint` serves where a safe integer does not reach. */
export type RingHash = (key: string) => number | bigint;

/** Java's default: the first four bytes of the MD5 of the UTF-8 key, as an unsigned big-endian number. */
export function md5RingHash(key: string): number {
  return Number.parseInt(digest('md5', javaUtf8(key), 'hex').slice(0, 8), 16);
}

/** Half a surrogate pair alone becomes `?` in Java's UTF-8 and U+FFFD in Node's. */
function javaUtf8(text: string): string {
  return loneSurrogate.test(text) ? text.replace(/\p{Surrogate}/gu, '?') : text;
}

const loneSurrogate = /\p{Surrogate}/u;

/**
 * Members on a ring of hash values, each at several points; a key belongs to the member at the next point.
 *
 * Java: `org.apache.rocketmq.common.consistenthash.ConsistentHashRouter`.
 */
export class HashRing {
  readonly #hash: RingHash;
  readonly #points: readonly (number | bigint)[];
  readonly #ownerAt: ReadonlyMap<number | bigint, string>;

  /** An id that occurs again adds points to those it has; a point that is hit twice belongs to the later one. */
  constructor(ids: readonly string[], pointsPerId: number, hash: RingHash = md5RingHash) {
    this.#hash = hash;
    const ownerAt = new Map<number | bigint, string>();
    const held = new Map<string, number>();
    const count = (id: string, change: number): unknown => held.set(id, (held.get(id) ?? 0) + change);

    for (const id of ids) {
      // Points lost to others are not counted, so a repeated id may hash some of its keys again, as it does in Java.
      const first = held.get(id) ?? 0;
      for (let index = first; index < first + pointsPerId; index++) {
        const point = this.#place(`${id}-${index}`);
        const loser = ownerAt.get(point);
        if (loser !== undefined) count(loser, -1);
        ownerAt.set(point, id);
        count(id, 1);
      }
    }
    this.#ownerAt = ownerAt;
    this.#points = [...ownerAt.keys()].sort(ascending);
  }

  /** The member whose point is the first at or after the key's, going round; nothing on an empty ring. */
  ownerOf(key: string): string | undefined {
    const points = this.#points;
    const place = this.#place(key);
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const point = points[middle];
      if (point !== undefined && point < place) low = middle + 1;
      else high = middle;
    }
    const next = points[low] ?? points[0];
    return next === undefined ? undefined : this.#ownerAt.get(next);
  }

  /** One form for equal numbers, so that 1 and 1n are the same point. */
  #place(key: string): number | bigint {
    const place = this.#hash(key);
    if (Number.isSafeInteger(place)) return place;
    if (typeof place !== 'bigint') {
      const problem = `hash(${JSON.stringify(key)}) is ${String(place)}, not a safe integer or a bigint`;
      throw new AllocationError('invalid-hash', problem);
    }
    const short = Number(place);
    return Number.isSafeInteger(short) ? short : place;
  }
}

function ascending(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
