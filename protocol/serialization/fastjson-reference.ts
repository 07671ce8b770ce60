import { ProtocolError } from '../errors.ts';

type Container = Record<string, unknown> | unknown[];

/** More than any real document has; each one costs a walk from the root. */
const maxReferences = 10_000;

/** A document may grow to so many values and so many levels by references; real ones hardly grow. */
const maxValues = 250_000;
const maxLevels = 200;

/**
 * Replaces fastjson's `{"$ref":"$.a.b"}` objects, which it writes for an object that occurs a second time, by the
 * object they point at. Paths: `$` root, `..` parent of the place, `@` the containing object itself.
 */
export function resolveReferences(root: unknown, where: string): unknown {
  let left = maxReferences;
  const follow = (path: string, parents: readonly unknown[], hops = 0): unknown => {
    if (--left < 0 || hops > 16) throw new ProtocolError(where, 'has too many references');
    const target = locate(root, path, parents, where);
    const next = referenceOf(target);
    return next === undefined ? target : follow(next, parents, hops + 1);
  };
  const visit = (value: unknown, parents: readonly unknown[]): unknown => {
    const path = referenceOf(value);
    if (path !== undefined) return follow(path, parents);
    if (isContainer(value)) replaceMembers(value, (item) => visit(item, [...parents, value]));
    return value;
  };
  const resolved = visit(root, []);
  checkGrowth(resolved, where);
  return resolved;
}

/** A few references to references hold a billion values for whoever walks through them: refused, without that walk. */
function checkGrowth(root: unknown, where: string): void {
  const known = new Map<Container, Extent>();
  const measure = (value: unknown, level: number): Extent => {
    if (!isContainer(value)) return one;
    const before = known.get(value);
    if (before !== undefined) return before;
    // An object within itself counts once.
    known.set(value, one);
    let [values, levels] = [1, 1];
    for (const item of Object.values(value)) {
      const extent = measure(item, level + 1);
      values += extent.values;
      levels = Math.max(levels, extent.levels + 1);
    }
    if (values > maxValues || level + levels > maxLevels)
      throw new ProtocolError(
        where,
        `grows by references beyond ${maxValues} values or ${maxLevels} levels; such a document is not Java's`,
      );
    const extent = { values, levels };
    known.set(value, extent);
    return extent;
  };
  measure(root, 0);
}

interface Extent {
  readonly values: number;
  readonly levels: number;
}

const one: Extent = { values: 1, levels: 1 };

function replaceMembers(container: Container, replace: (item: unknown) => unknown): void {
  if (Array.isArray(container)) {
    container.forEach((item, index) => (container[index] = replace(item)));
    return;
  }
  for (const key of Object.keys(container)) container[key] = replace(container[key]);
}

function referenceOf(value: unknown): string | undefined {
  if (!isContainer(value) || Array.isArray(value)) return undefined;
  const path = value['$ref'];
  return typeof path === 'string' && Object.keys(value).length === 1 ? path : undefined;
}

function locate(root: unknown, path: string, parents: readonly unknown[], where: string): unknown {
  if (path === '@') return parents.at(-1);
  if (path === '..') return parents.at(-2);
  if (!path.startsWith('$'))
    throw new ProtocolError(
      where,
      `has a reference ${JSON.stringify(path.slice(0, 100))} that is not understood`,
    );
  let value = root;
  for (const segment of segmentsOf(path)) value = isContainer(value) ? memberOf(value, segment) : undefined;
  if (value === undefined)
    throw new ProtocolError(where, `refers to ${JSON.stringify(path.slice(0, 100))}, which is not there`);
  return value;
}

/** The member of that name; of a map with queues as keys it may be named as Java prints the queue. */
function memberOf(container: Container, name: string): unknown {
  const members = container as Record<string, unknown>;
  if (Object.hasOwn(members, name)) return members[name];
  const key = queueKeyText(name);
  return key !== undefined && Object.hasOwn(members, key) ? members[key] : undefined;
}

/** `MessageQueue [topic=T, brokerName=b, queueId=3]` → the JSON text by which the entry of that queue is known. */
function queueKeyText(name: string): string | undefined {
  const [start, brokerStart, idStart] = ['MessageQueue [topic=', ', brokerName=', ', queueId='];
  if (!name.startsWith(start) || !name.endsWith(']')) return undefined;
  const idAt = name.lastIndexOf(idStart);
  const brokerAt = name.lastIndexOf(brokerStart, idAt);
  if (brokerAt < start.length) return undefined;
  const topic = name.slice(start.length, brokerAt);
  const brokerName = name.slice(brokerAt + brokerStart.length, idAt);
  return JSON.stringify({ brokerName, queueId: Number(name.slice(idAt + idStart.length, -1)), topic });
}

/** `$.a.b[0]` → a, b, 0. A backslash takes the next character as it is; a bracket may hold a quoted key. */
function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  for (const [, name, index] of path.slice(1).matchAll(/\.((?:\\.|[^.[\\])+)|\[([^\]]*)\]/g)) {
    segments.push(
      name === undefined ? (index ?? '').replace(/^(['"])(.*)\1$/, '$2') : name.replace(/\\(.)/g, '$1'),
    );
  }
  return segments;
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
