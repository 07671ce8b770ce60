import { Commands, MessageProperty, MQVersion, RequestCode, ResponseCode } from '../../protocol/index.ts';
import { describeVersion, languageNumber, Permission, PullSysFlag, SysFlag } from '../../protocol/index.ts';
import type { Field, HeaderFields, LanguageCode } from '../../protocol/index.ts';
import { type Generation, GENERATIONS, type Reflection } from './golden-vectors.ts';

/** How the types of our fields are called in Java. */
const JAVA_TYPES: Readonly<Record<string, readonly string[]>> = {
  string: ['String'],
  int: ['Integer', 'int'],
  long: ['Long', 'long'],
  millis: ['Long', 'long'],
  double: ['Double', 'double'],
  boolean: ['Boolean', 'boolean'],
  boundary: ['BoundaryType'],
};

/**
 * Where the table and Java's classes differ, one sentence each, sorted: what a generation of Java has and we have not or
 * have otherwise, and what we have and no generation has.
 */
export function findDifferences(javas: Readonly<Record<Generation, Reflection>>): string[] {
  const ofEach = GENERATIONS.flatMap((generation) => {
    const java = javas[generation];
    return [
      ...headerDifferences(java),
      ...rowDifferences(java),
      ...codeDifferences('request code', RequestCode, java.requestCodes),
      ...codeDifferences('response code', ResponseCode, java.responseCodes),
      ...constantDifferences(java),
    ].map((difference) => `${generation} ${difference}`);
  });
  return [...ofEach, ...inventions(Object.values(javas))].sort();
}

/** What is in the table and in no generation of Java. */
function inventions(javas: readonly Reflection[]): string[] {
  const fields = [...tableHeaders.values()].flatMap(({ name, fields }) => {
    const classes = javas.map((java) => java.headers[name]?.fields).filter((theirs) => theirs !== undefined);
    if (classes.length === 0) return [name];
    return Object.entries(fields)
      .map(([property, field]) => field.wireName ?? property)
      .filter((field) => classes.every((theirs) => !(field in theirs)))
      .map((field) => `${name}.${field}`);
  });
  const names = (kind: string, ours: Iterable<string>, theirs: readonly (readonly string[])[]): string[] => {
    const known = new Set(theirs.flat());
    return [...ours].filter((name) => !known.has(name)).map((name) => `${kind} ${name}`);
  };
  return [
    ...fields,
    ...names(
      'request code',
      Object.keys(RequestCode),
      javas.map((java) => Object.keys(java.requestCodes)),
    ),
    ...names(
      'response code',
      Object.keys(ResponseCode),
      javas.map((java) => Object.keys(java.responseCodes)),
    ),
    ...names(
      'property',
      Object.values(MessageProperty),
      javas.map((java) => Object.values(java.properties)),
    ),
    ...names(
      'version',
      Object.keys(MQVersion),
      javas.map((java) => Object.keys(java.versions)),
    ),
  ].map((name) => `${name}: only here`);
}

type AnyHeader = { readonly name: string; readonly fields: HeaderFields };

const tableHeaders: ReadonlyMap<string, AnyHeader> = new Map(
  Object.values(Commands)
    .flatMap(({ request, response }): AnyHeader[] => [request, response])
    .filter(({ name }) => name !== '')
    .map((header) => [header.name, header]),
);

function headerDifferences(java: Reflection): string[] {
  return [...tableHeaders.values()].flatMap(({ name, fields }) => {
    const theirs = java.headers[name]?.fields;
    if (theirs === undefined) return [];
    const ours = new Map(
      Object.entries(fields).map(([property, field]) => [field.wireName ?? property, field]),
    );
    return Object.entries(theirs).flatMap(([field, type]) =>
      fieldDifferences(name, field, type, ours.get(field)),
    );
  });
}

function fieldDifferences(
  header: string,
  name: string,
  javaType: string,
  ours: Field<unknown, boolean> | undefined,
): string[] {
  const where = `${header}.${name}`;
  if (ours === undefined) return [`${where}: not in the table`];
  const isMarked = javaType.endsWith('!');
  const type = isMarked ? javaType.slice(0, -1) : javaType;
  const differences: string[] = [];
  if (JAVA_TYPES[ours.kind]?.includes(type) !== true)
    differences.push(`${where}: ${ours.kind} here, ${type} in Java`);
  // A primitive cannot be null: every Java sender writes it.
  const isPrimitive = /^[a-z]/.test(type);
  if (ours.required && !isMarked && !isPrimitive) differences.push(`${where}: required here, not in Java`);
  if (!ours.required && isMarked) differences.push(`${where}: optional here, required in Java`);
  return differences;
}

/** From 5.2 on an annotation names the request code of each header class. */
function rowDifferences(java: Reflection): string[] {
  return Object.entries(java.headers).flatMap(([name, { code }]) => {
    if (code === undefined || name.endsWith('ResponseHeader')) return [];
    const row = Object.values(Commands).find((row) => row.code === code);
    if (row === undefined) return [`${code} ${name}: no row`];
    return row.request.name === name
      ? []
      : [`${code} ${name}: the row has ${row.request.name === '' ? 'no header' : row.request.name}`];
  });
}

