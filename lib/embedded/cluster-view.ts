import type { LanguageCode } from '../../protocol/codes/language-code.ts';
import type { SubscriptionData } from '../../protocol/model/subscription-data.ts';

/** A member of a consumer group, as the brokers see it. */
export interface GroupMember {
  readonly clientId: string;
  /** Where its connection comes from, on the first broker that knows it. */
  readonly address: string;
  readonly language: LanguageCode | undefined;
  /** Names of the brokers that know it. */
  readonly brokers: readonly string[];
}

/** What the brokers know about a consumer group. */
export interface GroupView {
  readonly members: readonly GroupMember[];
  readonly subscriptions: readonly SubscriptionData[];
  /** Committed offsets of a topic's queues, by broker name and queue id; -1 where nothing was committed. */
  offsets(topic: string): number[];
}
