import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  Commands,
  encodeCommand,
  FrameDecoder,
  FrameWriter,
  ProtocolError,
  ReceivedCommand,
  SerializeType,
} from '../../../protocol/index.ts';
import type {
  Command,
  ExtFields,
  Field,
  Header,
  HeaderFields,
  HeaderOf,
  OutgoingCommand,
  RemotingCommand,
} from '../../../protocol/index.ts';

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom(
    'TAGS\u0001TagA\u0002',
    'a"b\\c\n\r\t\b\f\u0000\u001f\u007f',
    '',
    'x'.repeat(300),
    '消息',
    '__proto__',
  ),
);
const values: Record<Field<unknown>['kind'], fc.Arbitrary<unknown>> = {
  string: text,
  int: fc.oneof(fc.integer(), fc.constantFrom(0, -0, 9, 10, 999_999_999, 1_000_000_000, 2 ** 31 - 1)),
  long: fc.oneof(
    fc.maxSafeInteger(),
    fc.constantFrom(0, 1e15, 999_999_999_999_999, 2 ** 53 - 1, 2 ** 53 - 2),
  ),
  millis: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(Number.MAX_SAFE_INTEGER, 1_700_000_000_000)),
  boolean: fc.boolean(),
  boundary: fc.constantFrom('LOWER', 'UPPER'),
};

/** Header objects: members in the declared order or in any other, optional ones left out or `undefined`. */
function valueOf(header: Header<HeaderFields>): fc.Arbitrary<Record<string, unknown>> {
  const names = Object.keys(header.fields);
  const members = Object.entries(header.fields).map(([name, { kind, required }]) =>
    required
      ? values[kind]
      : fc.option(values[kind], { nil: undefined, freq: 3 }).map((value) => [name, value]),
  );
  return fc
    .tuple(fc.tuple(...members), fc.boolean(), fc.shuffledSubarray(names, { minLength: names.length }))
    .map(([items, isOrdered, order]) => {
      const all = new Map(
        names.map((name, index) => {
          const item = items[index];
          return [name, Array.isArray(item) ? (item as unknown[])[1] : item];
        }),
      );
      return Object.fromEntries((isOrdered ? names : order).map((name) => [name, all.get(name)]));
    });
}

const rows = Object.entries(Commands).flatMap(([name, row]) =>
  (['request', 'response'] as const).map((side) => ({
    name: `${name} ${side}`,
    row: row as Command,
    header: (row as Command)[side],
  })),
);

const protocolUrl = new URL('../../../protocol/index.ts', import.meta.url).href;
const start = { language: 'JAVA', version: 479, serializeType: SerializeType.JSON } as const;

function decode(frame: Buffer, lazy: boolean, chunk = frame.length): RemotingCommand {
  const read: RemotingCommand[] = [];
  const decoder = new FrameDecoder(undefined, { lazy });
  for (let at = 0; at < frame.length; at += chunk) {
    decoder.push(frame.subarray(at, at + chunk), (command) => read.push(command));
  }
  expect(read).to.have.length(1);
  return read[0] as RemotingCommand;
}

/** What a call gives, or that it throws; messages count. */
function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `throws ${error.message}`;
  }
}

describe('the fast path', () => {
  for (const { name, row, header } of rows) {
    for (const serializeType of [SerializeType.JSON, SerializeType.ROCKETMQ]) {
      if (row.code > 0x7fff && serializeType === SerializeType.ROCKETMQ) continue;
      const form = serializeType === SerializeType.JSON ? 'JSON' : 'binary';
      it(`writes and reads ${name} as the general way does (${form})`, () => {
        // One writer for all, so that each header is written over another one.
        const writer = new FrameWriter();
        fc.assert(
          fc.property(
            valueOf(header),
            fc.nat(),
            fc.constantFrom(undefined, Buffer.from('body')),
            (value, opaque, body) => {
              const rest: OutgoingCommand = {
                ...start,
                code: row.code,
                opaque,
                flag: 1,
                serializeType,
                body,
              };
              writer.append({ ...rest, headerType: header, header: value });
              const fast = writer.take();
              const ext = header.encode(value);
              expect(fast.toString('latin1')).to.equal(
                encodeCommand({ ...rest, extFields: ext }).toString('latin1'),
              );
              const [lazy, plain] = [decode(fast, true), decode(fast, false)];
              const expected = outcome(() => header.decode(plain.extFields));
              expect(outcome(() => header.read(lazy))).to.deep.equal(expected);
              expect(outcome(() => header.read(plain))).to.deep.equal(expected);
              expect({ ...lazy.extFields }).to.deep.equal({ ...plain.extFields });
              expect(outcome(() => header.read(lazy))).to.deep.equal(expected);
              expect(lazy.body?.toString()).to.equal(body?.toString());
              const bytewise = decode(fast, true, 1);
              expect(outcome(() => header.read(bytewise))).to.deep.equal(expected);
            },
          ),
          { numRuns: 12 },
        );
      });
    }
  }
});

