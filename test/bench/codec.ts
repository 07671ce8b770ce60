/**
 * Codec costs in nanoseconds per operation: `npx tsx test/bench/codec.ts [--json]`.
 * CPU time, so that a busy machine counts less; batches of about 50 ms, 9 rounds, the fastest counts. ali-ons beside
 * it where it can be imported.
 */
import { createRequire } from 'node:module';
import {
  Commands,
  decodeStoredMessages,
  encodeCommand,
  encodeProperties,
  encodeStoredMessage,
  FrameDecoder,
  FrameWriter,
  parseFastjson,
} from '../../protocol/index.ts';
import type { OutgoingCommand, SerializeType, StoredRecord } from '../../protocol/index.ts';

const wanted = { roundMillis: 50, rounds: 9 };
let sink: unknown;

function measure(run: () => unknown): number {
  let count = 1;
  const time = (): number => {
    const start = process.cpuUsage();
    for (let index = 0; index < count; index++) sink = run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) * 1000;
  };
  while (time() < wanted.roundMillis * 1e6) count = Math.ceil(count * 1.7);
  const rounds = Array.from({ length: wanted.rounds }, () => time() / count);
  return Math.min(...rounds);
}

const properties = encodeProperties([
  ['TAGS', 'TagA'],
  ['KEYS', 'order-1234567'],
  ['WAIT', 'true'],
  ['UNIQ_KEY', '0A00000130390000ABCD000000010000'],
]);
const sendHeader = {
  producerGroup: 'BenchProducerGroup',
  topic: 'BenchTopic',
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: 4,
  queueId: 3,
  sysFlag: 0,
  bornTimestamp: 1_700_000_000_000,
  flag: 0,
  properties,
  reconsumeTimes: 0,
  unitMode: false,
  maxReconsumeTimes: 0,
  batch: false,
  brokerName: 'broker-a',
};
const pullHeader = {
  consumerGroup: 'BenchConsumerGroup',
  topic: 'BenchTopic',
  queueId: 3,
  queueOffset: 123_456_789,
  maxMsgNums: 32,
  sysFlag: 2,
  commitOffset: 0,
  suspendTimeoutMillis: 15_000,
  subVersion: 1_700_000_000_000,
  expressionType: 'TAG',
  brokerName: 'broker-a',
};
const sendAnswer = {
  msgId: '0A00000100002A9F00000000075BCD15',
  queueId: 3,
  queueOffset: 123_456,
  transactionId: '0A00000130390000ABCD000000010000',
  regionId: 'DefaultRegion',
  traceOn: true,
};
const pullAnswer = {
  suggestWhichBrokerId: 0,
  nextBeginOffset: 123_456_821,
  minOffset: 0,
  maxOffset: 123_456_900,
  topicSysFlag: 0,
  groupSysFlag: 0,
};

function outgoing(
  code: number,
  extFields: OutgoingCommand['extFields'],
  serializeType: SerializeType,
  body?: Buffer,
): OutgoingCommand {
  return { code, language: 'OTHER', version: 479, opaque: 123_456, flag: 0, extFields, serializeType, body };
}

const body = Buffer.alloc(128, 'x');
const writer = new FrameWriter();
let written = 0;
function append(command: OutgoingCommand): void {
  writer.append(command);
  if (++written % 64 === 0) sink = writer.take();
}

const { sendMessageV2, pullMessage } = Commands;
const decoder = new FrameDecoder();
function decode(frame: Buffer, row: typeof sendMessageV2 | typeof pullMessage): () => unknown {
  return () => {
    decoder.push(frame, (command) => (sink = row.response.decode(command.extFields)));
  };
}

const answerFrame = (header: OutgoingCommand['extFields'], type: SerializeType): Buffer =>
  encodeCommand({ ...outgoing(0, header, type), flag: 1, ...(type === 0 ? { remark: 'FOUND' } : {}) });

const stored = Array.from({ length: 1000 }, (_, index) =>
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
);
const pulled = Buffer.concat(stored);
const options = { maxBodySize: 4 * 1024 * 1024, brokerName: 'broker-a' };
function decodeAll(touch: (record: StoredRecord & { ok: true }) => unknown): () => unknown {
  return () => {
    for (const record of decodeStoredMessages(pulled, options)) if (record.ok) sink = touch(record);
  };
}

