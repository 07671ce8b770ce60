import { expect } from 'chai';
import { describe, it } from 'mocha';

import { SubscriptionVersions } from '../../../../lib/consumer/subscription-versions.ts';
import { tagSubscription } from '../../../../protocol/model/subscription-data.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

describe('SubscriptionVersions', () => {
  it('are the time, and higher than the one before within a millisecond too', async () => {
    const clock = new FakeClock();
    const versions = new SubscriptionVersions(clock);
    const began = clock.now();
    expect([versions.next('A'), versions.next('A'), versions.next('B')]).to.deep.equal([
      began,
      began + 1,
      began,
    ]);
    await clock.advance(50);
    expect(versions.next('A')).to.equal(began + 50);
  });

  it('rise when the clock was set back', () => {
    const times = [1_000, 400];
    const clock = Object.assign(new FakeClock(), { now: () => times.shift() ?? 0 });
    const versions = new SubscriptionVersions(clock);
    expect([versions.next('A'), versions.next('A')]).to.deep.equal([1_000, 1_001]);
  });

  it('are announced in place of that of the subscription, which stays as it was', async () => {
    const clock = new FakeClock();
    const versions = new SubscriptionVersions(clock);
    const data = tagSubscription('A', 'TagA', versions.next('A'));
    expect(versions.announced(data)).to.equal(data);
    await clock.advance(50);
    const risen = versions.next('A');
    expect(versions.announced(data)).to.deep.equal({ ...data, subVersion: risen });
    expect(data.subVersion).to.equal(risen - 50);
    const foreign = tagSubscription('B', '*', 5);
    expect(versions.announced(foreign)).to.equal(foreign);
  });
});
