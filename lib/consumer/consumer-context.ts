import type { BrokerApi } from '../api/broker-api.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { Logger } from '../logger.ts';
import type { ResolvedPushConsumerOptions } from '../options/consumer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ConsumerStats } from './consumer-stats.ts';
import type { PushConsumerEvents } from './events.ts';
import type { Subscription } from './subscription.ts';

/** Tells the users of a consumer what happened. Never throws: a faulty handler must not stop consumption. */
export type Emit = <K extends keyof PushConsumerEvents>(name: K, ...event: PushConsumerEvents[K]) => void;

/** What the parts of one running consumer share. */
export interface ConsumerContext {
  readonly consumerGroup: string;
  readonly clientId: string;
  readonly options: ResolvedPushConsumerOptions;
  readonly instance: ClientInstance;
  readonly api: BrokerApi;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stats: ConsumerStats;
  /** By topic; the group's own retry topic is among them. */
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  readonly emit: Emit;
}
