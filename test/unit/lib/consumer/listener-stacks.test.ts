import { expect } from 'chai';
import { describe, it } from 'mocha';

import { beginCall, endCall } from '../../../../lib/consumer/cached-message.ts';
import { listenerStacks } from '../../../../lib/consumer/listener-stacks.ts';
import { OwnedQueue } from '../../../../lib/consumer/owned-queue.ts';
import type { ReceivedMessage } from '../../../../protocol/message/stored-message.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** A queue from offset 10 on, of whose messages each of the first has a listener at work, and 500 ms later. */
async function scene(messages: number, begun: number) {
  const clock = new FakeClock();
  const owned = new OwnedQueue({ topic: 'Topic', brokerName: 'broker-a', queueId: 0 }, 'Group');
  owned.begin(10, undefined);
  const message = (index: number) =>
    ({ queueOffset: 10 + index, storeSize: 1, messageId: `M${index}`, reconsumeTimes: 2 }) as ReceivedMessage;
  owned.process.put(
    Array.from({ length: messages }, (_, index) => message(index)),
    10 + messages,
  );
  const calls = owned.process.take(begun).map((entry) => beginCall([entry], clock.uptime()));
  await clock.advance(500);
  return { owned, calls, text: () => listenerStacks({ consumerGroup: 'Group', clock }, [owned]) };
}

describe('listenerStacks', () => {
  it('names each message that a listener is at work on, and for how long, in the layout of Java', async () => {
    const { text } = await scene(5, 2);
    const start = 'listener Topic@broker-a@0'.padEnd(40);
    expect(text().split('\n')).to.deep.equal([
      `${'consumer Group'.padEnd(40)}TID: 1 STATE: RUNNABLE`,
      `${'consumer Group'.padEnd(40)}2 messages with listeners, 5 cached, in 1 queues`,
      '',
      `${start}TID: 2 STATE: WAITING`,
      `${start}message M0 at offset 10, for 500 ms, reconsumed 2 times, queue active`,
      '',
      `${start}TID: 2 STATE: WAITING`,
      `${start}message M1 at offset 11, for 500 ms, reconsumed 2 times, queue active`,
      '',
    ]);
  });

  it('leaves out what is done, and counts what it does not name', async () => {
    const { owned, calls, text } = await scene(150, 120);
    const [first] = calls;
    for (const entry of first?.batch ?? []) owned.process.complete(entry);
    if (first !== undefined) endCall(first);
    expect(text()).to.include('message M100 at').and.to.include('and 19 more');
    expect(text()).not.to.match(/message M(0|101) at/);
  });
});
