import { deadLetterPrefix, isSystemName, retryPrefix } from './topic.ts';

/** Between a namespace and a name. Java: `NamespaceUtil.NAMESPACE_SEPARATOR`. */
const SEPARATOR = '%';

/**
 * The name of a topic or group in a namespace, as brokers know it: `ns%Topic`, `%RETRY%ns%Group`, `%DLQ%ns%Group`. Names of the system, and those that are in the
 * namespace already, stay as they are. Java: `NamespaceUtil.wrapNamespace`.
 */
export function withNamespace(namespace: string | undefined, name: string): string {
  if (namespace === undefined || name === '' || isSystemName(name)) return name;
  const [prefix, rest] = splitPrefix(name);
  const start = namespace + SEPARATOR;
  return rest.startsWith(start) ? name : prefix + start + rest;
}

/** The same name as users of the namespace know it; those of other namespaces stay as they are. Java: `NamespaceUtil.withoutNamespace`. */
export function withoutNamespace(namespace: string | undefined, name: string): string {
  if (namespace === undefined) return name;
  const [prefix, rest] = splitPrefix(name);
  const start = namespace + SEPARATOR;
  return rest.startsWith(start) ? prefix + rest.slice(start.length) : name;
}

/** The prefix of a retry or dead-letter topic, and what follows it. */
function splitPrefix(name: string): readonly [prefix: string, rest: string] {
  const prefix = [retryPrefix, deadLetterPrefix].find((each) => name.startsWith(each)) ?? '';
  return [prefix, name.slice(prefix.length)];
}
