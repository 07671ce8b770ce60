import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';

import { IllegalStateError } from '../../../../lib/errors.ts';
import { AsyncQueue } from '../../../../lib/runtime/async-queue.ts';
import { Backoff } from '../../../../lib/runtime/backoff.ts';
import { Disposables } from '../../../../lib/runtime/disposables.ts';
import { randomInteger, seededRandom, systemRandom } from '../../../../lib/runtime/random.ts';
import { Semaphore } from '../../../../lib/runtime/semaphore.ts';
import { StateMachine } from '../../../../lib/runtime/state-machine.ts';
import { settle } from '../../../support/fake-clock.ts';

describe('StateMachine', () => {
  const create = () =>
    new StateMachine('Door', 'shut', { shut: ['open'], open: ['shut', 'broken'], broken: [] });

  it('moves along its arrows', () => {
    const door = create();
    door.to('open');
    expect(door.state).to.equal('open');
    expect(door.is('shut', 'open')).to.equal(true);
    expect(door.can('broken')).to.equal(true);
  });

  it('refuses other moves, naming both states', () => {
    expect(() => create().to('broken'))
      .to.throw(IllegalStateError, 'Door cannot go from shut to broken')
      .that.includes({ from: 'shut', to: 'broken' });
  });
});

describe('Backoff', () => {
  it('doubles to its limit, draws from the upper half, and begins anew', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const backoff = new Backoff({ random: seededRandom(seed), first: 50, max: 1_000 });
        for (const longest of [50, 100, 200, 400, 800, 1_000, 1_000])
          expect(backoff.next()).to.be.within(longest / 2, longest);
        expect(backoff.attempts).to.equal(7);
        backoff.reset();
        expect(backoff.next()).to.be.at.most(50);
      }),
    );
  });

  it('stays at its limit after any number of failures', () => {
    const backoff = new Backoff({ random: systemRandom, first: 50, max: 1_000 });
    for (let n = 0; n < 5_000; n++) backoff.next();
    expect(backoff.next()).to.be.within(500, 1_000);
  });
});

describe('seededRandom', () => {
  it('repeats itself for a seed, differs between seeds, and stays within [0, 1)', () => {
    const take = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 1_000 }, () => random.next());
    };
    expect(take(1)).to.deep.equal(take(1));
    expect(take(1)).not.to.deep.equal(take(2));
    expect(take(3).every((value) => value >= 0 && value < 1)).to.equal(true);
    const mean = take(4).reduce((sum, value) => sum + value, 0) / 1_000;
    expect(mean).to.be.within(0.45, 0.55);
    expect(randomInteger({ next: () => 0.999_999 }, 3)).to.equal(2);
  });
});

describe('Semaphore', () => {
  it('lets so many run at a time, in order', async () => {
    const semaphore = new Semaphore(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = [1, 2, 3, 4].map(async (n) =>
      semaphore.run(async () => {
        begun.push(n);
        await new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    await settle();
    expect(begun).to.deep.equal([1, 2]);
    ends[0]?.();
    await settle();
    expect(begun).to.deep.equal([1, 2, 3]);
    expect(semaphore.waiting).to.equal(1);
    for (let n = 1; n < 4; n++) {
      ends[n]?.();
      await settle();
    }
    await Promise.all(work);
    expect(semaphore.available).to.equal(2);
  });

  it('gives up waiting when the signal aborts, and no permit is lost', async () => {
    const semaphore = new Semaphore(1);
    await semaphore.acquire();
    const controller = new AbortController();
    const waiting = semaphore.acquire(controller.signal).catch((error: unknown) => error);
    controller.abort('Enough');
    expect(await waiting).to.equal('Enough');
    semaphore.release();
    expect(semaphore.tryAcquire()).to.equal(true);
  });

  it('can be made wider and narrower while it is used', async () => {
    const semaphore = new Semaphore(1);
    await semaphore.acquire();
    const second = semaphore.acquire();
    semaphore.adjust(1);
    await second;
    semaphore.adjust(-1);
    semaphore.release();
    expect(semaphore.tryAcquire()).to.equal(false);
    semaphore.release();
    expect(semaphore.tryAcquire()).to.equal(true);
  });
});

describe('AsyncQueue', () => {
  it('hands over values in order, whoever comes first', async () => {
    const queue = new AsyncQueue<number>();
    const early = queue.next();
    queue.push(1);
    queue.push(2);
    expect(await early).to.deep.equal({ done: false, value: 1 });
    expect(queue.size).to.equal(1);
    queue.close();
    expect(queue.push(3)).to.equal(false);
    const values: number[] = [];
    for await (const value of queue) values.push(value);
    expect(values).to.deep.equal([2]);
  });

  it('keeps order over many values', async () => {
    const queue = new AsyncQueue<number>();
    const taken: number[] = [];
    let next = 0;
    for (let round = 0; round < 50; round++) {
      for (let n = 0; n < 100; n++) queue.push(next++);
      for (let n = 0; n < 90; n++) taken.push((await queue.next()).value ?? -1);
    }
    expect(taken).to.deep.equal(taken.map((_, index) => index));
    expect(queue.size).to.equal(500);
  });

  it('ends those that wait, with the error if there is one', async () => {
    const queue = new AsyncQueue<number>();
    const waiting = queue.next().catch((error: unknown) => error);
    const failure = new Error('Over');
    queue.close(failure);
    expect(await waiting).to.equal(failure);
    expect(await queue.next().catch((error: unknown) => error)).to.equal(failure);
  });

  it('gives up waiting when the signal aborts, and no value is lost', async () => {
    const queue = new AsyncQueue<number>();
    const controller = new AbortController();
    const waiting = queue.next(controller.signal).catch((error: unknown) => error);
    controller.abort('Enough');
    queue.push(1);
    expect(await waiting).to.equal('Enough');
    expect(queue.size).to.equal(1);
  });
});

describe('Disposables', () => {
  it('end in reverse order, once, each even if another fails', async () => {
    const disposables = new Disposables();
    const ended: string[] = [];
    disposables.defer(() => void ended.push('a'));
    disposables.defer(async () => Promise.reject(new Error('b failed')));
    disposables.use({ [Symbol.asyncDispose]: async () => void ended.push('c') });
    disposables.use({ [Symbol.dispose]: () => void ended.push('d') });
    const ends = [disposables[Symbol.asyncDispose](), disposables[Symbol.asyncDispose]()];
    const results = await Promise.allSettled(ends);
    expect(ended).to.deep.equal(['d', 'c', 'a']);
    expect(results.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
  });
});
