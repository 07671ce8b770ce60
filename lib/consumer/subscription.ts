import { InvalidOptionError } from '../errors.ts';
import {
  sqlSubscription,
  tagSubscription,
  type SubscriptionData,
} from '../../protocol/model/subscription-data.ts';
import type { EachBatch, EachMessage, Listener } from './listener.ts';

/** Which messages of a topic a group wants. `'*'` is all; `'TagA || TagB'` and `{ tags }` are the same thing; `{ sql }` is evaluated by the broker over user properties. */
export type Filter = string | { readonly tags: readonly string[] } | { readonly sql: string };

/** What {@link PushConsumer.subscribe} takes: a filter (default all) and exactly one listener. */
export type SubscribeOptions =
  | { readonly filter?: Filter; readonly eachMessage: EachMessage; readonly eachBatch?: never }
  | { readonly filter?: Filter; readonly eachBatch: EachBatch; readonly eachMessage?: never };

/** A topic, and what is wanted of it. */
export interface Subscription {
  readonly topic: string;
  readonly data: SubscriptionData;
}

/** The same, and who consumes it. */
export interface PushSubscription extends Subscription {
  readonly listener: Listener;
}

/** Turns a filter into what the broker is told. `subVersion` is the time of the change in ms. @throws {InvalidOptionError} for a filter that is none. */
export function subscriptionData(topic: string, filter: Filter, subVersion: number): SubscriptionData {
  if (typeof filter === 'string') return tagSubscription(topic, filter, subVersion);
  if ('tags' in filter) return tagSubscription(topic, filter.tags.join(' || ') || '*', subVersion);
  if (typeof filter.sql === 'string' && filter.sql.trim() !== '')
    return sqlSubscription(topic, filter.sql, subVersion);
  throw new InvalidOptionError('filter', `of topic ${topic} ${whatIsWrong(filter)}`);
}

function whatIsWrong(filter: object): string {
  if ('sql' in filter) return 'needs an expression in sql';
  // Java's `subscribe(topic, fullClassName, filterClassSource)`: brokers have no filter servers any more, and let every message pass.
  if (Object.keys(filter).some((name) => /class/i.test(name)))
    return 'is a class filter, which brokers do not evaluate any more; use tags or sql';
  return "must be a string such as 'TagA || TagB', { tags }, or { sql }";
}

/** @throws {InvalidOptionError} unless there is exactly one listener. */
export function listenerOf(topic: string, options: SubscribeOptions): Listener {
  const { eachMessage, eachBatch } = options;
  if (eachMessage !== undefined && eachBatch === undefined) return { kind: 'message', run: eachMessage };
  if (eachBatch !== undefined && eachMessage === undefined) return { kind: 'batch', run: eachBatch };
  throw new InvalidOptionError('subscribe', `topic ${topic} needs exactly one of eachMessage and eachBatch`);
}
