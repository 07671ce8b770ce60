import { expect } from 'chai';
import { describe, it } from 'mocha';

import type { ConsumerEvents } from '../../../../../lib/consumer/events.ts';
import { OffsetCommitter } from '../../../../../lib/consumer/offset/offset-committer.ts';
import { OwnedQueue } from '../../../../../lib/consumer/owned-queue.ts';
import type { Emit } from '../../../../../lib/consumer/tell.ts';
import { IllegalStateError, RequestTimeoutError } from '../../../../../lib/errors.ts';
import { deferred, type Deferred } from '../../../../../lib/runtime/deferred.ts';
import { settle } from '../../../../support/fake-clock.ts';

interface Commit extends Deferred<void> {
  readonly offset: number;
}

/** A committer whose commits wait for the test. */
function scene(isAutomatic = true) {
  const commits: Commit[] = [];
  const warnings: string[] = [];
  const emit: Emit<ConsumerEvents> = (_name, ...[event]) => void warnings.push(JSON.stringify(event));
  const target = new OffsetCommitter(
    { emit },
    {
      read: async () => undefined,
      write: async (_queue, offset) => {
        const commit = { ...deferred(), offset };
        commits.push(commit);
        await commit.promise;
      },
    },
    undefined,
    isAutomatic,
  );
  const owning = (from: number, committed?: number): OwnedQueue => {
    const owned = new OwnedQueue({ topic: 'Topic', brokerName: 'broker-a', queueId: 0 }, 'Group');
    owned.begin(from, committed);
    return owned;
  };
  const offsets = (): number[] => commits.map(({ offset }) => offset);
  return { commits, warnings, target, owning, offsets };
}

const failed = (): Error => new RequestTimeoutError('127.0.0.1:10911', 'UPDATE_CONSUMER_OFFSET', 5_000);

describe('OffsetCommitter, in order', () => {
  it('lets the commit of one ownership end before that of the next one of the same queue', async () => {
    const { commits, target, owning, offsets } = scene();
    const before = owning(9, 5);
    void target.commit(before);
    before.end();
    const next = owning(3);
    const exact = target.commitExactly(next, 3);
    await settle();
    expect(offsets()).to.deep.equal([9]);
    commits[0]?.resolve();
    await settle();
    commits[1]?.resolve();
    await exact;
    expect(offsets()).to.deep.equal([9, 3]);
  });

  it('makes one commit at a time, whoever waits', async () => {
    const { commits, target, owning, offsets } = scene();
    const owned = owning(9, 5);
    const all = [
      target.commit(owned),
      target.commitNow(owned),
      target.commitNow(owned, 7),
      target.commit(owned),
    ];
    for (let done = 0; done < 3; done++) {
      await settle();
      expect(commits.length - done).to.be.at.most(1);
      commits[done]?.resolve();
    }
    await Promise.all(all);
    // 9, the named 7, and 9 again: consumed is more than what is stored.
    expect(offsets()).to.deep.equal([9, 7, 9]);
  });

  it('tells the user who commits what went wrong, and warns of nothing', async () => {
    const { commits, warnings, target, owning } = scene();
    const asked: Promise<unknown> = target.commitNow(owning(9)).catch((error: unknown) => error);
    commits[0]?.reject(failed());
    expect(await asked).to.be.instanceOf(RequestTimeoutError);
    expect(warnings).to.deep.equal([]);
  });

  it('refuses a commit of the user after the last of an ownership, unless that stored it', async () => {
    const { commits, target, owning, offsets } = scene();
    const owned = owning(9, 5);
    void owned.drain();
    const last = target.commitLast(owned);
    const late = target.commitNow(owned);
    const beyond: Promise<unknown> = target.commitNow(owned, 8).catch((error: unknown) => error);
    commits[0]?.resolve();
    await Promise.all([last, late]);
    expect(await beyond).to.be.instanceOf(IllegalStateError);
    expect(offsets()).to.deep.equal([9]);
  });

  it('commits nothing by itself where the user commits, and waits at the end for what he asked for', async () => {
    const { commits, target, owning, offsets } = scene(false);
    const owned = owning(9, 5);
    await target.commitAll([owned]);
    const asked = target.commitNow(owned);
    void owned.drain();
    let over = false;
    const last = target.commitLast(owned).then(() => (over = true));
    await settle();
    expect([offsets(), over]).to.deep.equal([[9], false]);
    commits[0]?.resolve();
    await Promise.all([asked, last]);
    expect(offsets()).to.deep.equal([9]);
  });
});
