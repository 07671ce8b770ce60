import { readObject, readTextTable, readTexts } from '../serialization/document.ts';

/** Members of a group: answer of GET_CONSUMER_LIST_BY_GROUP. Java: `GetConsumerListByGroupResponseBody`. */
export interface ConsumerIds {
  readonly consumerIdList: readonly string[];
}

/** Reads {@link ConsumerIds}. */
export function readConsumerIds(document: unknown): ConsumerIds {
  const where = 'GetConsumerListByGroupResponseBody';
  return { consumerIdList: readTexts(readObject(document, where), 'consumerIdList', where) };
}

/** Names of topics. Java: `TopicList`. */
export interface TopicList {
  readonly topicList: readonly string[];
}

/** Reads a {@link TopicList}. */
export function readTopicList(document: unknown): TopicList {
  return { topicList: readTexts(readObject(document, 'TopicList'), 'topicList', 'TopicList') };
}

/** Names of groups. Java: `GroupList`. */
export interface GroupList {
  readonly groupList: readonly string[];
}

/** Reads a {@link GroupList}. */
export function readGroupList(document: unknown): GroupList {
  return { groupList: readTexts(readObject(document, 'GroupList'), 'groupList', 'GroupList') };
}

/** Texts by name, such as the figures of a broker. Java: `KVTable`. */
export interface KVTable {
  readonly table: ReadonlyMap<string, string>;
}

/** Reads a {@link KVTable}. */
export function readKVTable(document: unknown): KVTable {
  return { table: readTextTable(readObject(document, 'KVTable'), 'table', 'KVTable') };
}

/** Writes a {@link KVTable}. */
export function writeKVTable({ table }: KVTable): string {
  return JSON.stringify({ table: Object.fromEntries(table) });
}
