import { expect } from 'chai';
import { after, before, it } from 'mocha';

import { PopUnsupportedError } from '../../../lib/consumer/pop/pop-unsupported-error.ts';
import { uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { report } from '../../support/group/figures.ts';
import { RealCluster } from '../../support/real/real-cluster.ts';
import { describeProcesses } from '../../support/real/target.ts';
import { RecoveringGroup } from './recovering-group.ts';

await describeProcesses('Recovery of a group that pops', (version) => {
  let cluster: RealCluster;

  before(async () => {
    cluster = await RealCluster.start({ version });
  });

  after(async () => {
    await cluster?.stop();
  });

  const options = { messageRequestMode: 'pop', popInvisibleTime: 5_000 } as const;

  if (version.startsWith('4.')) {
    it('cannot begin, and says why', async () => {
      const topic = uniqueName('Popped');
      await cluster.createTopic(topic, { queues: 4 });
      const failure = await RecoveringGroup.start(cluster, topic, 0, options).catch(
        (error: unknown) => error,
      );
      expect(failure).to.be.instanceOf(PopUnsupportedError);
    });
    return;
  }

  it('pops on after its only broker was killed and restarted, and loses nothing', async () => {
    const topic = uniqueName('Popped');
    await cluster.createTopic(topic, { queues: 4 });
    // What is popped has no owners: 0 queues.
    await using group = await RecoveringGroup.start(cluster, topic, 0, options);
    await group.producer.start();
    await group.consumesOn(100);

    const broker = cluster.broker('broker-a');
    await broker.kill();
    await eventually(() => group.warnings.find(({ kind }) => kind === 'popFailed'), { what: 'a warning' });
    await broker.start();
    const began = Date.now();
    await group.consumesOn(100);
    report(`100 more messages popped ${Date.now() - began} ms after the broker was up`);
    const lost = await group.lost(30_000);
    report(`${group.account}, ${lost.length} lost`);
    expect(lost).to.deep.equal([]);
  });
});
