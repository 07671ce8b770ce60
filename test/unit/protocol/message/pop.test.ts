import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  decodeTraceRecords,
  encodeTraceRecords,
  groupOfTopic,
  parseMsgOffsetInfo,
  parseOrderCountInfo,
  parseRecallHandle,
  parseReceiptHandle,
  parseStartOffsetInfo,
  popOffsetKey,
  popQueueKey,
  popRealTopic,
  popReceiptHandles,
  popVisibleTopic,
  ProtocolError,
  readBitSet,
  retryMark,
  writeBitSet,
  writePopInfo,
  writeReceiptHandle,
  writeRecallHandle,
} from '../../../../protocol/index.ts';
import type { TraceRecord } from '../../../../protocol/index.ts';

describe('pop encodings', () => {
  it('find the visible topic behind a pop retry topic', () => {
    for (const mark of ['0', '1', '2'] as const)
      expect(popVisibleTopic(popRealTopic('T_1', 'G', mark), 'G')).to.equal('T_1');
    expect(popVisibleTopic('%RETRY%G', 'G')).to.equal('%RETRY%G');
    expect(popVisibleTopic('%RETRY%GG_T', 'G')).to.equal('%RETRY%GG_T');
    expect(['T', '%RETRY%G', '%DLQ%G'].map(groupOfTopic)).to.deep.equal([undefined, 'G', 'G']);
  });

  it('carry receipt handles as Java does', () => {
    for (const mark of ['0', '1', '2']) {
      const text = `100 1700000000000 60000 3 ${mark} broker-a 1 102`;
      expect(writeReceiptHandle(parseReceiptHandle(text))).to.equal(text);
    }
    for (const text of ['', '1 2 3', '1 2 3 4 5 b 6 7', '1 2 3 4 0 b 6 x', '1 2 3 4 0 b 6 7 8'])
      expect(() => parseReceiptHandle(text), text).to.throw(ProtocolError);
  });

  it('carry the three lists of an answer', () => {
    const start = '0 1 100;1 2 7';
    expect(parseStartOffsetInfo(start).get(popQueueKey('1', 2))).to.equal(7);
    expect(writePopInfo(parseStartOffsetInfo(start))).to.equal(start);
    const offsets = '0 1 100,101,105;2 0 3';
    expect(parseMsgOffsetInfo(offsets).get('0@1')).to.deep.equal([100, 101, 105]);
    expect(writePopInfo(parseMsgOffsetInfo(offsets))).to.equal(offsets);
    const counts = parseOrderCountInfo('0 1 2;0 qo1%100 3');
    expect([counts.get(popQueueKey('0', 1)), counts.get(popOffsetKey('0', 1, 100))]).to.deep.equal([2, 3]);
    for (const text of ['0 1', '0 1 2 3', '0 1 2;0 1 3', '0 1 9007199254740993'])
      expect(() => parseStartOffsetInfo(text), text).to.throw(ProtocolError);
  });

  it('know the retry topics of both versions', () => {
    expect(['T', '%RETRY%G_T', '%RETRY%G+T'].map(retryMark)).to.deep.equal(['0', '1', '2']);
    expect((['0', '1', '2'] as const).map((mark) => popRealTopic('T', 'G', mark))).to.deep.equal([
      'T',
      '%RETRY%G_T',
      '%RETRY%G+T',
    ]);
  });

  it('give each message its handle by the place of its offset', () => {
    const answer = {
      popTime: 1_700_000_000_000,
      invisibleTime: 60_000,
      reviveQid: 3,
      startOffsetInfo: '0 1 100',
      msgOffsetInfo: '0 1 100,102',
    };
    const messages = [102, 100].map((queueOffset) => ({ storedTopic: 'T', queueId: 1, queueOffset }));
    expect(popReceiptHandles(answer, messages, 'broker-a').map(writeReceiptHandle)).to.deep.equal([
      '100 1700000000000 60000 3 0 broker-a 1 102',
      '100 1700000000000 60000 3 0 broker-a 1 100',
    ]);
    const bare = popReceiptHandles(
      { ...answer, startOffsetInfo: '', msgOffsetInfo: undefined },
      messages,
      'b',
    );
    expect(bare.map(({ startOffset, offset }) => [startOffset, offset])).to.deep.equal([
      [100, 102],
      [100, 100],
    ]);
  });

  it('carry bit sets as Java does', () => {
    expect(writeBitSet([0, 3, 9])).to.equal('CQI=');
    expect(readBitSet('CQI=')).to.deep.equal([0, 3, 9]);
    expect([writeBitSet([]), readBitSet('')]).to.deep.equal(['', []]);
  });
});

