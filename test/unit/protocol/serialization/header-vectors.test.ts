import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Commands, encodeCommand, FrameDecoder, SerializeType } from '../../../../protocol/index.ts';
import type { ExtFields, OutgoingCommand, RemotingCommand } from '../../../../protocol/index.ts';

const base = { language: 'JAVA', version: 479, flag: 0, serializeType: SerializeType.JSON } as const;
const properties =
  'TAGS\u0001TagA\u0002WAIT\u0001true\u0002UNIQ_KEY\u00010A00000130390000ABCD000000010000\u0002';
const send = Commands.sendMessageV2.request.encode({
  producerGroup: 'PG1',
  topic: 'TopicTest',
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: 4,
  queueId: 1,
  sysFlag: 0,
  bornTimestamp: 1_700_000_000_000,
  flag: 0,
  properties,
  reconsumeTimes: 0,
  unitMode: false,
  batch: false,
  brokerName: 'broker-a',
});

/** Java's own bytes, from wire-protocol.md section 2.1, 3 and 11. */
const headers: [title: string, command: OutgoingCommand, text: string][] = [
  [
    'a route request',
    {
      ...base,
      code: 105,
      opaque: 5,
      extFields: Commands.getRouteInfoByTopic.request.encode({ topic: 'TopicTest' }),
    },
    '{"code":105,"extFields":{"topic":"TopicTest"},"flag":0,"language":"JAVA","opaque":5,"serializeTypeCurrentRPC":"JSON","version":479}',
  ],
  [
    'a heartbeat, whose header class is empty',
    { ...base, code: 34, opaque: 1, extFields: Commands.heartBeat.request.encode({}) },
    '{"code":34,"extFields":{},"flag":0,"language":"JAVA","opaque":1,"serializeTypeCurrentRPC":"JSON","version":479}',
  ],
  [
    'a cluster request, which has no header class',
    { ...base, code: 106, opaque: 2, extFields: Commands.getBrokerClusterInfo.request.encode({}) },
    '{"code":106,"flag":0,"language":"JAVA","opaque":2,"serializeTypeCurrentRPC":"JSON","version":479}',
  ],
  [
    'an answer',
    { ...base, code: 0, opaque: 5, flag: 1, extFields: { k: 'v' } },
    '{"code":0,"extFields":{"k":"v"},"flag":1,"language":"JAVA","opaque":5,"serializeTypeCurrentRPC":"JSON","version":479}',
  ],
  [
    'a send request',
    { ...base, code: 310, opaque: 7, extFields: send },
    `{"code":310,"extFields":{"a":"PG1","b":"TopicTest","c":"TBW102","d":"4","e":"1","f":"0","g":"1700000000000","h":"0","i":"TAGS\\u0001TagA\\u0002WAIT\\u0001true\\u0002UNIQ_KEY\\u00010A00000130390000ABCD000000010000\\u0002","j":"0","k":"false","m":"false","n":"broker-a"},"flag":0,"language":"JAVA","opaque":7,"serializeTypeCurrentRPC":"JSON","version":479}`,
  ],
];

function decode(bytes: Buffer): RemotingCommand {
  const commands: RemotingCommand[] = [];
  new FrameDecoder().push(bytes, (command) => commands.push(command));
  return commands[0] as RemotingCommand;
}

function withHeader(text: string): RemotingCommand {
  const header = Buffer.from(text);
  const prefix = Buffer.alloc(8);
  prefix.writeInt32BE(header.length + 4, 0);
  prefix.writeInt32BE(header.length, 4);
  return decode(Buffer.concat([prefix, header]));
}

