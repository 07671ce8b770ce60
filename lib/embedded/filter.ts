import type { SubscriptionData } from '../../protocol/model/subscription-data.ts';
import type { StoredRecord } from './store/stored-record.ts';
import type { Manners } from './manners.ts';
import { compileSql } from './sql/parser.ts';

/** Whether a pull gets a message. */
export type MessageFilter = (record: StoredRecord) => boolean;

const everything: MessageFilter = () => true;
const compiled = new WeakMap<SubscriptionData, MessageFilter>();

/**
 * The filter of a subscription: hash codes for tags, SQL92 over properties. Compiled once. Java: `ExpressionMessageFilter`.
 *
 * @throws ProtocolError when an SQL92 expression does not compile
 */
export function filterOf(subscription: SubscriptionData, { sqlTextTests }: Manners): MessageFilter {
  const known = compiled.get(subscription);
  if (known !== undefined) return known;
  const filter = compile(subscription, sqlTextTests);
  compiled.set(subscription, filter);
  return filter;
}

function compile(
  { expressionType, subString, codeSet }: SubscriptionData,
  hasTextTests: boolean,
): MessageFilter {
  if (expressionType === 'TAG')
    return subString === '*' ? everything : (record) => codeSet.includes(record.tagsCode);
  const passes = compileSql(subString, hasTextTests);
  return (record) => passes(record.properties);
}

/** The filter, or, when it does not compile, one that lets everything pass: Java's answer to a pull that brings a bad expression. */
export function filterOrEverything(subscription: SubscriptionData, manners: Manners): MessageFilter {
  try {
    return filterOf(subscription, manners);
  } catch {
    return everything;
  }
}