const route = Commands.getRouteInfoByTopic.responseBody.encode({
  brokerDatas: [
    {
      cluster: 'c',
      brokerName: 'broker-a',
      brokerAddrs: new Map([[0, '10.0.0.1:10911']]),
      enableActingMaster: false,
    },
  ],
  queueDatas: [{ brokerName: 'broker-a', readQueueNums: 4, writeQueueNums: 4, perm: 6, topicSysFlag: 0 }],
});

const cases: [name: string, run: () => unknown, per?: number][] = [
  ['send V2: header object to ext fields', () => sendMessageV2.request.encode(sendHeader)],
  [
    'send V2, JSON, 128 B: header object to bytes',
    () => append(outgoing(310, sendMessageV2.request.encode(sendHeader), 0, body)),
  ],
  [
    'send V2, binary, 128 B: header object to bytes',
    () => append(outgoing(310, sendMessageV2.request.encode(sendHeader), 1, body)),
  ],
  [
    'pull, JSON: header object to bytes',
    () => append(outgoing(11, pullMessage.request.encode(pullHeader), 0)),
  ],
  [
    'pull, binary: header object to bytes',
    () => append(outgoing(11, pullMessage.request.encode(pullHeader), 1)),
  ],
  [
    'send answer, JSON: bytes to header object',
    decode(answerFrame(sendMessageV2.response.encode(sendAnswer), 0), sendMessageV2),
  ],
  [
    'send answer, binary: bytes to header object',
    decode(answerFrame(sendMessageV2.response.encode(sendAnswer), 1), sendMessageV2),
  ],
  [
    'pull answer, JSON: bytes to header object',
    decode(answerFrame(pullMessage.response.encode(pullAnswer), 0), pullMessage),
  ],
  [
    'pull answer, binary: bytes to header object',
    decode(answerFrame(pullMessage.response.encode(pullAnswer), 1), pullMessage),
  ],
  ['stored message: decoded, nothing read', decodeAll(() => 0), 1000],
  [
    'stored message: offset and body',
    decodeAll(({ message }) => message.queueOffset + message.body.length),
    1000,
  ],
  [
    'stored message: and properties',
    decodeAll(({ message }) => message.queueOffset + message.body.length + message.properties.size),
    1000,
  ],
  [
    'stored message: topic, tags, id, times, body',
    decodeAll(({ message: m }) => [
      m.topic,
      m.tags,
      m.messageId,
      m.bornTimestamp,
      m.storeTimestamp,
      m.queueOffset,
      m.body,
    ]),
    1000,
  ],
  ['route body (fastjson parser)', () => parseFastjson(route?.toString() ?? '')],
];

interface AliOns {
  encode: () => unknown;
  decode: (frame: Buffer) => unknown;
  decodes: (body: Buffer) => unknown;
}

function loadAliOns(): AliOns | undefined {
  try {
    const require = createRequire(import.meta.url);
    const RemotingCommand = require('ali-ons/lib/protocol/command/remoting_command.js') as {
      createRequestCommand(code: number, header: object): { body: Buffer; encode(): Buffer };
      decode(frame: Buffer): { decodeCommandCustomHeader(): unknown };
    };
    const ByteBuffer = require('byte') as { wrap(bytes: Buffer): unknown };
    const messages = require('ali-ons/lib/message/message_decoder.js') as {
      decodes(bytes: unknown, readBody: boolean): unknown;
    };
    const wire = { ...sendMessageV2.request.encode(sendHeader) };
    return {
      encode: () => Object.assign(RemotingCommand.createRequestCommand(310, wire), { body }).encode(),
      decode: (frame) => RemotingCommand.decode(frame).decodeCommandCustomHeader(),
      decodes: (bytes) => messages.decodes(ByteBuffer.wrap(bytes), true),
    };
  } catch {
    return undefined;
  }
}

const aliOns = loadAliOns();
const sendAnswerFrame = answerFrame(sendMessageV2.response.encode(sendAnswer), 0);
if (aliOns !== undefined) {
  cases.push(
    ['ali-ons: send V2, JSON, 128 B', aliOns.encode],
    ['ali-ons: send answer', () => aliOns.decode(sendAnswerFrame)],
    ['ali-ons: stored message, eager', () => aliOns.decodes(pulled), 1000],
  );
}

const results = cases.map(([name, run, per = 1]) => ({ name, nanos: Math.round(measure(run) / per) }));
if (process.argv.includes('--json')) console.log(JSON.stringify({ node: process.version, results }));
else for (const { name, nanos } of results) console.log(`${String(nanos).padStart(8)} ns  ${name}`);
if (sink === Symbol.iterator) console.log(sink);
