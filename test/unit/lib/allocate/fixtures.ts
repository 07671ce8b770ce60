import * as fc from 'fast-check';
import type { AllocateInput, AllocateStrategy } from '../../../../lib/allocate/allocate-strategy.ts';
import { sortClientIds, sortQueues } from '../../../../lib/allocate/sorting.ts';
import type { MessageQueue } from '../../../../protocol/model/message-queue.ts';

/** `a0` is queue 0 of broker-a. */
export function queues(...names: readonly string[]): readonly MessageQueue[] {
  return names.map((name) => ({
    topic: 'TopicTest',
    brokerName: `broker-${name.slice(0, 1)}`,
    queueId: Number(name.slice(1)),
  }));
}

/** The inverse of `queues`. */
export function names(owned: readonly MessageQueue[]): string {
  return owned.map(({ brokerName, queueId }) => `${brokerName.slice(-1)}${queueId}`).join(' ');
}

export const EIGHT = queues('a0', 'a1', 'a2', 'a3', 'b0', 'b1', 'b2', 'b3');
export const THREE = ['10.0.0.1@1', '10.0.0.2@2', '10.0.0.3@3'] as const;

export function input(given: Partial<AllocateInput> = {}): AllocateInput {
  return { consumerGroup: 'group', clientId: THREE[0], queues: EIGHT, clientIds: THREE, ...given };
}

/** What each of the members owns, as names, in member order. */
export function shares(strategy: AllocateStrategy, given: Partial<AllocateInput> = {}): readonly string[] {
  const { clientIds } = input(given);
  return clientIds.map((clientId) => names(strategy(input({ ...given, clientId }))));
}

const queue = fc.record({
  topic: fc.constant('TopicTest'),
  brokerName: fc.oneof(fc.constantFrom('broker-a', 'broker-b', '𝒜', 'ｚ'), fc.string({ maxLength: 4 })),
  queueId: fc.nat(20),
});

const key = ({ brokerName, queueId }: MessageQueue): string => `${queueId} ${brokerName}`;

/** A topic and a group without repeated ids, both in the order that allocation asks for. */
export const groups: fc.Arbitrary<AllocateInput> = fc
  .record({
    queues: fc.uniqueArray(queue, { minLength: 1, maxLength: 40, selector: key }),
    clientIds: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }), {
      minLength: 1,
      maxLength: 12,
    }),
  })
  .map(({ queues, clientIds }) => input({ queues: sortQueues(queues), clientIds: sortClientIds(clientIds) }));
