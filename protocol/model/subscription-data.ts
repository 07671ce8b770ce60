import { ProtocolError } from '../errors.ts';
import {
  readBoolean,
  readInt,
  readList,
  readMillis,
  readName,
  readObject,
  readText,
  readTexts,
} from '../serialization/document.ts';

/** How a subscription's expression is understood. Java: `ExpressionType`. */
export type ExpressionType = 'TAG' | 'SQL92';

/** What a group reads of a topic. Java: `SubscriptionData`. */
export interface SubscriptionData {
  readonly classFilterMode: boolean;
  readonly topic: string;
  /** The expression, `*` for everything. */
  readonly subString: string;
  /** The tags of a tag expression, empty for `*`. */
  readonly tagsSet: readonly string[];
  /** {@link javaHashCode} of each tag; the broker filters by these. */
  readonly codeSet: readonly number[];
  /** Rises with each change; by convention the time of the change in milliseconds. */
  readonly subVersion: number;
  readonly expressionType: ExpressionType;
}

const where = 'SubscriptionData';

/** The subscription of a tag expression: `*`, empty, or tags separated by `||`. Java: `FilterAPI.buildSubscriptionData`. */
export function tagSubscription(topic: string, expression: string, subVersion: number): SubscriptionData {
  const base = { classFilterMode: false, topic, subVersion, expressionType: 'TAG' } as const;
  const trimmed = expression.trim();
  if (trimmed === '' || trimmed === '*') return { ...base, subString: '*', tagsSet: [], codeSet: [] };
  const tags = trimmed.split('||').map((tag) => tag.trim());
  const tagsSet = [...new Set(tags.filter((tag) => tag !== ''))];
  if (tagsSet.length === 0)
    throw new ProtocolError(where, `the tag expression ${JSON.stringify(expression)} names no tag`);
  return { ...base, subString: expression, tagsSet, codeSet: [...new Set(tagsSet.map(javaHashCode))] };
}

/** The subscription of an SQL92 expression, which only the broker evaluates. */
export function sqlSubscription(topic: string, expression: string, subVersion: number): SubscriptionData {
  return {
    classFilterMode: false,
    topic,
    subString: expression,
    tagsSet: [],
    codeSet: [],
    subVersion,
    expressionType: 'SQL92',
  };
}

/** Whether the client accepts a message's tags. The broker only compares hash codes, so that a collision passes it. */
export function matchesTags(subscription: SubscriptionData, tags: string | undefined): boolean {
  if (subscription.classFilterMode || subscription.tagsSet.length === 0) return true;
  return tags !== undefined && subscription.tagsSet.includes(tags);
}

/** Java's `String.hashCode`: tags are filtered, and queues selected, by it. */
export function javaHashCode(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

/** Reads one subscription. */
export function readSubscriptionData(document: unknown): SubscriptionData {
  const data = readObject(document, where);
  return {
    classFilterMode: readBoolean(data, 'classFilterMode'),
    topic: readText(data, 'topic', where) ?? '',
    subString: readText(data, 'subString', where) ?? '*',
    tagsSet: readTexts(data, 'tagsSet', where),
    codeSet: readList(data, 'codeSet', where, (code) => readInt({ code }, 'code', `${where}.codeSet`)),
    subVersion: readMillis(data, 'subVersion', where),
    expressionType: readName(data, 'expressionType', ['TAG', 'SQL92'], 'TAG'),
  };
}

/** One subscription as a plain object for `JSON.stringify`, members in Java's order. */
export function subscriptionDocument(data: SubscriptionData): object {
  const { classFilterMode, codeSet, expressionType, subString, subVersion, tagsSet, topic } = data;
  return { classFilterMode, codeSet, expressionType, subString, subVersion, tagsSet, topic };
}
