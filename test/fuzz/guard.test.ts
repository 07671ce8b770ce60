import { expect } from 'chai';
import { describe, it } from 'mocha';
import { ProtocolError } from '../../protocol/index.ts';
import { Guard, watchBuffers } from './guard.ts';
import { Dictionary, mutate } from './mutate.ts';
import { Prng } from './prng.ts';

describe('what fuzzing would notice', function () {
  this.timeout(60_000);
  const guard = new Guard((error) => error instanceof ProtocolError);

  it('an error of another kind, and none that is promised', () => {
    const fails = (error: Error) => (): void => {
      throw error;
    };
    expect(guard.check(fails(new TypeError('x is undefined')))?.kind).to.equal('throw');
    expect(guard.check(fails(new ProtocolError('frame', 'is broken')))).to.equal(undefined);
  });

  it('more than 50 ms of work, not a pause of the machine', () => {
    const work = (milliseconds: number) => (): void => {
      const end = process.cpuUsage().user + milliseconds * 1000;
      while (process.cpuUsage().user < end);
    };
    let isFirst = true;
    const slowOnce = (): void => {
      if (isFirst) work(80)();
      isFirst = false;
    };
    expect(guard.check(work(80))?.kind).to.equal('hang');
    expect(guard.check(slowOnce)).to.equal(undefined);
  });

  it('more than 64 MiB, of buffers or of the heap', () => {
    const restore = watchBuffers();
    try {
      expect(guard.check(() => Buffer.allocUnsafe(70 * 1_048_576))?.kind).to.equal('memory');
      expect(guard.check(() => Buffer.allocUnsafe(1_048_576))).to.equal(undefined);
    } finally {
      restore();
    }
    let kept: number[] = [];
    const eat = (): void => {
      kept = Array<number>(10_000_000).fill(0.5);
    };
    expect(guard.check(eat)?.kind).to.match(/memory|hang/);
    expect(kept).to.have.length(10_000_000);
  });

  it('mutations that repeat with the seed and differ from each other', () => {
    const dictionary = new Dictionary(['token'], [77]);
    const run = (seed: number): string[] => {
      const random = new Prng(seed);
      return Array.from({ length: 50 }, () =>
        mutate(Buffer.from('an input'), Buffer.from('another'), dictionary, random).toString('hex'),
      );
    };
    expect(run(1)).to.deep.equal(run(1)).and.not.to.deep.equal(run(2));
    expect(new Set(run(1)).size).to.be.above(40);
  });
});
