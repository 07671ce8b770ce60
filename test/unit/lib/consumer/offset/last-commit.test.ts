import { expect } from 'chai';
import { describe, it } from 'mocha';
import { OffsetCommitter } from '../../../../../lib/consumer/offset/offset-committer.ts';
import type { OffsetStore } from '../../../../../lib/options/offset-store.ts';
import { OwnedQueue } from '../../../../../lib/consumer/owned-queue.ts';
import { RequestTimeoutError } from '../../../../../lib/errors.ts';
import { deferred, type Deferred } from '../../../../../lib/runtime/deferred.ts';

/** A committer whose commits wait for the test, and one queue with something to commit. */
function committer(): { commits: Deferred<void>[]; target: OffsetCommitter; owned: OwnedQueue } {
  const commits: Deferred<void>[] = [];
  const write = async (): Promise<void> => {
    const commit = deferred();
    commits.push(commit);
    await commit.promise;
  };
  const store: OffsetStore = { write, read: async () => undefined };
  const owned = new OwnedQueue({ topic: 'Topic', brokerName: 'broker-a', queueId: 0 }, 'Group');
  owned.begin(7, 5);
  return { commits, target: new OffsetCommitter({ emit: () => undefined }, store), owned };
}

const failed = (): Error => new RequestTimeoutError('127.0.0.1:10911', 'UPDATE_CONSUMER_OFFSET', 5_000);

describe('OffsetCommitter', () => {
  // Found by the simulation, seed 323, path 13: the answer to the last commit was lost, and the periodic commit that had waited for it
  // sent the offset once more, after the queue had gone to another member.
  it('sends nothing after the last commit of an ownership, whatever waited for it', async () => {
    const { commits, target, owned } = committer();
    void owned.drain();
    const last = target.commitLast(owned).then(() => owned.end());
    const periodic = target.commit(owned);
    commits[0]?.reject(failed());
    await Promise.all([last, periodic]);
    expect(commits).to.have.length(1);
  });

  it('makes one last commit when two give the queue up at once', async () => {
    const { commits, target, owned } = committer();
    void owned.drain();
    const both = [target.commitLast(owned), target.commitLast(owned)];
    commits[0]?.reject(failed());
    await Promise.all(both);
    expect(commits).to.have.length(1);
  });

  it('lets a second one that gives the queue up wait for the running listeners too', async () => {
    const { owned } = committer();
    const message = { queueOffset: 7, heldSize: 1 } as Parameters<typeof owned.process.put>[0][number];
    owned.process.put([message], 8);
    const entry = owned.process.takeOne();
    const over: string[] = [];
    const drains = ['rebalance', 'shutdown'].map(async (who) => owned.drain().then(() => over.push(who)));
    await Promise.resolve();
    expect(over).to.deep.equal([]);
    if (entry !== undefined) owned.process.complete(entry);
    owned.settled();
    await Promise.all(drains);
    expect(over).to.have.members(['rebalance', 'shutdown']);
  });
});