describe('the fast path is taken', () => {
  const { request, response } = Commands.pullMessage;
  const header = {
    consumerGroup: 'G',
    topic: 'T',
    queueId: 1,
    queueOffset: 7,
    maxMsgNums: 32,
    sysFlag: 2,
    commitOffset: 0,
    suspendTimeoutMillis: 15_000,
    subVersion: 0,
  };
  for (const serializeType of [SerializeType.JSON, SerializeType.ROCKETMQ]) {
    it(`for what clients write and servers answer (${serializeType})`, () => {
      const start = { language: 'JAVA', version: 479, code: 11, opaque: 1, flag: 0, serializeType } as const;
      const headerType = {
        plan: request.plan,
        encode: (): never => {
          throw new Error('The general way was taken');
        },
      };
      const command = decode(encodeCommand({ ...start, headerType, header }), true);
      expect(command).to.be.instanceOf(ReceivedCommand);
      expect((command as ReceivedCommand).readTyped(request.plan)).to.deep.equal(header);
      const value = { suggestWhichBrokerId: 0, nextBeginOffset: 5, minOffset: 0, maxOffset: 9 };
      const answer = decode(
        encodeCommand({ ...start, flag: 1, remark: 'FOUND', extFields: response.encode(value) }),
        true,
      );
      expect((answer as ReceivedCommand).readTyped(response.plan)).to.deep.equal(value);
    });
  }

  it('for the properties of a message, whose separators are escaped in JSON', () => {
    const row = Commands.sendMessageV2;
    const value = {
      producerGroup: 'G',
      topic: 'T',
      defaultTopic: 'TBW102',
      defaultTopicQueueNums: 4,
      queueId: 1,
      sysFlag: 0,
      bornTimestamp: 1_700_000_000_000,
      flag: 0,
      properties: 'UNIQ_KEY\u0001U\u0002TAGS\u0001größer\u0002',
    };
    const extFields = row.request.encode(value);
    const command = decode(encodeCommand({ ...start, code: row.code, opaque: 1, flag: 0, extFields }), true);
    expect((command as ReceivedCommand).readTyped(row.request.plan)).to.deep.equal(value);
    expect({ ...command.extFields }).to.deep.equal({ ...extFields });
  });
});

describe('a writer that has failed', () => {
  const { request } = Commands.getTopicStatsInfo;
  const { request: offsets } = Commands.updateConsumerOffset;
  const offset = { consumerGroup: 'G'.repeat(40), topic: 'T', queueId: 1, commitOffset: 7 };

  for (const serializeType of [SerializeType.JSON, SerializeType.ROCKETMQ]) {
    it(`writes the next header as if nothing had happened (${serializeType})`, () => {
      const writer = new FrameWriter();
      const rest = { ...start, serializeType, code: 15, opaque: 1, flag: 0 };
      const append = (headerType: OutgoingCommand['headerType'], header: object): string => {
        writer.append({ ...rest, headerType, header });
        return writer.take().toString('latin1');
      };
      const general = (header: typeof offset): string =>
        encodeCommand({ ...rest, extFields: offsets.encode(header) }).toString('latin1');
      const good = [
        offset,
        { ...offset, consumerGroup: `${'G'.repeat(36)}消息`, commitOffset: 10 },
        { ...offset, consumerGroup: 'H'.repeat(40), topic: 'U' },
        { ...offset, consumerGroup: '' },
      ];
      const bad: object[] = [
        { ...offset, consumerGroup: `${'G'.repeat(39)}\ud800` },
        { ...offset, topic: undefined },
        { ...offset, topic: '\udfff', commitOffset: -1 },
      ];
      for (const broken of bad) {
        for (const header of good) {
          expect(() => append(offsets, broken)).to.throw(ProtocolError);
          expect(append(offsets, header)).to.equal(general(header));
          expect(append(request, { topic: 'T' })).to.include('topic');
          expect(append(offsets, header)).to.equal(general(header));
        }
      }
    });
  }
});

