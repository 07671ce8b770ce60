import { readObject, readText, readTextTable, readTexts } from '../serialization/document.ts';

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
  /** Of system topics: the broker they were read from. */
  readonly brokerAddr?: string;
  readonly topicList: readonly string[];
}

/** Reads a {@link TopicList}. */
export function readTopicList(document: unknown): TopicList {
  const list = readObject(document, 'TopicList');
  const brokerAddr = readText(list, 'brokerAddr', 'TopicList');
  return {
    ...(brokerAddr === undefined ? undefined : { brokerAddr }),
    topicList: readTexts(list, 'topicList', 'TopicList'),
  };
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

/** Writes a {@link TopicList}. */
export function writeTopicList({ brokerAddr, topicList }: TopicList): string {
  return JSON.stringify({ brokerAddr, topicList });
}

/** Reads a bare array of texts. */
export function readTextList(document: unknown): readonly string[] {
  return readTexts({ items: document }, 'items', 'String[]');
}

/** Writes a bare array of texts. */
export function writeTextList(items: readonly string[]): string {
  return JSON.stringify(items);
}
