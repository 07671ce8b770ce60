import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { MessageLog } from '../../../../../lib/embedded/store/message-log.ts';
import type { NewMessage } from '../../../../../lib/embedded/store/new-message.ts';
import { tagsCodeOf } from '../../../../../lib/embedded/store/stored-record.ts';
import { encodeStoredMessage } from '../../../../../protocol/message/stored-encoder.ts';

const storeHost = '127.0.0.1:10911';

function message(topic: string, queueId: number, size: number, tag?: string): NewMessage {
  return {
    topic,
    queueId,
    flag: 0,
    sysFlag: 0,
    bornTimestamp: 1_700_000_000_000,
    bornHost: '10.0.0.1:4000',
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body: Buffer.alloc(size, 'b'),
    properties: new Map(tag === undefined ? [] : [['TAGS', tag]]),
  };
}

const append = (log: MessageLog, at: number, each: NewMessage): number =>
  log.append(log.queue(each.topic, each.queueId), each, storeHost, at).commitLogOffset;

const anyMessages = fc.array(
  fc.record({
    topic: fc.constantFrom('A', 'B'),
    queueId: fc.nat(2),
    // Some are too large for a place beside others.
    size: fc.oneof(fc.nat(200), fc.integer({ min: 60_000, max: 70_000 })),
    tag: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
  }),
  { maxLength: 60 },
);

describe('MessageLog', () => {
  it('gives back by queue and by place what was stored, however large', () => {
    fc.assert(
      fc.property(anyMessages, (messages) => {
        const log = new MessageLog();
        const stored = messages.map(({ topic, queueId, size, tag }, index) => {
          const each = message(topic, queueId, size, tag);
          const queueOffset = log.queue(topic, queueId).maxOffset;
          const commitLogOffset = append(log, 1_000 + index, each);
          const fields = { ...each, queueOffset, commitLogOffset, storeTimestamp: 1_000 + index, storeHost };
          return { ...fields, tagsCode: tagsCodeOf(tag), bytes: encodeStoredMessage(fields) };
        });
        let end = 0;
        for (const {
          topic,
          queueId,
          queueOffset,
          commitLogOffset,
          storeTimestamp,
          tagsCode,
          bytes,
        } of stored) {
          expect(commitLogOffset).to.equal(end);
          end += bytes.length;
          for (const record of [log.queue(topic, queueId).at(queueOffset), log.at(commitLogOffset)]) {
            expect(record?.bytes.equals(bytes)).to.equal(true);
            const { size } = record ?? {};
            expect(record).to.include({
              topic,
              queueId,
              queueOffset,
              commitLogOffset,
              storeTimestamp,
              tagsCode,
            });
            expect(size).to.equal(bytes.length);
          }
          expect(log.at(commitLogOffset + 1)).to.equal(undefined);
        }
        expect(log.end).to.equal(end);
        expect(log.at(end)).to.equal(undefined);
        const newest = log.newest(5, ({ topic }) => topic === 'A').map((record) => record.commitLogOffset);
        const expected = stored.filter(({ topic }) => topic === 'A').slice(-5);
        expect(newest).to.deep.equal(expected.map(({ commitLogOffset }) => commitLogOffset));
      }),
      { numRuns: 50 },
    );
  });

  it('forgets the oldest beyond its limit, in all queues', () => {
    const log = new MessageLog(50_000);
    for (let count = 0; count < 2_000; count++) append(log, count, message('T', count % 3, 50));
    append(log, 2_000, message('Other', 0, 10));
    expect(log.end - log.begin).to.be.within(30_000, 50_000);
    expect(log.at(log.begin)?.commitLogOffset).to.equal(log.begin);
    expect(log.at(0)).to.equal(undefined);
    for (const queue of log.queuesOf('T')) {
      const offsets = Array.from(queue.records(), (record) => record.queueOffset);
      expect(offsets[0]).to.equal(queue.minOffset);
      expect(offsets.at(-1)).to.equal(queue.maxOffset - 1);
      expect(offsets).to.have.lengthOf(queue.maxOffset - queue.minOffset);
      expect(queue.at(queue.minOffset)?.commitLogOffset).to.be.at.least(log.begin);
      expect(queue.at(queue.minOffset - 1)).to.equal(undefined);
    }
  });

  it('keeps at least the last message, however large', () => {
    const log = new MessageLog(1_000);
    for (let count = 0; count < 5; count++) append(log, count, message('T', 0, 5_000));
    const { minOffset, maxOffset, last } = log.queue('T', 0);
    expect([minOffset, maxOffset, last?.queueOffset]).to.deep.equal([4, 5, 4]);
    expect(log.last?.queueOffset).to.equal(4);
  });

  it('lets a message that was taken out live on', () => {
    const log = new MessageLog(10_000);
    append(log, 0, message('T', 0, 100));
    const first = log.queue('T', 0).at(0);
    const copy = Buffer.from(first?.bytes ?? []);
    for (let count = 0; count < 1_000; count++) append(log, count, message('T', 0, 100));
    expect(log.queue('T', 0).minOffset).to.be.greaterThan(0);
    expect(first?.bytes.equals(copy)).to.equal(true);
  });
});
