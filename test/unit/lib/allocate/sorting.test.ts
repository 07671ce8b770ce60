import { expect } from 'chai';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { sortClientIds, sortQueues } from '../../../../lib/allocate/sorting.ts';
import {
  compareQueues,
  queueKey,
  queueToJavaString,
  sameQueue,
  type MessageQueue,
} from '../../../../protocol/model/message-queue.ts';

const part = fc.string({ unit: fc.constantFrom('a', '@', '\\', '1', '😀'), maxLength: 3 });
const anyQueue: fc.Arbitrary<MessageQueue> = fc.record({
  topic: part,
  brokerName: part,
  queueId: fc.nat(12),
});

describe('allocate: sorting', () => {
  it('sorts client ids by UTF-16 code unit, keeps repeated ones and the list that was given', () => {
    const given = Object.freeze(['b', 'a', 'ｚ', '😀', 'B', 'é', 'a', '10', '9']);
    // By code point the wide z (U+FF5A) would come before the emoji (U+1F600).
    expect(sortClientIds(given)).to.deep.equal(['10', '9', 'B', 'a', 'a', 'b', 'é', '😀', 'ｚ']);
  });

  it('sorts queues by topic, broker name, and queue id as a number', () => {
    const sorted = [
      { topic: 'A', brokerName: 'b', queueId: 0 },
      { topic: 'a', brokerName: 'B', queueId: 3 },
      { topic: 'a', brokerName: 'b', queueId: 2 },
      { topic: 'a', brokerName: 'b', queueId: 10 },
      { topic: 'a', brokerName: '😀', queueId: 0 },
      { topic: 'a', brokerName: 'ｚ', queueId: 0 },
    ];
    expect(sortQueues(Object.freeze(sorted.toReversed()))).to.deep.equal(sorted);
  });
});

describe('MessageQueue', () => {
  it('has a key of its own, and only equal queues compare as 0', () => {
    fc.assert(
      fc.property(anyQueue, anyQueue, (a, b) => {
        const same = a.topic === b.topic && a.brokerName === b.brokerName && a.queueId === b.queueId;
        expect(queueKey(a) === queueKey(b)).to.equal(same);
        expect(sameQueue(a, b)).to.equal(same);
        expect(compareQueues(a, b) === 0).to.equal(same);
        expect(Math.sign(compareQueues(a, b)) + Math.sign(compareQueues(b, a))).to.equal(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('has no key in common with a queue whose names divide otherwise', () => {
    const first = { topic: 'a@b', brokerName: 'c', queueId: 0 };
    const second = { topic: 'a', brokerName: 'b@c', queueId: 0 };
    expect(queueKey(first)).to.equal('a\\@b@c@0');
    expect(queueKey(second)).to.equal('a@b@c@0');
    expect(queueKey({ topic: 'a\\', brokerName: 'b@c', queueId: 0 })).to.equal('a\\\\@b@c@0');
  });

  it('reads as topic@broker@id in logs, and as in Java where it is hashed', () => {
    const queue = { topic: 'TopicTest', brokerName: 'broker-a', queueId: 3 };
    expect(queueKey(queue)).to.equal('TopicTest@broker-a@3');
    expect(queueToJavaString(queue)).to.equal(
      'MessageQueue [topic=TopicTest, brokerName=broker-a, queueId=3]',
    );
  });
});
