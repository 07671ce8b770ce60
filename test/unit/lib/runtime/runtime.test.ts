import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';

import { IllegalStateError } from '../../../../lib/errors.ts';
import { Backoff } from '../../../../lib/runtime/backoff.ts';
import { randomInteger, seededRandom, systemRandom } from '../../../../lib/runtime/random.ts';
import { StateMachine } from '../../../../lib/runtime/state-machine.ts';

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
