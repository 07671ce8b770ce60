import { expect } from 'chai';
import { describe, it } from 'mocha';

import { Standstill } from '../../../../lib/runtime/standstill.ts';
import { Gate, GatedClock } from '../../../simulation/gate.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

describe('Standstill', () => {
  const begin = () => {
    const clock = new FakeClock();
    const gate = new Gate(clock);
    let ends = 0;
    const standstill = new Standstill(new GatedClock(clock, gate), () => ends++);
    standstill.start();
    return { clock, gate, standstill, ends: () => ends };
  };

  it('says nothing of a process that runs, however long', async () => {
    const { clock, standstill, ends } = begin();
    await clock.advance(60_000);
    expect([standstill.endedAt, ends()]).to.deep.equal([-Infinity, 0]);
  });

  it('says nothing of a tick that is a little late', async () => {
    const { clock, gate, standstill, ends } = begin();
    await clock.advance(1_100);
    gate.shut();
    await clock.advance(200);
    gate.open();
    await clock.advance(10);
    expect([standstill.endedAt, ends()]).to.deep.equal([-Infinity, 0]);
  });

  it('tells once when a process that stood still runs again', async () => {
    const { clock, gate, standstill, ends } = begin();
    await clock.advance(1_000);
    gate.shut();
    await clock.advance(600);
    gate.open();
    await clock.advance(10_000);
    expect([standstill.endedAt, ends()]).to.deep.equal([1_600, 1]);
  });

  it('is noticed by whoever asks before the late tick', async () => {
    const { clock, gate, standstill, ends } = begin();
    await clock.advance(1_000);
    gate.shut();
    await clock.advance(3_000);
    expect([standstill.endedAt, ends()]).to.deep.equal([4_000, 1]);
    gate.open();
    await clock.advance(1_000);
    expect(ends()).to.equal(1);
  });

  it('leaves no timer and notices nothing after it was stopped', async () => {
    const { clock, standstill } = begin();
    standstill.stop();
    expect(clock.pendingTimers).to.equal(0);
    await clock.advance(5_000);
    expect(standstill.endedAt).to.equal(-Infinity);
  });
});