describe('a recall handle', () => {
  it('is the text that Java makes', () => {
    const handle =
      'djEgVG9waWNUZXN0IGJyb2tlci1hIDE3MDAwMDAwMDAwMDAgMEEwMDAwMDEzMDM5MDAwMEFCQ0QwMDAwMDAwMTAwMDA=';
    expect(parseRecallHandle(handle)).to.deep.equal({
      topic: 'TopicTest',
      brokerName: 'broker-a',
      timestamp: 1_700_000_000_000,
      messageId: '0A00000130390000ABCD000000010000',
    });
    expect(writeRecallHandle(parseRecallHandle(handle))).to.equal(handle);
  });

  it('is refused when it is something else', () => {
    for (const text of ['', 'xyz', Buffer.from('v2 a b 1 c').toString('base64url')])
      expect(() => parseRecallHandle(text), text).to.throw(ProtocolError);
    expect(() => writeRecallHandle({ topic: 'a b', brokerName: 'b', timestamp: 1, messageId: 'c' })).to.throw(
      ProtocolError,
    );
  });
});

describe('trace records', () => {
  const pub: TraceRecord = {
    type: 'Pub',
    time: 1_700_000_000_000,
    regionId: 'DefaultRegion',
    group: 'PG1',
    topic: 'TopicTest',
    messageId: 'M1',
    tags: 'TagA',
    storeHost: '10.0.0.1:10911',
    bodyLength: 5,
    costTime: 3,
    messageType: 0,
    offsetMessageId: 'O1',
    success: true,
  };

  it('are the fields that Java writes, null for what is not known', () => {
    expect(encodeTraceRecords([pub])).to.equal(
      'Pub\u00011700000000000\u0001DefaultRegion\u0001PG1\u0001TopicTest\u0001M1\u0001TagA\u0001null\u000110.0.0.1:10911\u00015\u00013\u00010\u0001O1\u0001true\u0002',
    );
  });

  it('come out as they went in', () => {
    const records: TraceRecord[] = [
      pub,
      {
        type: 'SubBefore',
        time: 1,
        regionId: 'R',
        group: 'G',
        requestId: 'Q',
        messageId: 'M',
        retryTimes: 2,
        keys: 'k',
      },
      {
        type: 'SubAfter',
        requestId: 'Q',
        messageId: 'M',
        costTime: 2,
        success: false,
        keys: 'k',
        contextCode: 4,
        time: 9,
        group: 'G',
      },
      {
        type: 'SubAfter',
        requestId: 'Q',
        messageId: 'M',
        costTime: 2,
        success: true,
        keys: 'k',
        contextCode: 0,
      },
      {
        type: 'EndTransaction',
        time: 1,
        regionId: 'R',
        group: 'G',
        topic: 'T',
        messageId: 'M',
        tags: 't',
        keys: 'k',
        storeHost: 'h:1',
        messageType: 2,
        transactionId: 'X',
        state: 'COMMIT_MESSAGE',
        fromTransactionCheck: true,
      },
      { type: 'Recall', time: 1, regionId: 'R', group: 'G', topic: 'T', messageId: 'M', success: true },
    ];
    expect(decodeTraceRecords(encodeTraceRecords(records))).to.deep.equal(records);
  });

  it('are refused when they are cut off, and left out when their type is unknown', () => {
    expect(() => decodeTraceRecords('Pub\u00011\u0002')).to.throw(ProtocolError);
    expect(decodeTraceRecords('Later\u00011\u0002__proto__\u0002')).to.deep.equal([]);
    expect(() => encodeTraceRecords([{ ...pub, tags: 'a\u0001b' }])).to.throw(ProtocolError);
  });
});
