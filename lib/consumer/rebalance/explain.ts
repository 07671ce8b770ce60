import type { AllocateStrategy } from '../../allocate/allocate-strategy.ts';
import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import { allocateQueues, type GroupView } from './plan.ts';

/** Why this member owns what it owns of one topic. */
export interface AssignmentExplanation {
  readonly topic: string;
  readonly strategy: string;
  readonly clientId: string;
  /** As the broker listed them, sorted; an id may occur twice. */
  readonly members: readonly string[];
  /** All readable queues of the topic, sorted. */
  readonly queues: readonly MessageQueue[];
  /** What the strategy gives to each member, this one included. A strategy that throws gives nothing. */
  readonly shares: ReadonlyMap<string, readonly MessageQueue[]>;
  readonly owned: readonly MessageQueue[];
}

/** Repeats the calculation for every member. Pure. */
export function explainAssignment(
  topic: string,
  view: GroupView,
  owned: readonly MessageQueue[],
  allocate: AllocateStrategy,
): AssignmentExplanation {
  const shares = new Map<string, readonly MessageQueue[]>();
  for (const clientId of view.clientIds) {
    try {
      shares.set(clientId, allocateQueues({ ...view, clientId }, allocate));
    } catch {
      shares.set(clientId, []);
    }
  }
  const strategy = strategyNameOf(allocate);
  return {
    topic,
    strategy,
    clientId: view.clientId,
    members: view.clientIds,
    queues: view.queues,
    shares,
    owned,
  };
}

/** A custom function goes by its own name. */
export function strategyNameOf(allocate: AllocateStrategy): string {
  return allocate.strategyName ?? (allocate.name || 'custom');
}