describe('JSON headers', () => {
  for (const [title, command, text] of headers) {
    it(`write ${title} as Java does`, () => {
      expect(encodeCommand(command).toString('utf8', 8)).to.equal(text);
    });
  }

  it('write a pop request with the same fields as Java', () => {
    const java = {
      pollTime: '15000',
      invisibleTime: '60000',
      queueId: '-1',
      bornTime: '1700000000000',
      maxMsgNums: '32',
      bname: 'broker-a',
      topic: 'TopicTest',
      expType: 'TAG',
      exp: '*',
      consumerGroup: 'CG1',
      initMode: '1',
      order: 'false',
    };
    const row = Commands.popMessage.request;
    expect({ ...row.encode(row.decode(java)) }).to.deep.equal(java);
  });

  it('write a reset request with the same fields as Java', () => {
    const java = { queueId: '-1', offset: '-1', topic: 'T', isForce: 'true', group: 'G', timestamp: '-1' };
    const row = Commands.invokeBrokerToResetOffset.request;
    expect({ ...row.encode(row.decode(java)) }).to.deep.equal(java);
  });

  it('write the complete frame of a send request as Java does', () => {
    const frame = encodeCommand({
      ...base,
      code: 310,
      opaque: 7,
      extFields: send,
      body: Buffer.from('hello'),
    });
    expect(frame.toString('hex', 0, 8)).to.equal('000001650000015c');
    expect(frame.toString('utf8', frame.length - 5)).to.equal('hello');
    expect(frame).to.have.length(0x165 + 4);
  });

  it('escape what JSON must escape, and nothing else', () => {
    const remark = 'quote " back \\ tab \t nul \0 slash / 消息 😀 \u2028 lone \ud800';
    const header = encodeCommand({ ...base, code: 0, opaque: 1, remark }).toString('utf8', 8);
    expect(header).to.include('slash / 消息 😀 \u2028');
    expect(JSON.parse(header)).to.have.property('remark', remark);
  });

  it('read what is missing as Java does', () => {
    expect(withHeader('{"code":0}')).to.deep.equal({
      code: 0,
      language: 'JAVA',
      version: 0,
      opaque: 0,
      flag: 0,
      remark: undefined,
      body: undefined,
      extFields: undefined,
      serializeType: SerializeType.JSON,
    });
  });

  it('read numbers and booleans among the fields as text, and leave out nulls and unknown members', () => {
    const { extFields } = withHeader(
      '{"code":1,"extFields":{"a":1,"b":true,"c":null,"d":"x"},"what":{"ever":[1]}}',
    );
    expect({ ...extFields }).to.deep.equal({ a: '1', b: 'true', d: 'x' });
  });

  it('read languages by name and by number, unknown ones as undefined', () => {
    expect(withHeader('{"language":"GO"}').language).to.equal('GO');
    expect(withHeader('{"language":13}').language).to.equal('NODE_JS');
    expect(withHeader('{"language":"KLINGON"}').language).to.equal(undefined);
    expect(withHeader('{"language":"toString"}').language).to.equal(undefined);
  });

  it('give fields that inherit nothing', () => {
    const ext = withHeader('{"extFields":{"__proto__":"p","constructor":"c"}}').extFields as ExtFields;
    expect(Object.keys(ext)).to.deep.equal(['__proto__', 'constructor']);
    expect(ext['toString']).to.equal(undefined);
    expect(ext['__proto__']).to.equal('p');
    expect(({} as Record<string, unknown>)['p']).to.equal(undefined);
  });

  for (const text of [
    '{"extFields":{"a":{}}}',
    '{"extFields":[]}',
    '{"opaque":1.5}',
    '{"code":"x"}',
    '{"remark":{}}',
    '{"version":4294967296}',
  ]) {
    it(`refuse ${text}`, () => {
      expect(() => withHeader(text)).to.throw(/header/);
    });
  }

  it('refuse or survive deep nesting, never a stack overflow', () => {
    expect(() => withHeader(`{"extFields":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`)).to.throw(
      /extFields/,
    );
    expect(withHeader(`{"unknown":${'['.repeat(200_000)}${']'.repeat(200_000)}}`).code).to.equal(0);
  });
});

describe('binary headers', () => {
  const binary = { ...base, serializeType: SerializeType.ROCKETMQ };

  it('write a route request as Java does', () => {
    const command = { ...binary, code: 105, opaque: 5, remark: 'hi', extFields: { topic: 'TopicTest' } };
    expect(encodeCommand(command).toString('hex')).to.equal(
      '0000002f0100002b00690001df0000000500000000000000026869000000140005746f70696300000009546f70696354657374',
    );
  });

  it('write a send request as Java does', () => {
    const command = { ...binary, code: 310, opaque: 7, extFields: send, body: Buffer.from('hi') };
    const plain = { ...send, i: 'WAIT\u0001true\u0002' };
    const ordered = Object.fromEntries(Object.entries(plain).sort(([a], [b]) => (a < b ? -1 : 1)));
    expect(encodeCommand({ ...command, extFields: ordered }).toString('hex')).to.equal(
      '000000b6010000b001360001df0000000700000000000000000000009b0001610000000350473100016200000009546f70696354657374000163000000065442573130320001640000000134000165000000013100016600000001300001670000000d3137303030303030303030303000016800000001300001690000000a5741495401747275650200016a000000013000016b0000000566616c736500016d0000000566616c736500016e0000000862726f6b65722d616869',
    );
  });

  it('let the later of two fields win, and read an empty value as none', () => {
    const command = decode(
      encodeCommand({ ...binary, code: 1, opaque: 1, extFields: { a: '1', b: '', c: 'x' } }),
    );
    expect({ ...command.extFields }).to.deep.equal({ a: '1', c: 'x' });
    const field =
      '000161000000013100016100000001320009' + Buffer.from('__proto__').toString('hex') + '0000000178';
    const bytes = Buffer.from(
      `0001000001000000010000000000000000${(field.length / 2).toString(16).padStart(8, '0')}${field}`,
      'hex',
    );
    const prefix = Buffer.alloc(8);
    prefix.writeInt32BE(bytes.length + 4, 0);
    prefix.writeUInt32BE(0x0100_0000 + bytes.length, 4);
    const ext = decode(Buffer.concat([prefix, bytes])).extFields as ExtFields;
    expect(Object.entries(ext)).to.deep.equal([
      ['a', '2'],
      ['__proto__', 'x'],
    ]);
    expect(ext['toString']).to.equal(undefined);
  });

  const cut = '0001000001000000010000000000000000';
  for (const [title, hex] of [
    ['a remark longer than the header', '00010000010000000100000000000000ff00000000'],
    ['a negative remark', '000100000100000001000000008000000000000000'],
    ['fields longer than the header', `${cut}000000ff`],
    ['a negative length of the fields', `${cut}ffffffff`],
    ['a field name longer than the fields', `${cut}00000007000a6100000000`],
    ['a negative field name', `${cut}00000007ffff6100000000`],
    ['a field value longer than the fields', `${cut}0000000700016100000009`],
    ['a negative field value', `${cut}00000007000161ffffffff`],
    ['fields that are cut off', `${cut}000000030001 61`.replace(' ', '')],
    ['a header that is cut off', '0001000001'],
  ] as const) {
    it(`refuse ${title}`, () => {
      const bytes = Buffer.from(hex, 'hex');
      const prefix = Buffer.alloc(8);
      prefix.writeInt32BE(bytes.length + 4, 0);
      prefix.writeUInt32BE(0x0100_0000 + bytes.length, 4);
      expect(() => decode(Buffer.concat([prefix, bytes]))).to.throw(/header/);
    });
  }
});
