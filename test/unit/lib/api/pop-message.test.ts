import { expect } from 'chai';
import { describe, it } from 'mocha';

import { readPopAnswer, type PopRequest } from '../../../../lib/api/pop-message.ts';
import { writeReceiptHandle } from '../../../../protocol/message/pop.ts';
import { encodeStoredMessage } from '../../../../protocol/message/stored-message.ts';
import type { RemotingCommand } from '../../../../protocol/remoting-command.ts';

const request: PopRequest = {
  consumerGroup: 'G',
  queue: { topic: 'T', brokerName: 'broker-a', queueId: -1 },
  maxMsgNums: 32,
  invisibleTime: 60_000,
  pollTime: 15_000,
  from: 'first',
  expressionType: 'TAG',
  expression: '*',
  isOrderly: false,
  maxBodySize: 1_024,
};

const record = (queueId: number, queueOffset: number, properties: Record<string, string> = {}): Buffer =>
  encodeStoredMessage({
    topic: 'T',
    queueId,
    queueOffset,
    commitLogOffset: 7,
    storeTimestamp: 1,
    storeHost: '127.0.0.1:10911',
    bornTimestamp: 1,
    bornHost: '127.0.0.1:1',
    sysFlag: 0,
    flag: 0,
    reconsumeTimes: properties['POP_CK'] === undefined ? 0 : 1,
    preparedTransactionOffset: 0,
    body: Buffer.from('text'),
    properties: new Map(Object.entries(properties)),
  });

const answer = (code: number, body?: Buffer, ext: Record<string, string> = {}): RemotingCommand => ({
  code,
  language: 'JAVA',
  version: 513,
  opaque: 1,
  flag: 1,
  serializeType: 0,
  extFields: { popTime: '1000', invisibleTime: '60000', reviveQid: '3', restNum: '5', ...ext },
  body,
});

describe('An answer to a pop', () => {
  it('gives each message its receipt; what comes from the retry topic has one already', () => {
    const given = '9 1000 60000 3 1 broker-a 0 9';
    const body = Buffer.concat([record(0, 4), record(1, 7), record(0, 6), record(0, 9, { POP_CK: given })]);
    const ext = { startOffsetInfo: '0 0 4;0 1 5', msgOffsetInfo: '0 0 4,6;0 1 7' };
    const result = readPopAnswer(answer(0, body, ext), request, 'broker:1');
    expect(result).to.include({ status: 'FOUND', restNum: 5 });
    const handles = result.records.map((each) => (each.ok ? writeReceiptHandle(each.handle) : 'bad'));
    expect(handles).to.deep.equal([
      '4 1000 60000 3 0 broker-a 0 4',
      '5 1000 60000 3 0 broker-a 1 7',
      '4 1000 60000 3 0 broker-a 0 6',
      given,
    ]);
  });

  it('does not confuse receipts when a record in between cannot be read', () => {
    const broken = record(0, 5);
    broken.writeInt32BE(0x7fff_ffff, 84);
    const body = Buffer.concat([record(0, 4), broken, record(0, 6)]);
    const ext = { startOffsetInfo: '0 0 4', msgOffsetInfo: '0 0 4,5,6' };
    const { records } = readPopAnswer(answer(0, body, ext), request, 'broker:1');
    expect(records.map(({ ok, handle }) => [ok, handle?.offset])).to.deep.equal([
      [true, 4],
      [false, 5],
      [true, 6],
    ]);
  });

  it('counts the deliveries of orderly pops, by message or by queue', () => {
    const body = Buffer.concat([record(0, 4), record(0, 5)]);
    const ext = { startOffsetInfo: '0 0 4', msgOffsetInfo: '0 0 4,5', orderCountInfo: '0 qo0%4 3;0 0 1' };
    const { records } = readPopAnswer(answer(0, body, ext), { ...request, isOrderly: true }, 'broker:1');
    expect(records.map((each) => each.ok && each.message.reconsumeTimes)).to.deep.equal([3, 1]);
  });

  it('tells nothing found from a full broker, and refuses the rest', () => {
    const statuses = [19, 210, 209].map((code) => readPopAnswer(answer(code), request, 'broker:1').status);
    expect(statuses).to.deep.equal(['POLLING_NOT_FOUND', 'POLLING_NOT_FOUND', 'POLLING_FULL']);
    expect(() => readPopAnswer(answer(3), request, 'broker:1')).to.throw(/REQUEST_CODE_NOT_SUPPORTED/);
  });
});
