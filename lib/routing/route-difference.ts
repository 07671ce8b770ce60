import { Permission } from '../../protocol/model/topic-route-data.ts';
import type { TopicRoute } from './topic-route.ts';

/** One thing that is different between two routes of a topic. */
export type RouteDifference =
  | {
      readonly kind: 'queueCount';
      readonly brokerName: string;
      readonly read: Change<number>;
      readonly write: Change<number>;
    }
  | { readonly kind: 'permission'; readonly brokerName: string; readonly permission: Change<string> }
  /** Logical queues of a static topic have come to this broker, or gone from it. */
  | { readonly kind: 'logicalQueues'; readonly brokerName: string }
  | { readonly kind: 'brokerUp'; readonly brokerName: string }
  | { readonly kind: 'brokerDown'; readonly brokerName: string }
  | {
      readonly kind: 'address';
      readonly brokerName: string;
      readonly brokerId: number;
      readonly address: Change<string | undefined>;
    };

export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

/** A topic's route is not what it was. */
export interface RouteChange {
  readonly topic: string;
  /** Absent: the topic was not known. */
  readonly before?: TopicRoute;
  /** Absent: the topic is no longer followed. */
  readonly after?: TopicRoute;
  readonly differences: readonly RouteDifference[];
}

/** What changed from one route to the next, by broker name; empty when nothing that matters did. Pure. */
export function compareRoutes(
  before: TopicRoute | undefined,
  after: TopicRoute | undefined,
): readonly RouteDifference[] {
  const names = new Set([...namesOf(before), ...namesOf(after)]);
  return [...names].sort().flatMap((name) => compareBroker(name, before, after));
}

const namesOf = (route: TopicRoute | undefined): Iterable<string> =>
  route === undefined ? [] : [...route.brokers.keys(), ...route.queueData.keys()];

function compareBroker(brokerName: string, before?: TopicRoute, after?: TopicRoute): RouteDifference[] {
  const wasThere = isPresent(brokerName, before);
  const isThere = isPresent(brokerName, after);
  if (wasThere !== isThere) return [{ kind: isThere ? 'brokerUp' : 'brokerDown', brokerName }];
  if (before === undefined || after === undefined) return [];
  return [
    ...compareQueueData(brokerName, before, after),
    ...compareAddresses(brokerName, before, after),
    ...compareLogical(brokerName, before, after),
  ];
}

function compareLogical(brokerName: string, before: TopicRoute, after: TopicRoute): RouteDifference[] {
  const queuesOf = ({ logical }: TopicRoute): string =>
    [...(logical ?? [])].flatMap(([key, queue]) => (queue.brokerName === brokerName ? [key] : [])).join();
  return queuesOf(before) === queuesOf(after) ? [] : [{ kind: 'logicalQueues', brokerName }];
}

/** A broker counts as there when it has an address or queues of the topic. */
const isPresent = (brokerName: string, route: TopicRoute | undefined): boolean =>
  route !== undefined && (route.addressesOf(brokerName).size > 0 || route.queueData.has(brokerName));

const noQueues = { readQueueNums: 0, writeQueueNums: 0, perm: 0 };

function compareQueueData(brokerName: string, before: TopicRoute, after: TopicRoute): RouteDifference[] {
  const old = before.queueData.get(brokerName) ?? noQueues;
  const now = after.queueData.get(brokerName) ?? noQueues;
  const read = { before: old.readQueueNums, after: now.readQueueNums };
  const write = { before: old.writeQueueNums, after: now.writeQueueNums };
  const permission = { before: describePermission(old.perm), after: describePermission(now.perm) };
  const differences: RouteDifference[] = [];
  if (differs(read) || differs(write)) differences.push({ kind: 'queueCount', brokerName, read, write });
  if (differs(permission)) differences.push({ kind: 'permission', brokerName, permission });
  return differences;
}

const differs = ({ before, after }: Change<unknown>): boolean => before !== after;

function compareAddresses(brokerName: string, before: TopicRoute, after: TopicRoute): RouteDifference[] {
  const old = before.addressesOf(brokerName);
  const now = after.addressesOf(brokerName);
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort((a, b) => a - b)
    .filter((brokerId) => old.get(brokerId) !== now.get(brokerId))
    .map((brokerId) => ({
      kind: 'address',
      brokerName,
      brokerId,
      address: { before: old.get(brokerId), after: now.get(brokerId) },
    }));
}

/** `rw-` and the like. Java: `PermName.perm2String`. */
export function describePermission(perm: number): string {
  const letter = (bit: number, sign: string): string => ((perm & bit) === 0 ? '-' : sign);
  return letter(Permission.read, 'r') + letter(Permission.write, 'w') + letter(Permission.inherit, 'x');
}
