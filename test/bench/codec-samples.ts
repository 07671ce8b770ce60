import { encodeProperties, encodeStoredMessage } from '../../protocol/index.ts';
import type { OutgoingCommand, SerializeType } from '../../protocol/index.ts';

/** Properties of an ordinary message: four of the client, three that the broker adds. */
export const properties = encodeProperties([
  ['TAGS', 'TagA'],
  ['KEYS', 'order-1234567'],
  ['WAIT', 'true'],
  ['UNIQ_KEY', '0A00000130390000ABCD000000010000'],
]);

/** Headers of a send: id, time and queue differ from one to the next, as in a real producer. */
export const sendHeaders = Array.from({ length: 64 }, (_, index) => ({
  producerGroup: 'BenchProducerGroup',
  topic: 'BenchTopic',
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: 4,
  queueId: index % 8,
  sysFlag: 0,
  bornTimestamp: 1_700_000_000_000 + index * 7,
  flag: 0,
  properties: properties.replace('010000', `01${(4096 + index).toString(16).toUpperCase()}`),
  reconsumeTimes: 0,
  unitMode: false,
  maxReconsumeTimes: 0,
  batch: false,
  brokerName: 'broker-a',
}));

/** Headers of a pull: queue and offset differ. */
export const pullHeaders = Array.from({ length: 64 }, (_, index) => ({
  consumerGroup: 'BenchConsumerGroup',
  topic: 'BenchTopic',
  queueId: index % 8,
  queueOffset: 123_456_789 + index * 32,
  maxMsgNums: 32,
  sysFlag: 2,
  commitOffset: 0,
  suspendTimeoutMillis: 15_000,
  subVersion: 1_700_000_000_000,
  expressionType: 'TAG',
  brokerName: 'broker-a',
}));

export const sendAnswer = {
  msgId: '0A00000100002A9F00000000075BCD15',
  queueId: 3,
  queueOffset: 123_456,
  transactionId: '0A00000130390000ABCD000000010000',
  regionId: 'DefaultRegion',
  traceOn: true,
};

export const pullAnswer = {
  suggestWhichBrokerId: 0,
  nextBeginOffset: 123_456_821,
  minOffset: 0,
  maxOffset: 123_456_900,
  topicSysFlag: 0,
  groupSysFlag: 0,
};

/** A body of 128 bytes. */
export const body = Buffer.alloc(128, 'x');

export function outgoing(
  code: number,
  serializeType: SerializeType,
  rest: Partial<OutgoingCommand> = {},
): OutgoingCommand {
  return { code, language: 'OTHER', version: 479, opaque: 123_456, flag: 0, serializeType, ...rest };
}

/** The body of a pull answer: 1000 messages of 860 bytes with 7 properties. */
export const pulled = Buffer.concat(
  Array.from({ length: 1000 }, (_, index) =>
    encodeStoredMessage({
      topic: 'BenchTopic',
      queueId: 3,
      queueOffset: index,
      commitLogOffset: index * 1100,
      sysFlag: 0,
      flag: 0,
      bornTimestamp: 1_700_000_000_000,
      bornHost: '10.0.0.9:5555',
      storeTimestamp: 1_700_000_000_123,
      storeHost: '10.0.0.1:10911',
      reconsumeTimes: 0,
      preparedTransactionOffset: 0,
      body: Buffer.alloc(860, 'b'),
      properties: `${properties}CLUSTER\u0001DefaultCluster\u0002MSG_REGION\u0001DefaultRegion\u0002TRACE_ON\u0001true\u0002`,
    }),
  ),
);
