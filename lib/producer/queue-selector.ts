import { javaHashCode } from '../../protocol/model/subscription-data.ts';
import type { MessageQueue } from '../../protocol/model/message-queue.ts';
import type { Random } from '../runtime/random.ts';

/** Whether a broker may be chosen. Java: `QueueFilter`. */
export type BrokerFilter = (brokerName: string) => boolean;

/**
 * Chooses a queue of one topic, in turn, beginning anywhere. Java: `TopicPublishInfo` (whose index is per thread; here
 * there is one).
 */
export class QueueSelector {
  readonly topic: string;
  #queues: readonly MessageQueue[];
  #index: number;

  constructor(topic: string, queues: readonly MessageQueue[], random: Random) {
    this.topic = topic;
    this.#queues = queues;
    this.#index = Math.floor(random.next() * 0x8000_0000);
  }

  /** The writable queues, in Java's order. Setting them leaves the turn where it is. */
  get queues(): readonly MessageQueue[] {
    return this.#queues;
  }

  set queues(queues: readonly MessageQueue[]) {
    this.#queues = queues;
  }

  /** The next queue. `undefined` only when there is none at all. */
  next(): MessageQueue | undefined {
    this.#index = (this.#index + 1) & 0x7fff_ffff;
    return this.#queues[this.#index % this.#queues.length];
  }

  /** The next queue whose broker passes, or `undefined` when none does. */
  nextWhere(mayUse: BrokerFilter): MessageQueue | undefined {
    for (let tried = 0; tried < this.#queues.length; tried++) {
      const queue = this.next();
      if (queue !== undefined && mayUse(queue.brokerName)) return queue;
    }
    return undefined;
  }

  /** The next queue, on another broker than `brokerName` if there is another. */
  nextAvoiding(brokerName: string): MessageQueue | undefined {
    return this.nextWhere((other) => other !== brokerName) ?? this.next();
  }
}

/** What fault tolerance knows about brokers. Java: `LatencyFaultTolerance`. */
export interface BrokerHealth {
  /** Not set aside because of slow or failed sends. */
  isAvailable(brokerName: string): boolean;
  isReachable(brokerName: string): boolean;
}

/**
 * Chooses by health: an available broker other than the last, else a reachable one other than the last, else whatever
 * is next. Java: `MQFaultStrategy.selectOneMessageQueue`.
 */
export function selectByHealth(
  selector: QueueSelector,
  health: BrokerHealth,
  lastBroker: string | undefined,
): MessageQueue | undefined {
  return (
    selector.nextWhere((broker) => broker !== lastBroker && health.isAvailable(broker)) ??
    selector.nextWhere((broker) => broker !== lastBroker && health.isReachable(broker)) ??
    selector.next()
  );
}

/** The queue of a sharding key: as long as the queues stay the same, so does it. Java: `SelectMessageQueueByHash`. */
export function selectByHash(queues: readonly MessageQueue[], key: string): MessageQueue | undefined {
  return queues[Math.abs(javaHashCode(key) % queues.length)];
}
