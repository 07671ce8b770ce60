import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import { named, StrategyName } from './allocate-strategy.ts';
import type { AllocateInput, AllocateStrategy, NamedAllocateStrategy } from './allocate-strategy.ts';
import { AllocationError } from './allocation-error.ts';
import { averagely } from './averagely.ts';
import { isMember } from './membership.ts';

/** Options of {@link machineRoomNearby}. The two functions must give the same answer in every member of the group. */
export interface MachineRoomNearbyOptions {
  /** The room a queue's broker stands in; never empty. */
  readonly brokerRoom: (queue: MessageQueue) => string;

  /** The room a member runs in, by its client id; never empty. */
  readonly consumerRoom: (clientId: string) => string;

  /** How queues are shared within a room, and over all members for a room without any. Default `averagely()`. */
  readonly inner?: AllocateStrategy;
}

/**
 * Queues go to members of their own machine room; queues of a room without members are shared by all.
 *
 * Java: `AllocateMachineRoomNearby`, name `MACHINE_ROOM_NEARBY-` and the name of the inner strategy (`CUSTOM` if it has none).
 *
 * @throws {AllocationError} when called without a client id, a queue or a member, or if a room is empty.
 */
export function machineRoomNearby(options: MachineRoomNearbyOptions): NamedAllocateStrategy {
  const { brokerRoom, consumerRoom, inner = averagely() } = options;
  return named(`${StrategyName.machineRoomNearby}-${inner.strategyName ?? 'CUSTOM'}`, (input) => {
    if (!isMember(input)) return [];
    const queuesByRoom = groupBy(input.queues, (queue) => roomOfQueue(queue, brokerRoom, input));
    const membersByRoom = groupBy(input.clientIds, (clientId) => roomOfMember(clientId, consumerRoom, input));
    const here = consumerRoom(input.clientId);

    const share = (queues: readonly MessageQueue[], clientIds: readonly string[]): readonly MessageQueue[] =>
      inner({ ...input, queues, clientIds });

    const own = queuesByRoom.get(here);
    const shares = own === undefined ? [] : [share(own, membersByRoom.get(here) ?? [])];
    for (const room of [...queuesByRoom.keys()].sort()) {
      if (!membersByRoom.has(room)) shares.push(share(queuesByRoom.get(room) ?? [], input.clientIds));
    }
    return shares.flat();
  });
}

function roomOfQueue(
  queue: MessageQueue,
  room: MachineRoomNearbyOptions['brokerRoom'],
  input: AllocateInput,
): string {
  const name = room(queue);
  if (name) return name;
  const { consumerGroup, clientId } = input;
  const problem = `brokerRoom knows no machine room for broker ${queue.brokerName}`;
  throw new AllocationError('unknown-room', problem, { consumerGroup, clientId, queue });
}

function roomOfMember(
  member: string,
  room: MachineRoomNearbyOptions['consumerRoom'],
  { consumerGroup, clientId }: AllocateInput,
): string {
  const name = room(member);
  if (name) return name;
  const problem = `consumerRoom knows no machine room for client id ${member}`;
  throw new AllocationError('unknown-room', problem, { consumerGroup, clientId });
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