describe('a process that forbids code from strings', () => {
  it('writes and reads headers the general way', async () => {
    const script = `
      import { Commands, encodeCommand, FrameDecoder } from ${JSON.stringify(protocolUrl)};
      let forbidden = false;
      try { new Function('') } catch { forbidden = true }
      const { request } = Commands.getConsumerListByGroup;
      const rest = { code: 38, language: 'JAVA', version: 479, opaque: 1, flag: 0 };
      const read = [0, 1].flatMap((serializeType) => ['A', 'B'].map((consumerGroup) => {
        const frame = encodeCommand({ ...rest, serializeType, headerType: request, header: { consumerGroup } });
        let header;
        new FrameDecoder(undefined, { lazy: true }).push(frame, (command) => (header = request.read(command)));
        return header.consumerGroup;
      }));
      console.log(JSON.stringify({ forbidden, read }));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--disallow-code-generation-from-strings',
      '--import',
      'tsx',
      '--input-type=module',
      '--eval',
      script,
    ]);
    expect(JSON.parse(stdout)).to.deep.equal({ forbidden: true, read: ['A', 'B', 'A', 'B'] });
  }).timeout(60_000);
});

describe('a command that looks into its frame', () => {
  const { response } = Commands.pullMessage;
  const withProperties = String.raw`{"code":310,"extFields":{"minOffset":"0","i":"TAGS\u0001A\u0002KEYS\u0001k\u0002","suggestWhichBrokerId":"0"},"flag":0}`;

  /** Header texts as other writers may write them; the plain form is only one of many. */
  const headers: [title: string, header: string][] = [
    [
      'the plain form',
      '{"code":0,"extFields":{"minOffset":"0","maxOffset":"9","nextBeginOffset":"5","suggestWhichBrokerId":"0"},"flag":1,"language":"JAVA","opaque":5,"remark":"FOUND","serializeTypeCurrentRPC":"JSON","version":479}',
    ],
    ['blanks', '{"code": 0, "extFields": {"minOffset": "0"}, "flag":1}'],
    [
      'escapes',
      String.raw`{"code":1,"extFields":{"minOffset":"\u0031","a\"b":"c\\"},"remark":"x\ny","flag":1}`,
    ],
    ['escapes of control characters', withProperties],
    [
      'escapes of control characters in a name',
      String.raw`{"code":1,"extFields":{"a\u0001b":"\u000A\u001f","minOffset":"1"}}`,
    ],
    ['a repeated field', '{"extFields":{"offset":"1","minOffset":"1","minOffset":"2"},"code":3}'],
    [
      'repeated members',
      '{"code":1,"code":2,"extFields":{"a":"b"},"extFields":{"c":"d"},"version":1,"version":2}',
    ],
    ['numbers among the fields', '{"extFields":{"minOffset":1,"b":true,"c":null}}'],
    ['nesting', '{"extFields":{"a":"b"},"more":{"x":[1,{"y":2}]}}'],
    ['no fields', '{"code":5}'],
    ['empty fields', '{"extFields":{},"opaque":7}'],
    ['nothing', '{}'],
    ['a null remark', '{"remark":null,"code":1}'],
    ['an unknown language', '{"language":"KLINGON","code":1}'],
    ['a number as language', '{"language":12,"code":1}'],
    ['characters beyond ASCII', '{"remark":"消息","extFields":{"minOffset":"7","名":"值"}}'],
    ['names of Object.prototype', '{"extFields":{"__proto__":"1","toString":"2","constructor":"3"}}'],
    ['negative and large numbers', '{"opaque":-5,"code":1000000000,"version":2147483647}'],
  ];
  for (const [title, header] of headers) {
    it(`is the same as a plain one with ${title}`, () => {
      const bytes = Buffer.from(header);
      const frame = Buffer.alloc(8 + bytes.length);
      frame.writeInt32BE(4 + bytes.length, 0);
      frame.writeInt32BE(bytes.length, 4);
      bytes.copy(frame, 8);
      const [lazy, plain] = [decode(frame, true), decode(frame, false)];
      const typed = [lazy, plain].map((command) => outcome(() => response.read(command)));
      expect(typed[0]).to.deep.equal(typed[1]);
      const { extFields, ...others } = lazy instanceof ReceivedCommand ? lazy.toJSON() : lazy;
      expect({ ...others, extFields: { ...extFields } }).to.deep.equal({
        ...plain,
        extFields: { ...plain.extFields },
      });
    });
  }

  for (const sample of [headers[0]?.[1] ?? '', withProperties])
    it(`never accepts what the general way refuses, from ${sample.slice(0, 50)}`, () => {
      const damages = fc.array(
        fc.tuple(
          fc.nat(sample.length - 1),
          fc.constantFrom(...Array.from('"\\,:{}[]0123456789-ax \u0001\u00e9')),
        ),
        { maxLength: 3 },
      );
      fc.assert(
        fc.property(damages, fc.nat(sample.length), fc.boolean(), (changes, cut, isCut) => {
          const bytes = Buffer.from(isCut ? sample.slice(0, cut) : sample);
          for (const [at, character] of changes) if (at < bytes.length) bytes.write(character, at, 'latin1');
          const frame = Buffer.concat([Buffer.alloc(8), bytes]);
          frame.writeInt32BE(4 + bytes.length, 0);
          frame.writeInt32BE(bytes.length, 4);
          const seen = [true, false].map((lazy) =>
            outcome(() => {
              const command = decode(frame, lazy);
              const { code, opaque, flag, version, language, remark } = command;
              return [
                code,
                opaque,
                flag,
                version,
                language,
                remark,
                { ...command.extFields },
                outcome(() => response.read(command)),
              ];
            }),
          );
          expect(seen[0]).to.deep.equal(seen[1]);
        }),
        { numRuns: 3000 },
      );
    });

  it('is shown by inspection and JSON with all of its parts', () => {
    const ext: ExtFields = { minOffset: '1' };
    const frame = encodeCommand({ ...start, code: 0, opaque: 1, flag: 1, extFields: ext, remark: 'FOUND' });
    expect(JSON.stringify(decode(frame, true)))
      .to.include('"extFields":{"minOffset":"1"}')
      .and.include('FOUND');
  });

  it('reads the map once somebody may have changed it', () => {
    const frame = encodeCommand({ ...start, code: 0, opaque: 1, flag: 1, extFields: { offset: '1' } });
    const command = decode(frame, true);
    (command.extFields as ExtFields)['offset'] = '2';
    expect(Commands.getMaxOffset.response.read(command)).to.deep.equal({ offset: 2 });
  });
});

describe('text that is not Unicode', () => {
  for (const serializeType of [SerializeType.JSON, SerializeType.ROCKETMQ]) {
    it(`is refused with the name of the field (${serializeType})`, () => {
      const header = { consumerGroup: 'a\ud800b' };
      const rest = { ...start, serializeType, code: 38, opaque: 1, flag: 0 };
      const { request } = Commands.getConsumerListByGroup;
      for (const command of [
        { ...rest, headerType: request, header },
        { ...rest, extFields: request.encode(header) },
      ])
        expect(() => encodeCommand(command)).to.throw(
          ProtocolError,
          /consumerGroup: holds half of a surrogate/,
        );
      const fine = request.encode({ consumerGroup: String.raw`C:\\ud800` });
      expect(() => encodeCommand({ ...rest, extFields: fine })).to.not.throw();
    });
  }
});

describe('a header whose last text is not ASCII', () => {
  const { request } = Commands.pullMessage;
  const numbers = { queueId: 0, queueOffset: 0, maxMsgNums: 32, sysFlag: 7, commitOffset: 0 };
  for (const serializeType of [SerializeType.JSON, SerializeType.ROCKETMQ])
    it(`is written whole when that needs more room (${serializeType})`, () => {
      const rest = { ...start, serializeType, code: 11, opaque: 1, flag: 0 };
      // What comes before ends anywhere around where the room ends.
      for (let size = 0; size < 3_000; size++) {
        const header = {
          ...numbers,
          consumerGroup: 'x'.repeat(size % 150),
          topic: 'x'.repeat(Math.floor(size / 150) * 4),
          liteTopic: 'l'.repeat(30),
          subscription: 's'.repeat(20),
          expressionType: 'TAG',
          proxyFrowardClientId: 'p'.repeat(10),
          namespace: 'n',
          suspendTimeoutMillis: 0,
          subVersion: 0,
          brokerName: '消息消息',
        };
        const writer = new FrameWriter();
        writer.append({ ...rest, headerType: request, header });
        const general = encodeCommand({ ...rest, extFields: request.encode(header) });
        expect(writer.take().equals(general), String(size)).to.equal(true);
      }
    });
});

describe('headers that differ little from the one before', () => {
  const { request } = Commands.updateConsumerOffset;
  const general = (header: object, opaque: number, serializeType: SerializeType): string =>
    encodeCommand({
      ...start,
      serializeType,
      code: 15,
      opaque,
      flag: 0,
      extFields: request.encode(header as HeaderOf<typeof request>),
    }).toString('latin1');

  for (const serializeType of [SerializeType.JSON, SerializeType.ROCKETMQ]) {
    it(`are written as the general way does: times that go on, texts of other alphabets with as many characters (${serializeType})`, () => {
      const writer = new FrameWriter();
      // Three bytes each in UTF-8: a text can have as many characters as the one before it had bytes.
      const group = fc.oneof(
        fc.constantFrom('GGGGGG', '消息', 'ab消', '消息消息消息', 'HHHHHH'),
        fc.string(),
      );
      const commitOffset = fc.oneof(
        fc.nat(),
        fc.integer({ min: 1_700_000_000_000, max: 1_700_000_001_000 }),
        fc.constantFrom(0, 9, 10, 999_999_999, 1_000_000_000, 1_999_999_999, 9_007_199_254_740_990),
      );
      fc.assert(
        fc.property(
          fc.record({ consumerGroup: group, topic: group, queueId: fc.nat(20), commitOffset }),
          fc.nat(),
          (header, opaque) => {
            const rest = { ...start, serializeType, code: 15, opaque, flag: 0 };
            writer.append({ ...rest, headerType: request, header });
            expect(writer.take().toString('latin1')).to.equal(general(header, opaque, serializeType));
          },
        ),
        { numRuns: 500 },
      );
    });
  }

  it('are read as the general way does, whatever else they differ in', () => {
    const decoder = new FrameDecoder(undefined, { lazy: true });
    // Mostly the same, so that one is compared with the other.
    const mostly = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> =>
      fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));
    const answer = fc.record({
      code: mostly(0, 9, 21),
      remark: mostly<string | undefined>('FOUND', undefined, 'FOUNT', 'FOUNDED', 'r'.repeat(600)),
      language: mostly<'JAVA' | 'GO' | 'CPP' | 'HTTP'>('JAVA', 'GO', 'CPP', 'HTTP'),
      version: mostly(479, 478, 5),
      flag: mostly(1, 3),
      opaque: fc.nat(),
      extFields: fc.oneof(
        mostly<ExtFields | undefined>({ a: '1' }, undefined, { a: '\u0001' }, { b: '{' }, {}),
        fc.dictionary(fc.string({ minLength: 1 }), fc.string()),
      ),
    });
    fc.assert(
      fc.property(answer, (given) => {
        const frame = encodeCommand({ ...given, body: undefined, serializeType: SerializeType.JSON });
        const read: unknown[] = [];
        decoder.push(frame, (command) => read.push(JSON.parse(JSON.stringify(command))));
        expect(read).to.deep.equal([JSON.parse(JSON.stringify(decode(frame, false)))]);
      }),
      { numRuns: 500 },
    );
  });
});
