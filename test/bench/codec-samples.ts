import { encodeCommand, encodeProperties, encodeStoredMessage, SerializeType } from '../../protocol/index.ts';
import type { OutgoingCommand } from '../../protocol/index.ts';

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

/** Answers to sends: ids and offset differ, as they do in reality; what was the same each time could be remembered. */
export const sendAnswers = Array.from({ length: 64 }, (_, index) => ({
  msgId: `0A00000100002A9F00000000075B${hex(0xcd15 + index)}`,
  queueId: index % 8,
  queueOffset: 123_456 + index,
  transactionId: `0A00000130390000ABCD00000001${hex(0x1000 + index)}`,
  regionId: 'DefaultRegion',
  traceOn: true,
}));

/** Answers to pulls. */
export const pullAnswers = Array.from({ length: 64 }, (_, index) => ({
  suggestWhichBrokerId: 0,
  nextBeginOffset: 123_456_821 + index,
  minOffset: 0,
  maxOffset: 123_456_900 + index,
  topicSysFlag: 0,
  groupSysFlag: 0,
}));

/** The order in which Java's hash map gives the fields of these answers; the binary form has the declared order. */
const javaOrder = [
  'suggestWhichBrokerId',
  'groupSysFlag',
  'nextBeginOffset',
  'maxOffset',
  'minOffset',
  'topicSysFlag',
  'queueId',
  'TRACE_ON',
  'MSG_REGION',
  'msgId',
  'queueOffset',
  'transactionId',
];

/** An answer with these fields as a frame, as servers write it. */
export function answerFrame(
  fields: NonNullable<OutgoingCommand['extFields']>,
  serializeType: SerializeType,
): Buffer {
  const isJson = serializeType === SerializeType.JSON;
  const names = isJson ? javaOrder.filter((name) => name in fields) : Object.keys(fields);
  const extFields = Object.fromEntries(names.map((name) => [name, fields[name] ?? '']));
  return encodeCommand(
    outgoing(0, serializeType, { extFields, flag: 1, ...(isJson ? { remark: 'FOUND' } : {}) }),
  );
}

function hex(value: number): string {
  return value.toString(16).toUpperCase();
}

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
