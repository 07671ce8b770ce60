import { expect } from 'chai';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';

import { ProcessQueue } from '../../../../lib/consumer/process-queue.ts';
import type { ReceivedMessage } from '../../../../protocol/message/stored-message.ts';

const message = (queueOffset: number, heldSize = 100): ReceivedMessage =>
  ({ queueOffset, heldSize }) as unknown as ReceivedMessage;

describe('ProcessQueue', () => {
  it('commits the first offset while nothing was pulled', () => {
    expect(new ProcessQueue(7).commitOffset).to.equal(7);
  });

  it('commits the lowest offset that is not done, whatever the order in which messages finish', () => {
    const queue = new ProcessQueue(10);
    queue.put([message(10), message(11), message(12)], 13);
    const [first, second, third] = queue.take(3);
    if (!first || !second || !third) throw new Error('three messages were put');
    queue.complete(third);
    expect(queue.commitOffset).to.equal(10);
    queue.complete(first);
    expect(queue.commitOffset).to.equal(11);
    queue.complete(second);
    expect(queue.commitOffset).to.equal(13);
  });

  it('commits past filtered messages once everything before them is done', () => {
    const queue = new ProcessQueue(0);
    queue.put([message(3)], 10);
    const [entry] = queue.take(1);
    if (!entry) throw new Error('one message was put');
    expect(queue.commitOffset).to.equal(3);
    queue.complete(entry);
    expect(queue.commitOffset).to.equal(10);
  });

  it('counts messages and span of what is not done', () => {
    const queue = new ProcessQueue(0);
    queue.put([message(0), message(5), message(9)], 10);
    expect([queue.count, queue.span]).to.deep.equal([3, 9]);
    const entry = queue.takeOne();
    if (entry) queue.complete(entry);
    expect([queue.count, queue.span]).to.deep.equal([2, 4]);
  });

  it('counts the bytes of a pull until the last of its messages is done, because they share memory', () => {
    const queue = new ProcessQueue(0);
    queue.put([message(0, 10), message(1, 20)], 2);
    queue.put([message(2, 30)], 3);
    const [first, second, third] = queue.take(3);
    if (!first || !second || !third) throw new Error('three messages were put');
    const after = (entry: typeof first): number => {
      queue.complete(entry);
      return queue.bytes;
    };
    expect([queue.bytes, after(second), after(third), after(first)]).to.deep.equal([60, 60, 30, 0]);
  });

  it('counts no bytes for what is given back unconsumed', () => {
    const queue = new ProcessQueue(0);
    queue.put([message(0, 10), message(1, 20)], 2);
    const running = queue.takeOne();
    queue.put([message(2, 30)], 3);
    queue.discardWaiting();
    expect([queue.bytes, queue.count]).to.deep.equal([30, 1]);
    if (running) queue.complete(running);
    expect([queue.bytes, queue.count]).to.deep.equal([0, 0]);
  });

  it('gives back what no listener has begun with, and commits nothing of it', () => {
    const queue = new ProcessQueue(0);
    queue.put([message(0), message(1), message(2)], 3);
    const running = queue.takeOne();
    expect(queue.discardWaiting()).to.equal(2);
    expect(queue.waiting).to.equal(0);
    if (running) queue.complete(running);
    expect(queue.commitOffset).to.equal(1);
  });

  it('knows how many messages that were begun with a commit leaves out', () => {
    const queue = new ProcessQueue(0);
    queue.put([message(0), message(1), message(2), message(3)], 4);
    const [first, second] = queue.take(3);
    if (!first || !second) throw new Error('three messages were taken');
    queue.complete(second);
    queue.discardWaiting();
    expect([queue.uncovered, queue.running]).to.deep.equal([3, 2]);
    queue.complete(first);
    expect(queue.uncovered).to.equal(1);
  });

  it('hands out again, in order, what is not done, and commits nothing of it', () => {
    const queue = new ProcessQueue(0);
    queue.put([message(0), message(1), message(2), message(3)], 4);
    const [first, second, third] = queue.take(3);
    if (!first || !second || !third) throw new Error('three messages were put');
    queue.complete(first);
    queue.complete(third);
    queue.abandon(second);
    queue.rewind(1);
    expect(queue.commitOffset).to.equal(1);
    expect([queue.running, queue.waiting]).to.deep.equal([0, 2]);
    expect(queue.take(5).map(({ offset }) => offset)).to.deep.equal([1, 3]);
    expect(queue.handedOut).to.deep.equal({ count: 2, minOffset: 1, maxOffset: 3 });
  });

  it('never commits beyond a message that was given up', () => {
    const queue = new ProcessQueue(0);
    queue.put([message(0), message(1)], 2);
    const [first, second] = queue.take(2);
    if (!first || !second) throw new Error('two messages were put');
    queue.abandon(first);
    queue.complete(second);
    expect(queue.running).to.equal(0);
    expect(queue.commitOffset).to.equal(0);
  });

  it('never commits beyond a message that is not done, and never falls, for any history', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('put' as const),
        gaps: fc.array(fc.nat(3), { maxLength: 8 }),
        tail: fc.nat(3),
      }),
      fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ kind: fc.constant('complete' as const), index: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.nat(1_000), fc.array(step, { maxLength: 600 }), (start, steps) => {
        const queue = new ProcessQueue(start);
        const undone = new Set<number>();
        const running: ReturnType<ProcessQueue['take']> = [];
        let next = start;
        let committed = start;
        for (const each of steps) {
          if (each.kind === 'put') {
            const offsets = each.gaps.map((gap) => (next += gap + 1) - 1);
            for (const offset of offsets) undone.add(offset);
            next += each.tail;
            queue.put(
              offsets.map((offset) => message(offset)),
              next,
            );
          } else if (each.kind === 'take') running.push(...queue.take(each.count));
          else {
            const [entry] = running.splice(each.index % Math.max(1, running.length), 1);
            if (entry === undefined) continue;
            queue.complete(entry);
            undone.delete(entry.offset);
          }
          const expected = undone.size === 0 ? next : Math.min(...undone);
          expect(queue.commitOffset).to.equal(expected);
          expect(queue.commitOffset).to.be.at.least(committed);
          expect([queue.count, queue.running]).to.deep.equal([undone.size, running.length]);
          committed = queue.commitOffset;
        }
      }),
    );
  });
});
