import { expect } from 'chai';
import { describe, it } from 'mocha';

import { InvalidOptionError } from '../../../../lib/errors.ts';
import { checkAddressMap } from '../../../../lib/routing/address-map.ts';
import { avoidFor, FaultTolerance } from '../../../../lib/routing/fault-tolerance.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

describe('fault tolerance', () => {
  it('avoids slow brokers as long as Java does', () => {
    const table = [0, 49, 50, 100, 549, 550, 1_799, 1_800, 3_000, 5_000, 14_999, 15_000].map((latency) =>
      avoidFor(latency),
    );
    expect(table).to.deep.equal([0, 0, 0, 0, 0, 2_000, 2_000, 5_000, 6_000, 10_000, 10_000, 30_000]);
  });

  it('uses a broker again when the time is over, or a fast call shows that it is well', async () => {
    const clock = new FakeClock();
    const faults = new FaultTolerance({ clock });
    faults.update('a', 600);
    expect([faults.isAvailable('a'), faults.isAvailable('b'), faults.isReachable('a')]).to.deep.equal([
      false,
      true,
      true,
    ]);
    await clock.advance(2_000);
    expect(faults.isAvailable('a')).to.equal(true);
    faults.update('a', 1, { isolate: true, reachable: false });
    expect([faults.isAvailable('a'), faults.isReachable('a')]).to.deep.equal([false, false]);
    await clock.advance(9_999);
    expect(faults.isAvailable('a')).to.equal(false);
    faults.update('a', 3);
    expect([faults.isAvailable('a'), faults.isReachable('a')]).to.deep.equal([true, true]);
  });
});

describe('the option addressMap', () => {
  it('is checked: a table at once, a function when it answers', () => {
    expect(checkAddressMap({ '10.0.0.1:10911': '127.0.0.1:10911' })).to.deep.equal({
      '10.0.0.1:10911': '127.0.0.1:10911',
    });
    expect(() => checkAddressMap({ '10.0.0.1:10911': '127.0.0.1' })).to.throw(
      InvalidOptionError,
      'for 10.0.0.1:10911',
    );
    expect(() => checkAddressMap({ broker: '127.0.0.1:1' })).to.throw(InvalidOptionError, 'as a key');
    const map = checkAddressMap((advertised) =>
      advertised === 'a:1' ? 'b:1' : advertised === 'x:1' ? 'nowhere' : undefined,
    );
    if (typeof map !== 'function') throw new Error('A function stays a function');
    expect([map('a:1'), map('c:1')]).to.deep.equal(['b:1', undefined]);
    expect(() => map('x:1')).to.throw(InvalidOptionError, 'nowhere');
  });
});
