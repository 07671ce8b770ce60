/**
 * Codec costs in nanoseconds per operation: `npx tsx test/bench/codec.ts [--json] [--only TEXT] [--rounds 25]`.
 *
 * CPU time, so that a busy machine counts less; batches of about 20 ms, all cases in turn for 25 rounds, the fastest
 * counts. Beside each stands the floor measured in the same run, the goal and the gate, and ali-ons' codec where it can
 * be imported. Below: how busy the machine was.
 */
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import {
  Commands,
  decodeStoredMessages,
  encodeCommand,
  fields,
  FrameDecoder,
  FrameWriter,
  header,
  parseFastjson,
} from '../../protocol/index.ts';
import type { OutgoingCommand, RemotingCommand, SerializeType, StoredRecord } from '../../protocol/index.ts';
import { readPullFloor, readSendFloor, SendFloor, sliceBodies } from './codec-floor.ts';
import {
  answerFrame,
  body,
  outgoing,
  properties,
  pullAnswers,
  pulled,
  pullHeaders,
  sendAnswers,
  sendHeaders,
} from './codec-samples.ts';
import { measureInRounds } from './interleaved-rounds.ts';
import type { Operation } from './interleaved-rounds.ts';

const { values: asked } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '25' },
  },
});
let sink: unknown;

interface Case extends Operation {
  /** The case that is its floor. */
  readonly floor?: string;
  /** Goal and gate, ns. */
  readonly bounds?: readonly [goal: number, gate: number];
}

const { sendMessageV2, pullMessage } = Commands;
const writer = new FrameWriter();
let written = 0;
function append(command: OutgoingCommand): void {
  writer.append(command);
  if (++written % 64 === 0) sink = writer.take();
}

const encodeSend = (type: SerializeType) => (index: number) =>
  append(sendCommand(310, type, sendMessageV2.request, sendHeaders[index] ?? {}, body, index));
const encodePull = (type: SerializeType) => (index: number) =>
  append(sendCommand(11, type, pullMessage.request, pullHeaders[index] ?? {}, undefined, index));

/** As the remoting client makes it: one literal, so that its objects are all of one shape. */
function sendCommand(
  code: number,
  serializeType: SerializeType,
  headerType: OutgoingCommand['headerType'],
  header: object,
  content: Buffer | undefined,
  index: number,
): OutgoingCommand {
  return {
    code,
    language: 'OTHER',
    version: 479,
    opaque: 123_456 + index,
    flag: 0,
    remark: undefined,
    extFields: undefined,
    headerType,
    header,
    body: content,
    serializeType,
  };
}

const frames = {
  send: ([0, 1] as const).map((type) =>
    sendAnswers.map((answer) => answerFrame(sendMessageV2.response.encode(answer) ?? {}, type)),
  ),
  pull: ([0, 1] as const).map((type) =>
    pullAnswers.map((answer) => answerFrame(pullMessage.response.encode(answer) ?? {}, type)),
  ),
};
const nothing: Buffer = Buffer.alloc(0);
/** Does the same with each of 64 answers in turn. */
function onFrames(
  kind: keyof typeof frames,
  type: SerializeType,
  use: (frame: Buffer) => unknown,
): (index: number) => unknown {
  const list = frames[kind][type] ?? [];
  return (index) => use(list[index] ?? nothing);
}

const decoder = new FrameDecoder(undefined, { lazy: true });
const general = new FrameDecoder();
/** What a caller declares that needs no more. */
const sendPlace = header('SendMessageResponseHeader', {
  msgId: fields.string(),
  queueId: fields.int(),
  queueOffset: fields.long(),
});

function decode(
  kind: keyof typeof frames,
  type: SerializeType,
  read: (command: RemotingCommand) => unknown,
): (index: number) => unknown {
  const take = (command: RemotingCommand): void => {
    sink = read(command);
  };
  return onFrames(kind, type, (frame) => decoder.push(frame, take));
}
function decodeGenerally(type: SerializeType): (index: number) => unknown {
  const take = (command: RemotingCommand): void => {
    sink = sendMessageV2.response.decode(command.extFields);
  };
  return onFrames('send', type, (frame) => general.push(frame, take));
}
const readSend = (command: RemotingCommand): unknown => sendMessageV2.response.read(command);
const readPull = (command: RemotingCommand): unknown => pullMessage.response.read(command);

const options = { maxBodySize: 4 * 1024 * 1024, brokerName: 'broker-a' };
function decodeAll(touch: (record: StoredRecord & { ok: true }) => unknown): () => unknown {
  return () => {
    for (const record of decodeStoredMessages(pulled, options)) if (record.ok) sink = touch(record);
  };
}

const template = encodeCommand(
  outgoing(310, 1, { extFields: sendMessageV2.request.encode(sendHeaders[0] ?? ({} as never)), body }),
);
const floor = new SendFloor(
  template,
  8 + 5,
  '\u0001e\u0000\u0000\u0000\u00010',
  '1700000000000',
  '0A0000013039',
);
const keys = sendHeaders.map((header) => /UNIQ_KEY.(\w+)/.exec(header.properties)?.[1] ?? '');

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

const parseHeader = (frame: Buffer): unknown => JSON.parse(frame.toString('utf8', 8));

