import { expect } from 'chai';
import { describe, it } from 'mocha';

import { OffsetStoreError } from '../../lib/consumer/offset/offset-store-error.ts';
import { UserOffsetStore } from '../../lib/consumer/offset/user-offset-store.ts';
import { PushConsumer } from '../../lib/consumer/push-consumer.ts';
import { InvalidOptionError } from '../../lib/errors.ts';
import type { OffsetStore } from '../../lib/options/offset-store.ts';
import { queueKey, type MessageQueue } from '../../protocol/model/message-queue.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { VirtualGroup } from '../support/virtual-group.ts';

const topic = 'StoredElsewhere';

/** A store of a user. */
class MapStore implements OffsetStore {
  readonly offsets = new Map<string, number>();
  readonly calls: string[] = [];
  failure: Error | undefined;

  async open(): Promise<void> {
    this.calls.push('open');
  }

  async read(queue: MessageQueue): Promise<number | undefined> {
    if (this.failure !== undefined) throw this.failure;
    return this.offsets.get(queueKey(queue));
  }

  async write(queue: MessageQueue, offset: number): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.offsets.set(queueKey(queue), offset);
  }

  async close(): Promise<void> {
    this.calls.push('close');
  }
}

describe('Option offsetStore', () => {
  for (const messageModel of ['clustering', 'broadcasting'] as const) {
    it(`keeps the positions in place of the usual store, ${messageModel}`, async () => {
      const offsetStore = new MapStore();
      await using group = await VirtualGroup.start({ topics: { [topic]: 2 } });
      offsetStore.offsets.set(`${topic}@broker-a@1`, 3);
      await group.send(topic, 10);
      const member = await group.join(topic, { offsetStore, messageModel });
      await group.until(() => member.messages.length === 7);
      await group.run(member.consumer.shutdown());
      expect(offsetStore.calls).to.deep.equal(['open', 'close']);
      expect(offsetStore.offsets.get(`${topic}@broker-a@0`)).to.equal(5);
      expect(offsetStore.offsets.get(`${topic}@broker-a@1`)).to.equal(5);
      expect(group.cluster.group('Group').offsets(topic)).to.satisfy((offsets: (number | undefined)[]) =>
        offsets.every((offset) => offset === undefined || offset <= 0),
      );
      expect(group.files.changes).to.deep.equal([]);
    });
  }

  it('waits for a store that fails, and says so', async () => {
    const offsetStore = new MapStore();
    offsetStore.failure = new Error('No database');
    await using group = await VirtualGroup.start({ topics: { [topic]: 1 } });
    await group.send(topic, 4);
    const member = await group.join(topic, { offsetStore });
    await group.clock.advance(3_000);
    expect(member.messages).to.have.length(0);
    const warning = member.warnings.find(({ kind }) => kind === 'firstOffsetFailed');
    expect(warning?.message).to.include('No database');
    offsetStore.failure = undefined;
    await group.until(() => member.messages.length === 4);
    offsetStore.failure = new Error('Gone again');
    await group.send(topic, 1);
    await group.until(() => member.warnings.some(({ kind }) => kind === 'commitFailed'));
  });

  it('takes what is no offset, or no answer, for a failure', async () => {
    const clock = new FakeClock();
    const queue = { topic, brokerName: 'broker-a', queueId: 0 };
    const { signal } = new AbortController();
    const write = async (): Promise<void> => {};
    for (const given of [-1, 1.5, Number.NaN]) {
      const store = new UserOffsetStore({ clock }, { read: async () => given, write });
      const error: unknown = await store.read(queue, signal).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(OffsetStoreError).with.property('message').that.includes(String(given));
    }
    const silent = new UserOffsetStore({ clock }, { read: async () => new Promise(() => {}), write });
    const asked = silent.read(queue, signal).catch((thrown: unknown) => thrown);
    await clock.advance(5_000);
    expect(await asked)
      .to.be.instanceOf(OffsetStoreError)
      .with.property('message')
      .that.includes('5000 ms');
  });

  it('must have read and write', () => {
    const offsetStore = { read: async () => 0 } as unknown as OffsetStore;
    expect(() => new PushConsumer({ consumerGroup: 'Group', offsetStore })).to.throw(
      InvalidOptionError,
      'offsetStore',
    );
  });
});
