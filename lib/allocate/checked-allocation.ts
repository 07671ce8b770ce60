import { queueKey, type MessageQueue } from '../../protocol/model/message-queue.ts';
import type { AllocateInput } from './allocate-strategy.ts';
import { AllocationError, type AllocationFault } from './allocation-error.ts';

/**
 * The result of a user's own strategy, if it can be used: an array of queues of the input, none of them twice.
 * Java takes whatever comes; a queue that nobody offered would then be pulled from for ever.
 *
 * The queues returned are the input's own objects. Not for CONFIG, whose list may go beyond the topic.
 *
 * @throws {AllocationError} that names the queue, if there is a foreign or repeated one, or what came instead of an array.
 */
export function checkAllocation(result: unknown, input: AllocateInput): readonly MessageQueue[] {
  const refuse = (fault: AllocationFault, problem: string, queue?: MessageQueue): AllocationError => {
    const { consumerGroup, clientId } = input;
    return new AllocationError(fault, `the allocate function returned ${problem}`, {
      consumerGroup,
      clientId,
      ...(queue && { queue }),
    });
  };

  if (!Array.isArray(result))
    throw refuse('invalid-result', `${describe(result)} instead of an array of queues`);
  const offered = new Map(input.queues.map((queue) => [queueKey(queue), queue]));
  const taken = new Set<string>();
  return result.map((candidate: unknown) => {
    if (!isQueue(candidate)) throw refuse('invalid-result', `an array with ${describe(candidate)} in it`);
    const key = queueKey(candidate);
    const queue = offered.get(key);
    if (queue === undefined)
      throw refuse('foreign-queue', `${key}, which was not among the queues`, candidate);
    if (taken.has(key)) throw refuse('repeated-queue', `${key} twice`, queue);
    taken.add(key);
    return queue;
  });
}

function isQueue(value: unknown): value is MessageQueue {
  if (typeof value !== 'object' || value === null) return false;
  const { topic, brokerName, queueId } = value as Partial<Record<keyof MessageQueue, unknown>>;
  return typeof topic === 'string' && typeof brokerName === 'string' && typeof queueId === 'number';
}

function describe(value: unknown): string {
  if (value instanceof Promise) return 'a promise (it must not be async)';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object that is no queue' : String(value);
}
