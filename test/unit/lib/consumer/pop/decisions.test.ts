import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';

import type { PopReceipt } from '../../../../../lib/api/pop-api.ts';
import type { PoppedRecord } from '../../../../../lib/api/pop-message.ts';
import { batchAcks, fitsBatch } from '../../../../../lib/consumer/pop/batch-acks.ts';
import { hasPopRoom, popRest } from '../../../../../lib/consumer/pop/pop-flow.ts';
import { judgePopped, popDelay } from '../../../../../lib/consumer/pop/pop-verdict.ts';
import { siftPopped } from '../../../../../lib/consumer/pop/sift-popped.ts';
import { POP_DELAY_LEVELS } from '../../../../../lib/options/pop.ts';
import { resolvePushConsumerOptions } from '../../../../../lib/options/push-consumer.ts';
import { ProtocolError } from '../../../../../protocol/errors.ts';
import type { ReceiptHandle } from '../../../../../protocol/message/pop.ts';
import type { ReceivedMessage } from '../../../../../protocol/message/stored-message.ts';
import { tagSubscription } from '../../../../../protocol/model/subscription-data.ts';

const handle: ReceiptHandle = {
  startOffset: 100,
  popTime: 1_700_000_000_000,
  invisibleTime: 60_000,
  reviveQueueId: 3,
  mark: '0',
  brokerName: 'broker-a',
  queueId: 1,
  offset: 102,
};

const receipt = (change: Partial<ReceiptHandle>, topic = 'T'): PopReceipt => ({
  consumerGroup: 'G',
  topic,
  handle: { ...handle, ...change },
});

