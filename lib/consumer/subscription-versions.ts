import type { SubscriptionData } from '../../protocol/model/subscription-data.ts';
import type { Clock } from '../runtime/clock.ts';

/**
 * The versions of a consumer's subscriptions. Of subscriptions to a topic brokers keep the one with the highest version, and they refuse a pull with a
 * version that is higher still (SUBSCRIPTION_NOT_LATEST). So only heartbeats carry a version that has risen; pulls keep that of the subscription itself,
 * which brokers have heard of.
 */
export class SubscriptionVersions {
  readonly #clock: Clock;
  /** By topic; kept when it is not subscribed to any more. */
  readonly #last = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A version for a topic that is subscribed to, wanted differently, or read from other queues: now in ms since the epoch, and higher than any before. */
  next(topic: string): number {
    const version = Math.max(this.#clock.now(), (this.#last.get(topic) ?? 0) + 1);
    this.#last.set(topic, version);
    return version;
  }

  /** The subscription as a heartbeat tells it: with the last version of its topic. */
  announced(data: SubscriptionData): SubscriptionData {
    const subVersion = this.#last.get(data.topic) ?? data.subVersion;
    return subVersion === data.subVersion ? data : { ...data, subVersion };
  }
}
