import { IllegalStateError } from '../errors.ts';
import type { ConsumerRole, ProducerRole, RebalanceTrigger } from './roles.ts';

/** The producers and consumers of an instance, by group. */
export class Roles {
  readonly producers = new Map<string, ProducerRole>();
  readonly consumers = new Map<string, ConsumerRole>();

  get hasProducers(): boolean {
    return this.producers.size > 0;
  }

  get hasConsumers(): boolean {
    return this.consumers.size > 0;
  }

  /** Throws `IllegalStateError` if another producer has the group. */
  addProducer(role: ProducerRole): void {
    add(this.producers, role.producerGroup, role, 'Producer');
  }

  /** Throws `IllegalStateError` if another consumer has the group. */
  addConsumer(role: ConsumerRole): void {
    add(this.consumers, role.consumerGroup, role, 'Consumer');
  }

  /** Topics of all of them. */
  *topics(): Iterable<string> {
    for (const role of this.producers.values()) yield* role.topics();
    for (const role of this.consumers.values()) yield* role.topics();
  }

  /** Wakes every consumer. */
  wakeAll(trigger: RebalanceTrigger): void {
    for (const consumer of this.consumers.values()) consumer.wake(trigger);
  }
}

function add<T>(table: Map<string, T>, group: string, role: T, kind: string): void {
  const present = table.get(group);
  if (present !== undefined && present !== role) {
    throw new IllegalStateError(`${kind} group ${group} of this instance`, 'added', 'added by another');
  }
  table.set(group, role);
}