const cases: readonly Case[] = [
  {
    name: 'floor: send, template with four places filled in',
    run: (index) => {
      const { queueId, bornTimestamp } = sendHeaders[index] ?? { queueId: 0, bornTimestamp: 0 };
      floor.append(index, queueId, bornTimestamp, keys[index] ?? '');
    },
  },
  { name: 'floor: send answer, binary, by order', run: onFrames('send', 1, readSendFloor) },
  { name: 'floor: pull answer, binary, by order', run: onFrames('pull', 1, readPullFloor) },
  {
    name: 'floor: JSON.parse of a send answer',
    run: onFrames('send', 0, parseHeader),
  },
  {
    name: 'floor: JSON.parse of a pull answer',
    run: onFrames('pull', 0, parseHeader),
  },
  { name: 'floor: message, slice of the body', run: () => sliceBodies(pulled), per: 1000 },
  {
    name: 'P1 send V2, binary, 128 B: header object to bytes',
    run: encodeSend(1),
    floor: 'floor: send, template with four places filled in',
    bounds: [300, 500],
  },
  {
    name: 'P1 send V2, JSON, 128 B: header object to bytes',
    run: encodeSend(0),
    floor: 'floor: send, template with four places filled in',
    bounds: [1200, 2000],
  },
  { name: 'pull, binary: header object to bytes', run: encodePull(1) },
  { name: 'pull, JSON: header object to bytes', run: encodePull(0) },
  {
    name: 'P2 send answer, binary: bytes to header object',
    run: decode('send', 1, readSend),
    floor: 'floor: send answer, binary, by order',
    bounds: [150, 450],
  },
  {
    name: 'P2 send answer, binary: id, queue and offset alone',
    run: decode('send', 1, (command) => sendPlace.read(command)),
    floor: 'floor: send answer, binary, by order',
    bounds: [150, 450],
  },
  {
    name: 'P2 pull answer, binary: bytes to header object',
    run: decode('pull', 1, readPull),
    floor: 'floor: pull answer, binary, by order',
    bounds: [150, 450],
  },
  {
    name: 'P2 send answer, JSON: bytes to header object',
    run: decode('send', 0, readSend),
    floor: 'floor: JSON.parse of a send answer',
    bounds: [1100, 1500],
  },
  {
    name: 'P2 pull answer, JSON: bytes to header object',
    run: decode('pull', 0, readPull),
    floor: 'floor: JSON.parse of a pull answer',
    bounds: [1100, 1500],
  },
  {
    name: 'part of P2: pull answer, binary, lengths checked and nothing read',
    run: decode('pull', 1, (command) => command),
  },
  {
    name: 'part of P2: pull answer, JSON, looked over and nothing read',
    run: decode('pull', 0, (command) => command),
  },
  { name: 'send answer, binary, the general way', run: decodeGenerally(1) },
  { name: 'send answer, JSON, the general way', run: decodeGenerally(0) },
  {
    name: 'P3 message: offset and body, before any property',
    run: decodeAll(({ message }) => message.queueOffset + message.body.length),
    per: 1000,
    floor: 'floor: message, slice of the body',
    bounds: [200, 400],
  },
  {
    name: 'P3 message: topic, tags, id, times, body',
    run: decodeAll(({ message: m }) => [
      m.topic,
      m.tags,
      m.messageId,
      m.bornTimestamp,
      m.storeTimestamp,
      m.queueOffset,
      m.body,
    ]),
    per: 1000,
    floor: 'floor: message, slice of the body',
    bounds: [1000, 1300],
  },
  { name: 'message: decoded, nothing read', run: decodeAll(() => 0), per: 1000 },
  { name: 'route body (fastjson parser)', run: () => parseFastjson(route?.toString() ?? '') },
  ...aliOnsCases(),
];

function aliOnsCases(): Case[] {
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
    const wire = {
      ...sendMessageV2.request.encode({ ...sendHeaders[0], properties } as (typeof sendHeaders)[0]),
    };
    const answer = (frame: Buffer): unknown => RemotingCommand.decode(frame).decodeCommandCustomHeader();
    return [
      {
        name: 'ali-ons: send V2, JSON, 128 B',
        run: () => Object.assign(RemotingCommand.createRequestCommand(310, wire), { body }).encode(),
      },
      { name: 'ali-ons: send answer, JSON', run: onFrames('send', 0, answer) },
      { name: 'ali-ons: pull answer, JSON', run: onFrames('pull', 0, answer) },
      {
        name: 'ali-ons: message, eager',
        run: () => messages.decodes(ByteBuffer.wrap(pulled), true),
        per: 1000,
      },
    ];
  } catch {
    return [];
  }
}

const wanted = cases.filter(({ name }) => name.includes(asked.only));
const { nanos, slowdown } = measureInRounds(wanted, Number(asked.rounds));

const results = wanted.map(({ name, floor: floorName, bounds }) => ({
  name,
  nanos: Math.round(nanos.get(name) ?? 0),
  floor: floorName === undefined ? undefined : Math.round(nanos.get(floorName) ?? 0),
  goal: bounds?.[0],
  gate: bounds?.[1],
}));

function verdict({ nanos: value, goal, gate }: (typeof results)[0]): string {
  if (goal === undefined || gate === undefined) return '';
  return value <= goal ? 'goal' : value <= gate ? 'gate' : 'MISSED';
}

if (asked.json) {
  console.log(JSON.stringify({ node: process.version, slowdown, results }));
} else {
  const cell = (value: string | number | undefined): string => String(value ?? '').padStart(8);
  console.log(`${cell('ns')}${cell('floor')}${cell('goal')}${cell('gate')}${cell('')}`);
  for (const result of results) {
    const { name, nanos: value, floor: least, goal, gate } = result;
    console.log(`${cell(value)}${cell(least)}${cell(goal)}${cell(gate)}${cell(verdict(result))}  ${name}`);
  }
  console.log(`a fixed loop took ${slowdown.median} (median) to ${slowdown.most} times its best`);
}
if (sink === Symbol.iterator) console.log(sink);
