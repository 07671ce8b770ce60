import { queueToJavaString } from '../../protocol/model/message-queue.ts';
import { named, StrategyName, type NamedAllocateStrategy } from './allocate-strategy.ts';
import { AllocationError } from './allocation-error.ts';
import { HashRing, type RingHash } from './hash-ring.ts';
import { isMember } from './membership.ts';

/** Options of {@link consistentHash}. All members of the group must use the same. */
export interface ConsistentHashOptions {
  /** Points on the ring per member. Default 10; with 0 nobody owns anything, as in Java. */
  readonly virtualNodes?: number;

  /** Where a key lies on the ring. Default: the first four bytes of its MD5, unsigned, big-endian. */
  readonly hash?: RingHash;
}

/**
 * Members and queues on a hash ring. When a member comes or goes, only queues that it gains or leaves move; the shares are uneven.
 * An id that occurs twice in the member list holds points for both.
 *
 * Java: `AllocateMessageQueueConsistentHash`, name `CONSISTENT_HASH`.
 *
 * @throws {AllocationError} if `virtualNodes` is no whole number from 0 up; when called without a client id, a queue or
 * a member, or if `hash` gives something else than a safe integer or a bigint.
 */
export function consistentHash(options: ConsistentHashOptions = {}): NamedAllocateStrategy {
  const { virtualNodes = 10, hash } = options;
  if (!Number.isSafeInteger(virtualNodes) || virtualNodes < 0) {
    const problem = `consistentHash: virtualNodes is ${virtualNodes}, not a whole number from 0 up`;
    throw new AllocationError('invalid-option', problem);
  }
  return named(StrategyName.consistentHash, (input) => {
    if (!isMember(input)) return [];
    const ring = new HashRing(input.clientIds, virtualNodes, hash);
    return input.queues.filter((queue) => ring.ownerOf(queueToJavaString(queue)) === input.clientId);
  });
}
