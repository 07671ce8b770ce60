import { expect } from 'chai';
import { describe, it } from 'mocha';

import { PeriodicTask } from '../../../../lib/runtime/periodic-task.ts';
import type { PeriodicTaskOptions } from '../../../../lib/runtime/periodic-task.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';

function start(options: Partial<PeriodicTaskOptions> = {}) {
  const clock = new FakeClock();
  const runs: number[] = [];
  const errors: unknown[] = [];
  const task = new PeriodicTask({
    clock,
    interval: 20_000,
    onError: (error) => errors.push(error),
    ...options,
    run: async (signal) => {
      runs.push(clock.uptime());
      return options.run?.(signal);
    },
  });
  return { clock, runs, errors, task };
}

describe('PeriodicTask', () => {
  it('runs at once, or after its delay, and then after each rest', async () => {
    const { clock, runs, task } = start({ initialDelay: 1_000 });
    await clock.advance(45_000);
    expect(runs).to.deep.equal([1_000, 21_000, 41_000]);
    await task.stop();
    expect(clock.pendingTimers).to.equal(0);
  });

  it('runs when it is woken, once for any number of wakes, but not within its least rest', async () => {
    const { clock, runs, task } = start({ minInterval: 1_000 });
    await clock.advance(5_000);
    task.wake();
    task.wake();
    await clock.advance(300);
    task.wake();
    await clock.advance(10_000);
    expect(runs).to.deep.equal([0, 5_000, 6_000]);
    await task.stop();
  });

  it('rests as long as a run asks for', async () => {
    const { clock, runs, task } = start({ run: async () => 1_000 });
    await clock.advance(3_500);
    expect(runs).to.deep.equal([0, 1_000, 2_000, 3_000]);
    await task.stop();
  });

  it('tells of a run that fails and goes on', async () => {
    const { clock, runs, errors, task } = start({ run: async () => Promise.reject(new Error('Failed')) });
    await clock.advance(20_000);
    expect(runs.length).to.equal(2);
    expect(errors.length).to.equal(2);
    await task.stop();
  });

  it('never runs twice at a time, and a wake during a run makes another', async () => {
    let running = 0;
    let most = 0;
    const { clock, runs, task } = start({
      run: async () => {
        most = Math.max(most, ++running);
        await clock.sleep(500);
        running--;
      },
    });
    await clock.advance(100);
    task.wake();
    await clock.advance(1_000);
    expect(runs).to.deep.equal([0, 500]);
    expect(most).to.equal(1);
    await clock.advance(5_000);
    await task.stop();
  });

  it('aborts the run under way when it is stopped, waits for it, and does not call that an error', async () => {
    const { task, errors, clock } = start({ run: async (signal) => clock.sleep(60_000, signal) });
    await settle();
    await task[Symbol.asyncDispose]();
    expect(errors).to.deep.equal([]);
    expect(clock.pendingTimers).to.equal(0);
  });
});
