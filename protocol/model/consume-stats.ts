import { readFloat, readInt, readMillis, readObject } from '../serialization/document.ts';
import { queueMapEntries, writeQueueMap } from '../serialization/fastjson.ts';
import type { MessageQueue } from './message-queue.ts';

/** How far a group is in one queue. Java: `OffsetWrapper`. */
export interface OffsetWrapper {
  /** Offset of the next message that will be stored. */
  readonly brokerOffset: number;
  /** The group's committed offset. */
  readonly consumerOffset: number;
  /** The group's last pulled offset; 0 on brokers before 5.0. */
  readonly pullOffset: number;
  /** Store time of the last consumed message, milliseconds. */
  readonly lastTimestamp: number;
}

/** Progress of a group on one broker. Java: `ConsumeStats`. */
export interface ConsumeStats {
  readonly offsetTable: readonly (readonly [MessageQueue, OffsetWrapper])[];
  readonly consumeTps: number;
}

/** Extent of one queue. Java: `TopicOffset`. */
export interface TopicOffset {
  readonly minOffset: number;
  readonly maxOffset: number;
  readonly lastUpdateTimestamp: number;
}

/** Extent of the queues of a topic on one broker. Java: `TopicStatsTable`. */
export interface TopicStatsTable {
  readonly offsetTable: readonly (readonly [MessageQueue, TopicOffset])[];
  readonly topicPutTps: number;
}

/** Reads a {@link ConsumeStats}. */
export function readConsumeStats(document: unknown): ConsumeStats {
  const stats = readObject(document, 'ConsumeStats');
  return {
    offsetTable: queueMapEntries(stats['offsetTable'], readOffsetWrapper, 'ConsumeStats.offsetTable'),
    consumeTps: readFloat(stats, 'consumeTps', 'ConsumeStats'),
  };
}

function readOffsetWrapper(document: unknown): OffsetWrapper {
  const where = 'OffsetWrapper';
  const wrapper = readObject(document, where);
  return {
    brokerOffset: readInt(wrapper, 'brokerOffset', where),
    consumerOffset: readInt(wrapper, 'consumerOffset', where),
    pullOffset: readInt(wrapper, 'pullOffset', where),
    lastTimestamp: readMillis(wrapper, 'lastTimestamp', where),
  };
}

/** Writes a {@link ConsumeStats}. */
export function writeConsumeStats({ consumeTps, offsetTable }: ConsumeStats): string {
  const write = ({ brokerOffset, consumerOffset, lastTimestamp, pullOffset }: OffsetWrapper): string =>
    JSON.stringify({ brokerOffset, consumerOffset, lastTimestamp, pullOffset });
  return `{"consumeTps":${consumeTps},"offsetTable":${writeQueueMap(offsetTable, write)}}`;
}

/** Reads a {@link TopicStatsTable}. */
export function readTopicStatsTable(document: unknown): TopicStatsTable {
  const where = 'TopicStatsTable';
  const table = readObject(document, where);
  return {
    offsetTable: queueMapEntries(table['offsetTable'], readTopicOffset, `${where}.offsetTable`),
    topicPutTps: readFloat(table, 'topicPutTps', where),
  };
}

function readTopicOffset(document: unknown): TopicOffset {
  const where = 'TopicOffset';
  const offset = readObject(document, where);
  return {
    minOffset: readInt(offset, 'minOffset', where),
    maxOffset: readInt(offset, 'maxOffset', where),
    lastUpdateTimestamp: readMillis(offset, 'lastUpdateTimestamp', where),
  };
}

/** Writes a {@link TopicStatsTable}. */
export function writeTopicStatsTable({ offsetTable, topicPutTps }: TopicStatsTable): string {
  const write = ({ lastUpdateTimestamp, maxOffset, minOffset }: TopicOffset): string =>
    JSON.stringify({ lastUpdateTimestamp, maxOffset, minOffset });
  return `{"offsetTable":${writeQueueMap(offsetTable, write)},"topicPutTps":${topicPutTps}}`;
}
