import { expect } from 'chai';
import { describe, it } from 'mocha';

import { listenerStacks } from '../../../../lib/consumer/listener-stacks.ts';
import { OwnedQueue } from '../../../../lib/consumer/owned-queue.ts';
import type { ReceivedMessage } from '../../../../protocol/message/stored-message.ts';

function owned(messages: number, begun: number): OwnedQueue {
  const queue = new OwnedQueue({ topic: 'Topic', brokerName: 'broker-a', queueId: 0 }, 'Group');
  queue.begin(10, undefined);
  const message = (index: number) =>
    ({ queueOffset: 10 + index, storeSize: 1, messageId: `M${index}`, reconsumeTimes: 2 }) as ReceivedMessage;
  queue.process.put(
    Array.from({ length: messages }, (_, index) => message(index)),
    10 + messages,
  );
  queue.process.take(begun);
  return queue;
}

describe('listenerStacks', () => {
  it('names each message that a listener is at work on, in the layout of Java', () => {
    const start = 'listener Topic@broker-a@0'.padEnd(40);
    expect(listenerStacks('Group', [owned(5, 2)]).split('\n')).to.deep.equal([
      `${'consumer Group'.padEnd(40)}TID: 1 STATE: RUNNABLE`,
      `${'consumer Group'.padEnd(40)}2 messages with listeners, 5 cached, in 1 queues`,
      '',
      `${start}TID: 2 STATE: WAITING`,
      `${start}message M0 at offset 10, reconsumed 2 times, queue active`,
      '',
      `${start}TID: 2 STATE: WAITING`,
      `${start}message M1 at offset 11, reconsumed 2 times, queue active`,
      '',
    ]);
  });

  it('leaves out messages that are done, and counts what it does not name', () => {
    const queue = owned(150, 120);
    const [first] = queue.process.atWork(1);
    if (first !== undefined) queue.process.complete(first);
    const text = listenerStacks('Group', [queue]);
    expect(text).to.include('message M100 at').and.to.include('and 19 more');
    expect(text).not.to.match(/message M(0|101) at/);
  });
});
