import { expect } from 'chai';
import { describe, it } from 'mocha';

import { countDone, judgeBatch, judgeResult } from '../../../../lib/consumer/consume/consume-result.ts';
import { judgeFlow } from '../../../../lib/consumer/flow-control.ts';
import { firstOffsetQuestion } from '../../../../lib/consumer/offset/first-offset.ts';
import { PullPace } from '../../../../lib/consumer/flow/pull-pace.ts';
import { pullDelay } from '../../../../lib/consumer/pull/pull-delay.ts';
import { siftRecords } from '../../../../lib/consumer/pull/sift-records.ts';
import { ResponseError } from '../../../../lib/errors.ts';
import { ProtocolError } from '../../../../protocol/errors.ts';
import type { ReceivedMessage, StoredRecord } from '../../../../protocol/message/stored-message.ts';
import { tagSubscription } from '../../../../protocol/model/subscription-data.ts';

describe('judgeResult', () => {
  const rows: [unknown, object][] = [
    [undefined, { done: true }],
    ['success', { done: true }],
    [3, { done: true }],
    [null, { done: true }],
    ['later', { done: false, delayLevel: 0 }],
    ['deadLetter', { done: false, delayLevel: -1 }],
    [{ delayLevel: 5 }, { done: false, delayLevel: 5 }],
    [{ delayLevel: 'soon' }, { done: false, delayLevel: 0 }],
    [{ ackIndex: 2 }, { done: false, delayLevel: 0, ackIndex: 2 }],
    [
      { ackIndex: -1, delayLevel: 3 },
      { done: false, delayLevel: 3, ackIndex: -1 },
    ],
    [{ ackIndex: 1.5 }, { done: false, delayLevel: 0 }],
    [{ ackIndex: null }, { done: false, delayLevel: 0 }],
    [{ other: 1 }, { done: true }],
  ];
  for (const [result, verdict] of rows) {
    it(`reads ${JSON.stringify(result) ?? 'nothing'} as ${JSON.stringify(verdict)}`, () => {
      expect(judgeResult(result)).to.deep.equal(verdict);
    });
  }
});

describe('countDone', () => {
  it('counts the messages up to ackIndex, never more than there are', () => {
    const counts = [-5, -1, 0, 2, 3, 9].map((ackIndex) =>
      countDone({ done: false, delayLevel: 0, ackIndex }, 4),
    );
    expect(counts).to.deep.equal([0, 0, 1, 3, 4, 4]);
    expect([countDone({ done: true }, 4), countDone({ done: false, delayLevel: 0 }, 4)]).to.deep.equal([
      4, 0,
    ]);
  });
});

describe('judgeBatch', () => {
  const unset = { ackIndex: Number.MAX_SAFE_INTEGER, delayLevelWhenNextConsume: 0 };
  it('adds what the listener has set where its result says nothing of it', () => {
    expect(judgeBatch({ done: true }, unset)).to.deep.equal({ done: true });
    expect(judgeBatch({ done: true }, { ackIndex: 1, delayLevelWhenNextConsume: 4 })).to.deep.equal({
      done: false,
      delayLevel: 4,
      ackIndex: 1,
    });
    const set = { ackIndex: 1, delayLevelWhenNextConsume: 4 };
    expect(judgeBatch({ done: false, delayLevel: 0 }, set)).to.deep.equal({ done: false, delayLevel: 4 });
    expect(judgeBatch({ done: false, delayLevel: -1 }, set)).to.deep.equal({ done: false, delayLevel: -1 });
    expect(judgeBatch({ done: false, delayLevel: 2, ackIndex: 0 }, set)).to.include({
      delayLevel: 2,
      ackIndex: 0,
    });
  });
});

describe('judgeFlow', () => {
  const limits = { pullThresholdForQueue: 10, pullThresholdSizeForQueue: 1, consumeConcurrentlyMaxSpan: 100 };
  const idle = { count: 0, bytes: 0, span: 0 };
  it('pulls at the limits and pauses beyond each of them', () => {
    expect(judgeFlow({ count: 10, bytes: 1_048_576, span: 100 }, limits)).to.equal('pull');
    expect(judgeFlow({ ...idle, count: 11 }, limits)).to.equal('tooManyMessages');
    expect(judgeFlow({ ...idle, bytes: 1_048_577 }, limits)).to.equal('tooManyBytes');
    expect(judgeFlow({ ...idle, span: 101 }, limits)).to.equal('spanTooWide');
  });
});

describe('firstOffsetQuestion', () => {
  it('follows the rules of Java', () => {
    const answers = (['first', 'last', 'timestamp'] as const).map((from) => [
      firstOffsetQuestion(from, 'T'),
      firstOffsetQuestion(from, '%RETRY%G'),
    ]);
    expect(answers).to.deep.equal([
      ['zero', 'zero'],
      ['maxOffset', 'zero'],
      ['searchByTime', 'maxOffset'],
    ]);
  });
});

describe('pullDelay', () => {
  it('is 20 ms at first when the broker asks for less, else a second', () => {
    const pace = new PullPace();
    expect(pullDelay(new ResponseError(1, 'broken', '127.0.0.1:1', 'PULL_MESSAGE'), pace)).to.equal(1_000);
    expect(pullDelay(undefined, pace)).to.equal(1_000);
    expect(pullDelay(new ResponseError(215, 'slow down', '127.0.0.1:1', 'PULL_MESSAGE'), pace)).to.equal(20);
  });
});

describe('siftRecords', () => {
  const good = (queueOffset: number, tags?: string): StoredRecord => ({
    ok: true,
    message: { queueOffset, tags } as unknown as ReceivedMessage,
  });
  const bad = (queueOffset?: number): StoredRecord => ({
    ok: false,
    size: 10,
    error: new ProtocolError('body', 'is too large'),
    ...(queueOffset !== undefined && { queueOffset }),
  });
  const all = tagSubscription('T', '*', 0);
  const offsets = (messages: readonly ReceivedMessage[]): number[] =>
    messages.map(({ queueOffset }) => queueOffset);

  it('compares tags again, because brokers compare only hashes', () => {
    const sifted = siftRecords(
      [good(0, 'AaAa'), good(1, 'BBBB')],
      { offset: 0, nextOffset: 2, policy: 'stop' },
      tagSubscription('T', 'AaAa', 0),
    );
    expect(offsets(sifted.messages)).to.deep.equal([0]);
    expect(sifted.nextOffset).to.equal(2);
  });

  it('delivers what is before an unreadable record and stops there', () => {
    const sifted = siftRecords([good(5), bad(6), good(7)], { offset: 5, nextOffset: 8, policy: 'stop' }, all);
    expect(offsets(sifted.messages)).to.deep.equal([5]);
    expect([sifted.nextOffset, sifted.stopAt]).to.deep.equal([6, 6]);
  });

  it('passes over that record alone under the policy skip', () => {
    const sifted = siftRecords([good(5), bad(), good(7)], { offset: 5, nextOffset: 8, policy: 'skip' }, all);
    expect(offsets(sifted.messages)).to.deep.equal([5, 7]);
    expect(sifted.bad.map(({ queueOffset }) => queueOffset)).to.deep.equal([6]);
    expect(sifted).to.not.have.property('stopAt');
  });
});
