import { named, StrategyName, type NamedAllocateStrategy } from './allocate-strategy.ts';
import { isMember } from './membership.ts';

/**
 * Shares out only the queues in the rooms given. A broker tells its room by its name, `room@name`; queues of other
 * rooms, and of brokers named otherwise, go to nobody. Each member gets an even block, and what remains is dealt out
 * one each from the first member on.
 *
 * Java: `AllocateMessageQueueByMachineRoom`, name `MACHINE_ROOM`.
 *
 * @throws {AllocationError} when called without a client id, a queue or a member.
 */
export function byMachineRoom(rooms: Iterable<string>): NamedAllocateStrategy {
  const chosen = new Set(rooms);
  return named(StrategyName.byMachineRoom, (input) => {
    if (!isMember(input)) return [];
    const { clientId, clientIds } = input;
    const queues = input.queues.filter(({ brokerName }) => {
      const room = roomOf(brokerName);
      return room !== undefined && chosen.has(room);
    });
    const index = clientIds.indexOf(clientId);
    const share = Math.floor(queues.length / clientIds.length);
    const block = queues.slice(share * index, share * index + share);
    const rest = queues.slice(share * clientIds.length);
    return [...block, ...rest.slice(index, index + 1)];
  });
}

/** The room in `room@name`. Java's `split` drops empty parts at the end, so `room@name@` counts and `room@` does not. */
function roomOf(brokerName: string): string | undefined {
  const [room, name, ...more] = brokerName.replace(/@+$/, '').split('@');
  return name === undefined || more.length > 0 ? undefined : room;
}