describe('Pop decisions', () => {
  it('hides a failed message by the number of tries, or by the level asked for, as Java', () => {
    const delay = (level: number, times: number): number => popDelay(POP_DELAY_LEVELS, level, times) / 1_000;
    expect([0, 1, 2, 14, 15, 16, 99].map((times) => delay(0, times))).to.deep.equal([
      10, 30, 60, 3_600, 7_200, 7_200, 7_200,
    ]);
    expect([1, 4, 15, 18].map((level) => delay(level, 7))).to.deep.equal([30, 180, 7_200, 7_200]);
    expect(popDelay([500], 0, 3)).to.equal(500);
  });

  it('acknowledges, hides or buries', () => {
    const limits = { popDelayLevels: [1_000, 2_000], maxReconsumeTimes: 3 };
    const later = { done: false, delayLevel: 0 } as const;
    expect(judgePopped({ done: true }, 99, limits)).to.deep.equal({ kind: 'ack' });
    expect(judgePopped(later, 2, limits)).to.deep.equal({ kind: 'hide', ms: 2_000 });
    expect(judgePopped(later, 3, limits)).to.deep.equal({ kind: 'deadLetter' });
    expect(judgePopped({ done: false, delayLevel: -1 }, 0, limits)).to.deep.equal({ kind: 'deadLetter' });
    const unset = { ...limits, maxReconsumeTimes: -1 };
    expect([15, 16].map((times) => judgePopped(later, times, unset).kind)).to.deep.equal([
      'hide',
      'deadLetter',
    ]);
  });

  it('pops while there is room by count and by bytes', () => {
    const limits = { popThresholdForQueue: 96, pullThresholdSizeForQueue: 1 };
    expect(hasPopRoom({ held: 96, heldBytes: 1_048_576 }, limits)).to.equal(true);
    expect(hasPopRoom({ held: 97, heldBytes: 0 }, limits)).to.equal(false);
    expect(hasPopRoom({ held: 1, heldBytes: 1_048_577 }, limits)).to.equal(false);
  });

  it('asks again at once, unless the broker is full or did not wait', () => {
    expect(popRest('FOUND', 1)).to.equal(0);
    expect(popRest('POLLING_NOT_FOUND', 15_000)).to.equal(0);
    expect(popRest('POLLING_NOT_FOUND', 1)).to.equal(100);
    expect(popRest('POLLING_FULL', 15_000)).to.equal(1_000);
  });

  it('puts receipts of one pop of a queue into one entry of a batch', () => {
    const acks = batchAcks([
      receipt({ offset: 100 }),
      receipt({ offset: 103 }),
      receipt({ offset: 109 }),
      receipt({ popTime: 1 }),
      receipt({ mark: '1' }),
      receipt({ queueId: 2 }),
      receipt({}, 'U'),
    ]);
    expect(acks.map(({ topic, retry, queueId, bitSet }) => [topic, retry, queueId, bitSet])).to.deep.equal([
      ['T', '0', 1, [0, 3, 9]],
      ['T', '0', 1, [2]],
      ['T', '1', 1, [2]],
      ['T', '0', 2, [2]],
      ['U', '0', 1, [2]],
    ]);
    expect(
      [{ offset: 99 }, { offset: 4_195 }, { offset: 4_196 }].map((each) => fitsBatch(receipt(each))),
    ).to.deep.equal([false, true, false]);
  });

  it('loses no receipt in a batch, whatever the receipts', () => {
    const some = fc.record({
      queueId: fc.nat(3),
      popTime: fc.nat(3),
      startOffset: fc.nat(10),
      step: fc.nat(40),
      mark: fc.constantFrom('0', '1', '2'),
    });
    fc.assert(
      fc.property(fc.uniqueArray(some, { selector: (each) => JSON.stringify(each) }), (parts) => {
        const receipts = parts.map(({ step, ...part }) =>
          receipt({ ...part, offset: part.startOffset + step }),
        );
        const told = batchAcks(receipts).flatMap(({ bitSet, queueId, popTime, retry, startOffset }) =>
          bitSet.map((bit) => [queueId, popTime, retry, startOffset, startOffset + bit].join()),
        );
        const meant = receipts.map(({ handle: each }) =>
          [each.queueId, each.popTime, each.mark, each.startOffset, each.offset].join(),
        );
        expect(told.toSorted()).to.deep.equal(meant.toSorted());
      }),
    );
  });

  it('sorts what a pop brought', () => {
    const popped = (tags: string | undefined, reconsumeTimes: number): PoppedRecord => ({
      ok: true,
      message: { tags, reconsumeTimes } as ReceivedMessage,
      handle,
    });
    const bad: PoppedRecord = { ok: false, error: new ProtocolError('record', 'is broken') };
    const records = [popped('A', 0), popped('B', 0), popped('A', 17), popped(undefined, 0), bad];
    const sift = (expression: string): number[] => {
      const sifted = siftPopped(records, tagSubscription('T', expression, 0), 16);
      return [sifted.wanted, sifted.unwanted, sifted.exhausted, sifted.bad].map(({ length }) => length);
    };
    expect(sift('A')).to.deep.equal([1, 2, 1, 1]);
    expect(sift('*')).to.deep.equal([3, 0, 1, 1]);
  });

  it("has Java's options, defaults and bounds", () => {
    const resolve = (given: object): unknown =>
      resolvePushConsumerOptions({ consumerGroup: 'G', ...given }, 0);
    expect(resolve({})).to.include({
      clientRebalance: true,
      popInvisibleTime: 60_000,
      popBatchNums: 32,
      popThresholdForQueue: 96,
      messageRequestMode: undefined,
    });
    const refused = [
      { popInvisibleTime: 4_999 },
      { popInvisibleTime: 300_001 },
      { popInvisibleTime: 60 },
      { popBatchNums: 33 },
      { popBatchNums: 0 },
      { popDelayLevels: [] },
      { popDelayLevels: [1.5] },
      { messageRequestMode: 'push' },
      { messageRequestMode: 'pop', consumeMode: 'orderly', autoCommit: false },
    ];
    for (const given of refused) expect(() => resolve(given), JSON.stringify(given)).to.throw(/must be/);
  });
});
