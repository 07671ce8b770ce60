import type { MessageQueue } from '../../protocol/model/message-queue.ts';

/** What a member of a consumer group knows when it works out which queues of a topic are its own. */
export interface AllocateInput {
  readonly consumerGroup: string;

  /** The member that asks. */
  readonly clientId: string;

  /** Every readable queue of the topic, in the order of `sortQueues`. */
  readonly queues: readonly MessageQueue[];

  /** Every member of the group as a broker listed them, in the order of `sortClientIds`; an id may occur twice. */
  readonly clientIds: readonly string[];
}

/**
 * Says which queues belong to the member that asks.
 *
 * Each member computes its own share, nobody hands it out. So a strategy must be a pure function that all members of the
 * group share, in Java as in Node, and that gives every queue to exactly one of them. Throwing refuses this round:
 * the member keeps what it owns.
 *
 * Java: `org.apache.rocketmq.client.consumer.AllocateMessageQueueStrategy`.
 */
export interface AllocateStrategy {
  (input: AllocateInput): readonly MessageQueue[];

  /** Java's `getName()`: sent to brokers that allocate in the client's place (QUERY_ASSIGNMENT), and shown to people. */
  readonly strategyName?: string;
}

/** A strategy that has a name, as all those of this package do. */
export interface NamedAllocateStrategy extends AllocateStrategy {
  readonly strategyName: string;
}

/** The names Java gives to its strategies. The name of `machineRoomNearby` goes on with `-` and that of its inner strategy. */
export const StrategyName = {
  averagely: 'AVG',
  byCircle: 'AVG_BY_CIRCLE',
  consistentHash: 'CONSISTENT_HASH',
  byConfig: 'CONFIG',
  byMachineRoom: 'MACHINE_ROOM',
  machineRoomNearby: 'MACHINE_ROOM_NEARBY',
} as const;

/** Gives a function the name that Java knows the strategy by. */
export function named(strategyName: string, allocate: AllocateStrategy): NamedAllocateStrategy {
  return Object.assign(allocate, { strategyName });
}
