import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { LitePullConsumer } from '../../../lib/consumer/lite-pull-consumer.ts';
import type { ReadOptions } from '../../../lib/consumer/lite/reading-options.ts';
import { closeOnSignals } from '../../../lib/runtime/close-on-signals.ts';
import type { ReceivedMessage } from '../../../protocol/message/stored-message.ts';
import { pollAll, queueOf, startGroup, stored, subscribed, textsOf, topic } from './scene.ts';

/** Reads so many messages in a loop, and leaves it. */
async function readSome(consumer: LitePullConsumer, count: number, options?: ReadOptions): Promise<string[]> {
  const texts: string[] = [];
  for await (const message of consumer.messages(options)) {
    texts.push(message.text());
    if (texts.length === count) break;
  }
  return texts;
}

describe('Loops over a LitePullConsumer, in virtual time', () => {
  it('count a message as consumed when the next one is asked for', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 10);
    const consumer = await subscribed(group);
    const iterator = consumer[Symbol.asyncIterator]();
    for (let read = 0; read < 4; read++) await group.run(iterator.next());
    expect(consumer.queues()[0]?.consumed).to.equal(3);
    await group.clock.advance(5_000);
    expect(stored(group)).to.deep.equal([3]);
  });

  it('leave the last message to the next reader when they are left', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 10);
    const consumer = await subscribed(group);
    expect(await group.run(readSome(consumer, 3))).to.deep.equal(['0', '1', '2']);
    const failing = async (): Promise<void> => {
      for await (const message of consumer) if (message.text() === '5') throw new Error('It does not work');
    };
    expect(await group.run(failing().catch((error: unknown) => error))).to.have.property(
      'message',
      'It does not work',
    );
    await group.clock.advance(5_000);
    expect(stored(group)).to.deep.equal([5]);
    expect(textsOf(await pollAll(group, consumer, 5))).to.deep.equal(['5', '6', '7', '8', '9']);
  });

  it('leave nothing behind when the last message was acknowledged or committed', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 10);
    const consumer = await subscribed(group);
    const acknowledging = async (): Promise<void> => {
      for await (const message of consumer) {
        expect(consumer.ack(message)).to.equal(true);
        expect(consumer.ack(message)).to.equal(false);
        if (message.text() === '2') break;
      }
    };
    await group.run(acknowledging());
    const committing = async (): Promise<void> => {
      for await (const message of consumer) {
        if (message.text() !== '5') continue;
        await consumer.commit();
        break;
      }
    };
    await group.run(committing());
    expect(stored(group)).to.deep.equal([6]);
    expect(await group.run(readSome(consumer, 1))).to.deep.equal(['6']);
  });

  it('acknowledge a message that was given back, and it is not given out again', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 3);
    const consumer = await subscribed(group);
    const kept: ReceivedMessage[] = [];
    const reading = async (): Promise<void> => {
      for await (const message of consumer) {
        kept.push(message);
        break;
      }
    };
    await group.run(reading());
    expect(kept.map((message) => consumer.ack(message))).to.deep.equal([true]);
    expect(await group.run(readSome(consumer, 2))).to.deep.equal(['1', '2']);
  });

  it('share the messages when there are several, each with its own progress', async () => {
    await using group = await startGroup(2);
    const sent = await group.send(topic, 200);
    const consumer = await subscribed(group);
    const seen: string[] = [];
    const worker = async (): Promise<void> => {
      for await (const message of consumer.messages()) {
        await group.clock.sleep(10);
        seen.push(message.text());
      }
    };
    const workers = [worker(), worker(), worker(), worker()];
    await group.until(() => seen.length === 200);
    await group.run(consumer.shutdown());
    await Promise.all(workers);
    expect(seen.toSorted()).to.deep.equal(sent.toSorted());
    expect(stored(group)).to.deep.equal([100, 100]);
  });

  it('keep many messages in work when each is acknowledged by itself, and commit up to the first that is not', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 100);
    const consumer = await subscribed(group, { pullThresholdForQueue: 20 });
    const work = new Map<string, ReceivedMessage>();
    const reading = (async () => {
      for await (const message of consumer.messages({ ack: 'manual' })) work.set(message.text(), message);
    })();
    await group.until(() => work.size >= 20);
    await group.clock.advance(60_000);
    // As many as the limits allow: those in work count.
    expect(work.size).to.be.within(20, 31);
    const done = (text: string): boolean => consumer.ack(work.get(text) ?? (undefined as never));
    for (const text of ['0', '1', '3']) expect(done(text)).to.equal(true);
    await group.run(consumer.commit());
    expect(stored(group)).to.deep.equal([2]);
    const leaving = consumer.shutdown();
    await group.clock.advance(100);
    expect(done('2')).to.equal(true);
    await group.run(leaving);
    await reading;
    expect(stored(group)).to.deep.equal([4]);
  });

  it('end when the consumer shuts down, which waits for the message in work', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 10);
    const consumer = await subscribed(group);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const message of consumer) {
        await group.clock.sleep(1_000);
        seen.push(message.text());
      }
    })();
    await group.clock.advance(2_500);
    const draining: number[] = [];
    consumer.on('draining', ({ running }) => draining.push(running));
    await group.run(consumer.shutdown());
    await reading;
    expect([seen.length, draining]).to.deep.equal([3, [1]]);
    expect(stored(group)).to.deep.equal([3]);
  });

  it('end in order when the process is told to end', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 10);
    const consumer = await subscribed(group);
    const fake = new EventEmitter();
    const exits: number[] = [];
    const process = Object.assign(fake, { exit: (code: number) => void exits.push(code) });
    closeOnSignals(consumer, { process, clock: group.clock, print: () => {} });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const message of consumer) {
        await group.clock.sleep(1_000);
        seen.push(message.text());
      }
    })();
    await group.clock.advance(2_500);
    fake.emit('SIGTERM', 'SIGTERM');
    await group.until(() => exits.length > 0);
    await reading;
    expect([seen.length, exits, stored(group)]).to.deep.equal([3, [0], [3]]);
  });

  it('are ended by their signal, and by return while a message is waited for', async () => {
    await using group = await startGroup(1);
    const consumer = await subscribed(group);
    const abort = new AbortController();
    const reading = readSome(consumer, 1, { signal: abort.signal }).catch((error: unknown) => error);
    const iterator = consumer.messages();
    const waiting = iterator.next();
    await group.clock.advance(10);
    abort.abort(new Error('enough'));
    await iterator.return?.();
    expect(await reading).to.have.property('message', 'enough');
    expect(await waiting).to.deep.equal({ done: true, value: undefined });
    await group.send(topic, 1);
    expect(textsOf(await pollAll(group, consumer, 1))).to.deep.equal(['0']);
  });
});

