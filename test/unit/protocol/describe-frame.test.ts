import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  Commands,
  Credentials,
  describeFrame,
  encodeBatch,
  encodeCommand,
  encodeStoredMessage,
  signRequest,
} from '../../../protocol/index.ts';
import { recordedFrames } from './recorded-frames.ts';

const start = { language: 'JAVA', version: 479, opaque: 7, flag: 0, serializeType: 0 } as const;
const { sendMessageV2, pullMessage } = Commands;

const sendHeader = {
  producerGroup: 'PG1',
  topic: 'TopicTest',
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: 4,
  queueId: 1,
  sysFlag: 0,
  bornTimestamp: 1_700_000_000_000,
  flag: 0,
  properties: 'TAGS\u0001TagA\u0002',
};

describe('describing a frame', () => {
  it('names the code, the fields and the body of a request', () => {
    const frame = encodeCommand({
      ...start,
      code: 310,
      extFields: { ...sendMessageV2.request.encode(sendHeader), later: 'x' },
      body: Buffer.from('hello'),
    });
    expect(describeFrame(frame)).to.deep.include({
      kind: 'request',
      size: frame.length,
      code: 310,
      name: 'SEND_MESSAGE_V2',
      oneway: false,
      serializeType: 'JSON',
      version: 'V5_3_3',
      headerClass: 'SendMessageRequestHeaderV2',
      body: { kind: 'message', size: 5, text: 'hello' },
      problems: [],
    });
    const { header, otherFields } = describeFrame(frame);
    expect({ ...header }).to.include({ producerGroup: 'PG1', queueId: 1, bornTimestamp: 1_700_000_000_000 });
    expect({ ...otherFields }).to.deep.equal({ later: 'x' });
  });

  const stored = encodeStoredMessage({
    topic: 'TopicTest',
    queueId: 3,
    queueOffset: 100,
    commitLogOffset: 5,
    sysFlag: 0,
    flag: 7,
    bornTimestamp: 1,
    bornHost: '10.0.0.9:5555',
    storeTimestamp: 2,
    storeHost: '10.0.0.1:10911',
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body: Buffer.from([0, 1, 255]),
    properties: new Map([['TAGS', 'TagA']]),
  });

  it('takes stored messages apart, also those that cannot be read', () => {
    const damaged = Buffer.from(stored);
    damaged[8] = 1;
    const header = { suggestWhichBrokerId: 0, nextBeginOffset: 2, minOffset: 0, maxOffset: 2 };
    const frame = encodeCommand({
      ...start,
      code: 0,
      flag: 1,
      extFields: pullMessage.response.encode(header),
      body: Buffer.concat([stored, damaged]),
    });
    for (const options of [{ requestCode: 11 }, {}]) {
      const { body, problems } = describeFrame(frame, options);
      expect(problems).to.deep.equal([]);
      const [good, bad] = (body?.value ?? []) as Record<string, unknown>[];
      expect({ ...good }).to.include({
        topic: 'TopicTest',
        queueOffset: 100,
        flag: 7,
        storeHost: '10.0.0.1:10911',
      });
      expect({ ...(good?.['body'] as object) }).to.deep.equal({ size: 3, hex: '0001ff' });
      expect(bad?.['problem']).to.match(/CRC/);
    }
    expect(describeFrame(frame, { requestCode: 11 })).to.include({
      request: 'PULL_MESSAGE',
      name: 'SUCCESS',
    });
  });

  it('explains a failure', () => {
    const frame = encodeCommand({ ...start, code: 17, flag: 1, remark: 'No topic' });
    expect(describeFrame(frame)).to.include({
      kind: 'response',
      name: 'TOPIC_NOT_EXIST',
      remark: 'No topic',
    });
    expect(describeFrame(frame).help).to.match(/create it/);
  });

  it('takes batches and configurations apart', () => {
    const body = encodeBatch([{ flag: 1, body: Buffer.from('m1'), properties: 'A\u0001b\u0002' }]);
    const batch = describeFrame(encodeCommand({ ...start, code: 320, body }));
    expect(JSON.stringify(batch.body?.value)).to.equal(
      '[{"flag":1,"properties":{"A":"b"},"body":{"size":2,"text":"m1"}}]',
    );
    const config = Buffer.from('brokerName=a\ntls.server.keyPassword=hunter2\n');
    const settings = describeFrame(encodeCommand({ ...start, code: 25, body: config })).body?.value;
    expect(JSON.stringify(settings)).to.equal('{"brokerName":"a","tls.server.keyPassword":"<redacted>"}');
  });

  it('shows no secret, wherever it travels', () => {
    const ext = { ...Commands.deleteAclConfig.request.encode({ accessKey: 'planted-1' }) };
    const credentials = new Credentials({
      accessKey: 'planted-2',
      secretKey: 'x',
      securityToken: 'planted-3',
    });
    ext['Signature'] = signRequest(ext, undefined, credentials);
    const frames = [
      encodeCommand({ ...start, code: 51, extFields: ext }),
      encodeCommand({
        ...start,
        code: 3001,
        body: Commands.createUser.requestBody.encode({ username: 'u', password: 'planted-4' }),
      }),
      encodeCommand({
        ...start,
        code: 0,
        flag: 1,
        body: Buffer.from('{"plainAccessConfigs":[{"accessKey":"planted-5","secretKey":"planted-6"}]}'),
      }),
      encodeCommand({
        ...start,
        code: 50,
        extFields: { accessKey: 'a', secretKey: 'planted-7', admin: 'false' },
      }),
    ];
    const shown = JSON.stringify(frames.map((frame) => describeFrame(frame)));
    expect(shown).to.not.include('planted');
    expect(shown).to.not.include(ext['Signature']);
    expect(shown).to.include('<redacted>').and.include('"username":"u"');
  });

  it('tells what is wrong, and shows the rest', () => {
    const frame = encodeCommand({ ...start, code: 11, extFields: { queueId: 'x', topic: 'T' } });
    const { problems, header } = describeFrame(frame);
    expect(problems).to.include('PullMessageRequestHeader.queueId: "x" is not a 32-bit integer');
    expect(problems).to.include('PullMessageRequestHeader.consumerGroup: is missing');
    expect({ ...header }).to.deep.equal({ topic: 'T', queueId: 'x' });
    expect(describeFrame(frame.subarray(0, 20)).problems).to.deep.equal([
      `frame: is cut off after 20 of ${frame.length} bytes`,
    ]);
    expect(describeFrame(Buffer.from('GET / HTTP/1.1')).problems[0]).to.match(/speaks HTTP/);
    expect(describeFrame(Buffer.alloc(0)).kind).to.equal('unreadable');
    expect(describeFrame(Buffer.concat([frame, Buffer.from('more')])).rest).to.deep.equal({
      size: 4,
      text: 'more',
    });
    const route = encodeCommand({ ...start, code: 0, flag: 1, body: Buffer.from('{"brokerDatas":5}') });
    const described = describeFrame(route, { requestCode: 105 });
    expect(described.problems).to.deep.equal(['TopicRouteData.brokerDatas: is not an array']);
    expect(JSON.stringify(described.body?.value)).to.equal('{"brokerDatas":5}');
  });

  it('reads every recorded frame without a problem', () => {
    for (const { bytes } of recordedFrames) expect(describeFrame(bytes).problems).to.deep.equal([]);
  });

  it('never throws', () => {
    const samples = recordedFrames.map(({ bytes }) => bytes);
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.nat(samples.length - 1),
        changes,
        fc.option(fc.nat(1100)),
        (sample, changed, requestCode) => {
          const frame = Buffer.from(samples[sample] ?? Buffer.alloc(0));
          for (const [at, byte] of changed) frame[at % Math.max(1, frame.length)] = byte;
          JSON.stringify(
            describeFrame(frame, requestCode === null ? {} : { requestCode }),
            (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
          );
        },
      ),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => void describeFrame(Buffer.from(bytes))),
      { numRuns: 500 },
    );
  });
});
