import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';

import { MessageBuffer, type Delivery } from '../../../../../lib/consumer/lite/message-buffer.ts';
import { OwnedQueue } from '../../../../../lib/consumer/owned-queue.ts';
import type { ReceivedMessage } from '../../../../../protocol/message/stored-message.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

const messageAt = (queueOffset: number): ReceivedMessage =>
  ({ queueOffset, storeSize: 1, heldSize: 1 }) as unknown as ReceivedMessage;

function owning(queueId: number, from = 0): OwnedQueue {
  const owned = new OwnedQueue({ topic: 'Topic', brokerName: 'broker-a', queueId }, 'Group');
  owned.begin(from, undefined);
  return owned;
}

/** As if a pull had brought so many messages. */
function fill(buffer: MessageBuffer, owned: OwnedQueue, count: number): void {
  const from = owned.process.pulledTo;
  const messages = Array.from({ length: count }, (_, index) => messageAt(from + index));
  owned.process.put(messages, from + count);
  buffer.offer(owned);
}

const offsetsOf = (deliveries: readonly Delivery[]): number[] => deliveries.map(({ entry }) => entry.offset);
const queuesOf = (deliveries: readonly Delivery[]): number[] =>
  deliveries.map(({ owned }) => owned.queue.queueId);

/** One step of a history. Numbers choose among what there is. */
type Step =
  | { readonly kind: 'pull' | 'end' | 'pause' | 'resume'; readonly queue: number; readonly count: number }
  | { readonly kind: 'take' | 'ack' | 'giveBack'; readonly count: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('pull', 'end', 'pause', 'resume'),
    queue: fc.nat(3),
    count: fc.integer({ min: 1, max: 8 }),
  }),
  fc.record({
    kind: fc.constantFrom('take', 'take', 'ack', 'giveBack'),
    count: fc.integer({ min: 1, max: 8 }),
  }),
);

/** Plays a history against the buffer, and checks after each step what must always hold. */
class Play {
  readonly paused = new Set<number>();
  readonly queues = [0, 1, 2, 3].map((id) => owning(id));
  readonly buffer = new MessageBuffer(new FakeClock(), ({ queue }) => !this.paused.has(queue.queueId));
  held: Delivery[] = [];
  /** Of each queue, what must come next: given back first, then the rest in order. */
  readonly #expected = new Map<OwnedQueue, number[]>();

  run({ kind, count, ...rest }: Step): void {
    const id = 'queue' in rest ? rest.queue : 0;
    const owned = this.queues[id] ?? owning(id);
    if (kind === 'pull') {
      const from = owned.process.pulledTo;
      this.#of(owned).push(...Array.from({ length: count }, (_, index) => from + index));
      fill(this.buffer, owned, count);
    }
    if (kind === 'end') {
      owned.end();
      this.queues[id] = owning(id, owned.process.pulledTo);
    }
    if (kind === 'pause') this.paused.add(id);
    if (kind === 'resume') {
      this.paused.delete(id);
      this.buffer.offer(owned);
    }
    if (kind === 'take') this.#take(count);
    if (kind === 'ack')
      for (const { owned: of, entry } of this.held.splice(0, count)) of.process.complete(entry);
    if (kind === 'giveBack') this.#giveBack(count);
    this.#check();
  }

  /** All that is left, once nothing is paused. */
  drain(): void {
    this.paused.clear();
    for (const owned of this.queues) this.buffer.offer(owned);
    for (;;) {
      const before = this.held.length;
      this.#take(5);
      if (this.held.length === before) break;
    }
    for (const owned of this.queues) expect(this.#of(owned)).to.deep.equal([]);
  }

  #of(owned: OwnedQueue): number[] {
    let offsets = this.#expected.get(owned);
    if (offsets === undefined) this.#expected.set(owned, (offsets = []));
    return offsets;
  }

  #take(count: number): void {
    const deliveries = this.buffer.take(count);
    for (const { owned, entry } of deliveries) {
      expect(owned.isEnded).to.equal(false);
      expect(this.paused.has(owned.queue.queueId)).to.equal(false);
      expect(entry.offset).to.equal(this.#of(owned).shift());
    }
    const available = this.queues
      .filter(({ queue }) => !this.paused.has(queue.queueId))
      .some((owned) => this.#of(owned).length > 0);
    if (deliveries.length < count) expect(available).to.equal(false);
    this.held.push(...deliveries);
  }

  #giveBack(count: number): void {
    const back = this.held.splice(Math.max(0, this.held.length - count));
    this.buffer.giveBack(back);
    for (const { owned, entry } of back) {
      if (owned.isEnded) continue;
      const expected = this.#of(owned);
      expected.unshift(entry.offset);
      expected.sort((a, b) => a - b);
    }
  }

  #check(): void {
    for (const owned of this.queues) {
      const held = this.held.filter((delivery) => delivery.owned === owned);
      expect(owned.process.running).to.equal(held.length);
      // What nobody was given, or somebody holds, is not committed.
      const undone = [...offsetsOf(held), ...this.#of(owned)];
      const lowest = undone.length === 0 ? owned.process.pulledTo : Math.min(...undone);
      expect(owned.commitOffset).to.equal(lowest);
      expect(owned.process.count).to.equal(undone.length);
    }
  }
}

describe('MessageBuffer', () => {
  it('hands out every message once unless it is given back, in order, none of a queue that rests or has gone', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const play = new Play();
        for (const each of steps) play.run(each);
        play.drain();
      }),
      { numRuns: 300 },
    );
  });

  it('lets no queue wait longer than one turn of each other', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 10 }), (counts, limit) => {
        const buffer = new MessageBuffer(new FakeClock(), () => true);
        for (const [id, count] of counts.entries()) fill(buffer, owning(id), count);
        const seen = new Set<number>();
        for (let turn = 0; turn < counts.length; turn++)
          for (const id of queuesOf(buffer.take(limit))) seen.add(id);
        expect(seen.size).to.equal(counts.length);
      }),
    );
  });

  it('serves those that wait in the order in which they came, each up to its limit', async () => {
    const buffer = new MessageBuffer(new FakeClock(), () => true);
    const waits = [2, 1, 5].map(async (limit) => offsetsOf(await buffer.wait(limit)));
    fill(buffer, owning(0), 4);
    expect(await Promise.all(waits)).to.deep.equal([[0, 1], [2], [3]]);
  });

  it('lets those that wait go when it closes, and leaves no timer', async () => {
    const clock = new FakeClock();
    const buffer = new MessageBuffer(clock, () => true);
    const waits = [buffer.wait(1, { timeout: 1_000 }), buffer.wait(1)];
    const late = buffer.wait(1, { timeout: 500 });
    await clock.advance(500);
    expect(await late).to.deep.equal([]);
    buffer.close();
    expect(await Promise.all(waits)).to.deep.equal([[], []]);
    expect(clock.pendingTimers).to.equal(0);
    fill(buffer, owning(0), 1);
    expect(buffer.take(1)).to.deep.equal([]);
  });

  it('offers what was given back to whoever waits', async () => {
    const buffer = new MessageBuffer(new FakeClock(), () => true);
    fill(buffer, owning(0), 2);
    const taken = buffer.take(2);
    const waiting = buffer.wait(1);
    buffer.giveBack(taken);
    expect(offsetsOf(await waiting)).to.deep.equal([0]);
    expect(offsetsOf(buffer.take(5))).to.deep.equal([1]);
  });
});
