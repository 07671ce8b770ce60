import { ProtocolError } from '../errors.ts';
import { flag, integer, listOf, oneOf, shape, tableOf, text } from '../schema/shape.ts';
import type { ShapeOf } from '../schema/shape.ts';
import { dataVersion } from './data-version.ts';
import { topicQueueMappingDetail, topicQueueMappingInfo } from './queue-mapping.ts';

const configMembers = {
  topicName: text(),
  readQueueNums: integer(16),
  writeQueueNums: integer(16),
  /** Bits of `Permission`. */
  perm: integer(6),
  topicFilterType: oneOf(['SINGLE_TAG', 'MULTI_TAG'], 'SINGLE_TAG'),
  /** 1 unit, 2 subscribed from another unit. */
  topicSysFlag: integer(),
  /** Queue counts are kept while brokers are down. */
  order: flag(),
  /** By {@link TopicAttribute} name; with `+` or `-` before it in requests, without in answers. */
  attributes: tableOf(text()),
};

/** Names of the attributes of a topic. Java: `TopicAttributes`. */
export const TopicAttribute = {
  /** UNSPECIFIED, NORMAL, FIFO, DELAY, TRANSACTION or MIXED; can be changed. */
  messageType: 'message.type',
  /** SimpleCQ or BatchCQ; fixed when the topic is created. */
  queueType: 'queue.type',
  /** DELETE or COMPACTION; fixed when the topic is created. */
  cleanupPolicy: 'cleanup.policy',
  /** Hours that messages are kept, -1 as the broker. */
  reserveTime: 'reserve.time',
} as const;

/** A topic on one broker. Java: `TopicConfig`. */
export const topicConfig = shape('TopicConfig', configMembers);
/** See the shape of the same name. */
export type TopicConfig = ShapeOf<typeof topicConfig>;

/** Body of UPDATE_AND_CREATE_TOPIC_LIST. Java: `CreateTopicListRequestBody`. */
export const createTopicListRequestBody = shape('CreateTopicListRequestBody', {
  topicConfigList: listOf(topicConfig),
});
/** See the shape of the same name. */
export type CreateTopicListRequestBody = ShapeOf<typeof createTopicListRequestBody>;

/** All topics of a broker: answer of GET_ALL_TOPIC_CONFIG. Java: `TopicConfigAndMappingSerializeWrapper`. */
export const topicConfigTable = shape('TopicConfigSerializeWrapper', {
  topicConfigTable: tableOf(topicConfig),
  dataVersion,
  mappingDataVersion: dataVersion.optional(),
  topicQueueMappingInfoMap: tableOf(topicQueueMappingInfo).optional(),
  topicQueueMappingDetailMap: tableOf(topicQueueMappingDetail).optional(),
});
/** See the shape of the same name. */
export type TopicConfigTable = ShapeOf<typeof topicConfigTable>;

/** A topic with its logical queues: answer of GET_TOPIC_CONFIG. Java: `TopicConfigAndQueueMapping`. */
export const topicConfigAndQueueMapping = shape('TopicConfigAndQueueMapping', {
  ...configMembers,
  mappingDetail: topicQueueMappingDetail.optional(),
});
/** See the shape of the same name. */
export type TopicConfigAndQueueMapping = ShapeOf<typeof topicConfigAndQueueMapping>;

/** What a broker tells name servers about its topics, when it is not compressed. Java: `RegisterBrokerBody`. */
export const registerBrokerBody = shape('RegisterBrokerBody', {
  topicConfigSerializeWrapper: topicConfigTable,
  filterServerList: listOf(text()),
});
/** See the shape of the same name. */
export type RegisterBrokerBody = ShapeOf<typeof registerBrokerBody>;

/** A change of an attribute: a value to set, or `undefined` to delete it. */
export type AttributeChanges = ReadonlyMap<string, string | undefined>;

/** Writes the `attributes` field of UPDATE_AND_CREATE_TOPIC: `+message.type=FIFO,-reserve.time`. Java: `AttributeParser`. */
export function writeAttributeChanges(changes: AttributeChanges): string {
  return Array.from(changes, ([name, value]) => {
    if (name === '' || /[,=]/.test(name + (value ?? '')))
      throw new ProtocolError(
        'attributes',
        `${JSON.stringify(name.slice(0, 60))} holds a comma or an equals sign, or has no name`,
      );
    return value === undefined ? `-${name}` : `+${name}=${value}`;
  }).join(',');
}

/** Reads what {@link writeAttributeChanges} writes. Throws a {@link ProtocolError} for anything else. */
export function readAttributeChanges(attributes: string): AttributeChanges {
  const changes = new Map<string, string | undefined>();
  for (const part of attributes.split(',').filter((item) => item !== '')) {
    const [, sign, name = '', value] = /^([+-])([^=]+)(?:=(.*))?$/.exec(part) ?? [];
    if (sign === undefined || (sign === '+') !== (value !== undefined))
      throw new ProtocolError(
        'attributes',
        `${JSON.stringify(part.slice(0, 60))} is not +name=value or -name`,
      );
    changes.set(name, value);
  }
  return changes;
}