function codeDifferences(
  kind: string,
  ours: Readonly<Record<string, number>>,
  theirs: Readonly<Record<string, number>>,
): string[] {
  return Object.entries(theirs)
    .filter(([name, code]) => ours[name] !== code)
    .map(([name, code]) => `${kind} ${name} ${code}: ${ours[name] ?? 'not'} here`);
}

/** Our names of Java's bits. */
const BITS: readonly (readonly [
  ours: Readonly<Record<string, number>>,
  name: string,
  group: 'messageSysFlags' | 'pullSysFlags' | 'permissions',
  constant: string,
])[] = [
  [SysFlag, 'compressed', 'messageSysFlags', 'COMPRESSED_FLAG'],
  [SysFlag, 'multiTags', 'messageSysFlags', 'MULTI_TAGS_FLAG'],
  [SysFlag, 'transactionPrepared', 'messageSysFlags', 'TRANSACTION_PREPARED_TYPE'],
  [SysFlag, 'transactionCommit', 'messageSysFlags', 'TRANSACTION_COMMIT_TYPE'],
  [SysFlag, 'transactionRollback', 'messageSysFlags', 'TRANSACTION_ROLLBACK_TYPE'],
  [SysFlag, 'bornHostV6', 'messageSysFlags', 'BORNHOST_V6_FLAG'],
  [SysFlag, 'storeHostV6', 'messageSysFlags', 'STOREHOSTADDRESS_V6_FLAG'],
  [SysFlag, 'needUnwrap', 'messageSysFlags', 'NEED_UNWRAP_FLAG'],
  [SysFlag, 'innerBatch', 'messageSysFlags', 'INNER_BATCH_FLAG'],
  [SysFlag, 'compressionMask', 'messageSysFlags', 'COMPRESSION_TYPE_COMPARATOR'],
  [SysFlag, 'compressionLz4', 'messageSysFlags', 'COMPRESSION_LZ4_TYPE'],
  [SysFlag, 'compressionZstd', 'messageSysFlags', 'COMPRESSION_ZSTD_TYPE'],
  [SysFlag, 'compressionZlib', 'messageSysFlags', 'COMPRESSION_ZLIB_TYPE'],
  [PullSysFlag, 'commitOffset', 'pullSysFlags', 'FLAG_COMMIT_OFFSET'],
  [PullSysFlag, 'suspend', 'pullSysFlags', 'FLAG_SUSPEND'],
  [PullSysFlag, 'subscription', 'pullSysFlags', 'FLAG_SUBSCRIPTION'],
  [PullSysFlag, 'classFilter', 'pullSysFlags', 'FLAG_CLASS_FILTER'],
  [PullSysFlag, 'litePull', 'pullSysFlags', 'FLAG_LITE_PULL_MESSAGE'],
  [Permission, 'inherit', 'permissions', 'PERM_INHERIT'],
  [Permission, 'write', 'permissions', 'PERM_WRITE'],
  [Permission, 'read', 'permissions', 'PERM_READ'],
  [Permission, 'priority', 'permissions', 'PERM_PRIORITY'],
];

function constantDifferences(java: Reflection): string[] {
  const bits = BITS.filter(([ours, name, group, constant]) => ours[name] !== java[group][constant]).map(
    ([, , group, constant]) => `${group} ${constant}: ${java[group][constant] ?? 'none'} in Java`,
  );
  const unnamed = (['messageSysFlags', 'pullSysFlags'] as const).flatMap((group) =>
    Object.keys(java[group])
      .filter((constant) => !BITS.some((row) => row[2] === group && row[3] === constant))
      .map((constant) => `${group} ${constant}: not here`),
  );
  const languages = Object.entries(java.languages)
    .filter(([name, number]) => languageNumber(name as LanguageCode) !== number)
    .map(([name, number]) => `language ${name} ${number}: not here`);
  return [
    ...bits,
    ...unnamed,
    ...languages,
    ...propertyDifferences(java),
    ...versionDifferences(java.versions),
  ];
}

function propertyDifferences({ properties }: Reflection): string[] {
  const ours = new Set<string>(Object.values(MessageProperty));
  return Object.entries(properties)
    .filter(([, name]) => !ours.has(name))
    .map(([constant, name]) => `property ${constant} ${JSON.stringify(name)}: not here`);
}

function versionDifferences(versions: Readonly<Record<string, number>>): string[] {
  const described = Object.entries(versions)
    .filter(([name, ordinal]) => describeVersion(ordinal) !== name)
    .map(([name, ordinal]) => `version ${name} ${ordinal}: ${describeVersion(ordinal)} here`);
  const constants = Object.entries(MQVersion)
    .filter(([name, ordinal]) => name in versions && versions[name] !== ordinal)
    .map(([name, ordinal]) => `version constant ${name} ${ordinal}: ${versions[name] ?? 'none'} in Java`);
  return [...described, ...constants];
}
