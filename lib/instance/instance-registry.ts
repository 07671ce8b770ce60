import type { ResolvedClientOptions } from '../options/client.ts';
import { splitAddresses } from '../routing/name-server-source.ts';
import { DuplicateMemberError } from './duplicate-member-error.ts';
import type { Member } from './member.ts';

/** What the registry needs to know of an instance. */
export interface Shareable {
  readonly clientId: string;
  readonly options: ResolvedClientOptions;
  /** Whether the instance name was made up, so that another can be made up for a second member. */
  readonly isNameOurs: boolean;
  readonly members: ReadonlySet<Member>;
}

/** What a member asks for: the client id it would have, or that any will do. */
export interface Wanted {
  readonly options: ResolvedClientOptions;
  readonly member: Member;
  /** Undefined: the name may be made up. */
  readonly clientId: string | undefined;
}

/**
 * The instance among `instances` that the member joins, or undefined if it needs one of its own. Throws
 * `DuplicateMemberError` when its client id leaves no choice and the group is taken. Pure. Java: `MQClientManager`.
 */
export function chooseInstance<T extends Shareable>(instances: Iterable<T>, wanted: Wanted): T | undefined {
  for (const instance of instances) {
    if (!sameConnection(instance.options, wanted.options)) continue;
    if (wanted.clientId === undefined ? !instance.isNameOurs : instance.clientId !== wanted.clientId)
      continue;
    if (!hasGroup(instance, wanted.member)) return instance;
    if (wanted.clientId !== undefined) throw new DuplicateMemberError(wanted.clientId, wanted.member);
  }
  return undefined;
}

const hasGroup = ({ members }: Shareable, { kind, group }: Member): boolean =>
  [...members].some((member) => member.kind === kind && member.group === group);

/** Everything that sockets, timers or what is sent over them depend on. */
const connectionOptions = [
  'clientIp',
  'unitName',
  'namespaceV2',
  'credentials',
  'tls',
  'addressMap',
  'logger',
  'serializeType',
  'requestTimeout',
  'connectTimeout',
  'additionalConnections',
  'pollNameServerInterval',
  'heartbeatBrokerInterval',
  'environment',
] as const satisfies readonly (keyof ResolvedClientOptions)[];

function sameConnection(a: ResolvedClientOptions, b: ResolvedClientOptions): boolean {
  return (
    connectionOptions.every((name) => isAlike(a[name], b[name])) && nameServersOf(a) === nameServersOf(b)
  );
}

const nameServersOf = ({ nameServers }: ResolvedClientOptions): string =>
  [...splitAddresses(nameServers ?? [])].sort().join();

/** Identical, or plain objects with identical values: two members often spell out the same credentials. */
function isAlike(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isPlain(a) || !isPlain(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