describe('A stream of a LitePullConsumer, in virtual time', () => {
  it('asks for a message when its reader does, and leaves its last one when destroyed', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 10);
    const consumer = await subscribed(group);
    const texts: string[] = [];
    const reading = async (): Promise<void> => {
      for await (const message of consumer.readable() as AsyncIterable<ReceivedMessage>) {
        texts.push(message.text());
        expect(consumer.queues()[0]?.consumed).to.equal(texts.length - 1);
        if (texts.length === 4) break;
      }
    };
    await group.run(reading());
    await group.clock.advance(5_000);
    expect(stored(group)).to.deep.equal([3]);
    expect(textsOf(await pollAll(group, consumer, 7))[0]).to.equal('3');
  });

  it('can be piped, and ends at shutdown', async () => {
    await using group = await startGroup(2);
    const sent = await group.send(topic, 50);
    const consumer = await subscribed(group);
    const seen: string[] = [];
    const sink = new Writable({
      objectMode: true,
      write(message: ReceivedMessage, _encoding, done) {
        seen.push(message.text());
        consumer.ack(message);
        done();
      },
    });
    const piping = pipeline(consumer.readable({ ack: 'manual' }), sink);
    await group.until(() => seen.length === 50);
    await group.run(consumer.shutdown());
    await piping;
    expect(seen.toSorted()).to.deep.equal(sent.toSorted());
    expect(stored(group)).to.deep.equal([25, 25]);
  });

  it('does not give a message that it had read when its queue was moved', async () => {
    await using group = await startGroup(1);
    await group.send(topic, 10);
    const consumer = await subscribed(group);
    const stream = consumer.readable();
    let readable = 0;
    stream.on('readable', () => readable++);
    await group.until(() => readable > 0);
    await group.run(consumer.seek(queueOf(0), 7));
    const texts: string[] = [];
    await group.until(() => {
      const message = stream.read() as ReceivedMessage | null;
      if (message !== null) texts.push(message.text());
      return texts.length === 3;
    });
    expect(texts).to.deep.equal(['7', '8', '9']);
    stream.destroy();
  });
});
