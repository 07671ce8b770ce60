import type { BrokerApi } from '../api/broker-api.ts';
import type { ClientInstance } from '../instance/client-instance.ts';
import type { Logger } from '../logger.ts';
import type { ResolvedConsumerOptions } from '../options/consumer.ts';
import type { ResolvedPushConsumerOptions } from '../options/push-consumer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ConsumerStats } from './consumer-stats.ts';
import type { ConsumerEvents } from './events.ts';
import type { Pauses } from './flow/pauses.ts';
import type { RateLimit } from './flow/rate-limit.ts';
import type { PushSubscription, Subscription } from './subscription.ts';
import type { SubscriptionVersions } from './subscription-versions.ts';
import type { Emit } from './tell.ts';

/** What the parts of one running consumer of any kind share. */
export interface ConsumerContext {
  readonly consumerGroup: string;
  readonly clientId: string;
  readonly options: ResolvedConsumerOptions;
  readonly instance: ClientInstance;
  readonly api: BrokerApi;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stats: ConsumerStats;
  /** By topic; the group's own retry topic is among them, if it has one. */
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  readonly emit: Emit<ConsumerEvents>;
}

/** The same of a consumer that hands messages to listeners. */
export interface PushContext extends ConsumerContext {
  readonly options: ResolvedPushConsumerOptions;
  readonly subscriptions: ReadonlyMap<string, PushSubscription>;
  readonly versions: SubscriptionVersions;
  /** Queues at rest by the user's order. */
  readonly pauses: Pauses;
  /** How fast listeners are given messages. */
  readonly rate: RateLimit;
}
