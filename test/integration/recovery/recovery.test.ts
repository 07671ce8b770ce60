import { expect } from 'chai';
import { after, before, it } from 'mocha';

import { NameServerError } from '../../../lib/errors.ts';
import { Producer } from '../../../lib/producer/producer.ts';
import { uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { report } from '../../support/group/figures.ts';
import { RealCluster } from '../../support/real/real-cluster.ts';
import { describeProcesses } from '../../support/real/target.ts';
import { RecoveringGroup } from './recovering-group.ts';

/** Milliseconds until a group consumes again from a broker that is back. */
const BACK_WITHIN = 5_000;

/** Milliseconds until new queues are consumed with default options: one poll of the routes, and a rebalance. */
const NEW_QUEUES_WITHIN = 32_000;

const queuesOf = (broker: string, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `${broker}:${from + index}`);

await describeProcesses('Recovery of a group', (version) => {
  let cluster: RealCluster;

  before(async () => {
    cluster = await RealCluster.start({ version });
  });

  after(async () => {
    await cluster?.stop();
  });

  it('consumes again within 5 s after its only broker was killed and restarted, and loses nothing', async () => {
    const topic = uniqueName('Killed');
    await cluster.createTopic(topic, { queues: 8 });
    await using group = await RecoveringGroup.start(cluster, topic, 8);
    await group.producer.start();
    await group.consumesOn(100);

    const broker = cluster.broker('broker-a');
    await broker.kill();
    const told = await eventually(() => group.warnings.find(({ kind }) => kind === 'pullFailed'), {
      what: 'a warning',
    });
    await broker.start();
    const { first, last } = await group.consumesFrom(queuesOf('broker-a', 0, 8), Date.now());
    const lost = await group.lost();

    report(`consuming again ${first} ms after the broker was up, from all 8 queues after ${last} ms`);
    report(`${group.account}, ${lost.length} lost`);
    expect(told.message).to.contain(broker.address);
    expect(last).to.be.at.most(BACK_WITHIN);
    expect(lost).to.deep.equal([]);
    expect(group.owned).to.deep.equal(queuesOf('broker-a', 0, 8));
  });

  it('goes on sending and consuming while the name server is down, and takes members in when it is back', async () => {
    const topic = uniqueName('NoNameServer');
    await cluster.createTopic(topic, { queues: 6 });
    // Polls often, so that many meet the dead name server, and the one that is back and has heard of no broker yet.
    await using group = await RecoveringGroup.start(cluster, topic, 6, { pollNameServerInterval: 500 });
    await group.producer.start();
    await group.consumesOn(50);

    await cluster.nameServer.kill();
    const refused = group.join(1_000).catch((error: unknown) => error);
    // At 50 in a second: 5 s.
    await group.consumesOn(250);
    expect(await refused).to.be.instanceOf(NameServerError);
    await cluster.nameServer.start();
    await group.consumesOn(75);
    await cluster.broker('broker-a').register();
    const joinedAt = Date.now();
    const third = await eventually(async () => group.join(1_000).catch(() => undefined), {
      what: 'a third member',
    });
    await eventually(
      () => {
        const own = third.queues().filter(({ queue }) => queue.topic === topic);
        return own.length === 2 && group.owned.length === 6 ? true : undefined;
      },
      { what: 'a share for the third member', otherwise: () => group.owned.join() },
    );
    report(`a third member had its share ${Date.now() - joinedAt} ms after the broker was registered again`);
    await group.consumesFrom(queuesOf('broker-a', 0, 6), Date.now());
    const lost = await group.lost();

    report(`${group.account}, ${lost.length} lost`);
    expect(group.producer.failures).to.deep.equal([]);
    expect(lost).to.deep.equal([]);
    expect(group.routeDifferences).to.deep.equal([]);
    expect(group.warnings).to.deep.equal([]);
  });

  it('consumes the queues of an added broker, and those that mqadmin adds, within 32 s with default options', async () => {
    const added = await cluster.addBroker();
    const [grown, widened] = [uniqueName('Grown'), uniqueName('Widened')];
    for (const topic of [grown, widened]) await cluster.createTopic(topic, { queues: 4, broker: 'broker-a' });
    await using first = await RecoveringGroup.start(cluster, grown, 4);
    await using second = await RecoveringGroup.start(cluster, widened, 4);

    const [newBroker, newQueues] = await Promise.all([
      (async () => {
        await cluster.createTopic(grown, { queues: 4, broker: added.name });
        return takeUp(first, queuesOf(added.name, 0, 4));
      })(),
      (async () => {
        const options = ['-b', cluster.broker('broker-a').address, '-t', widened, '-r', '8', '-w', '8'];
        expect(await cluster.mqadmin(['updateTopic', ...options])).to.contain('success');
        return takeUp(second, queuesOf('broker-a', 4, 8));
      })(),
    ]);

    report(
      `4 queues of an added broker consumed after ${newBroker} ms, 4 more of mqadmin after ${newQueues} ms`,
    );
    expect(Math.max(newBroker, newQueues)).to.be.at.most(NEW_QUEUES_WITHIN);
    expect(new Set(first.routeDifferences)).to.deep.equal(new Set(['brokerUp broker-b']));
    expect(new Set(second.routeDifferences)).to.deep.equal(new Set(['queueCount broker-a']));
    // A notice of the new broker may come at the same time, and is then named as the cause.
    for (const { rebalances } of [first, second])
      expect(rebalances.at(-1)?.cause.kind).to.be.oneOf(['routeChanged', 'membersChanged']);
  });

  /** Sends to each of the queues, and resolves to how many ms it took until all of that was consumed. */
  async function takeUp(group: RecoveringGroup, queues: readonly string[]): Promise<number> {
    const began = Date.now();
    const { topic } = group;
    await using producer = new Producer({
      nameServers: cluster.nameServers,
      instanceName: uniqueName('Sender'),
    });
    await producer.start();
    for (const name of queues) {
      const [brokerName = '', id] = name.split(':');
      await producer.send({ topic, body: name }, { queue: { topic, brokerName, queueId: Number(id) } });
    }
    const times = await eventually(
      () => {
        const found = queues.map(
          (name) => group.consumptions.find(({ queue, key }) => queue === name && key === name)?.at,
        );
        return found.every((at) => at !== undefined) ? found : undefined;
      },
      { what: `consumption from ${queues.join(', ')}`, within: 40_000, otherwise: () => group.owned.join() },
    );
    return Math.max(...times) - began;
  }

  it('consumes again within 5 s from one of two brokers that was down for longer than the routes remember', async () => {
    const topic = uniqueName('OneOfTwo');
    await cluster.createTopic(topic, { queues: 4 });
    await using group = await RecoveringGroup.start(cluster, topic, 8, { pollNameServerInterval: 1_000 });
    await group.producer.start();
    await group.consumesOn(50);

    const broker = cluster.broker('broker-b');
    await broker.kill();
    await eventually(() => (group.owned.join() === queuesOf('broker-a', 0, 4).join() ? true : undefined), {
      what: 'giving up the queues of the dead broker',
      otherwise: () => group.owned.join(),
    });
    await group.consumesFrom(queuesOf('broker-a', 0, 4), Date.now());
    await broker.start();
    const { first, last } = await group.consumesFrom(queuesOf('broker-b', 0, 4), Date.now());
    const lost = await group.lost();

    report(
      `consuming again from the broker ${first} ms after it was up, from all its queues after ${last} ms`,
    );
    report(`${group.account}, ${lost.length} lost`);
    expect(last).to.be.at.most(BACK_WITHIN);
    expect(lost).to.deep.equal([]);
    expect(group.routeDifferences).to.include.members(['brokerDown broker-b', 'brokerUp broker-b']);
    const moved = group.rebalances.filter(({ cause }) => cause.kind === 'routeChanged');
    expect(moved.flatMap((event) => event.lost).map(({ brokerName }) => brokerName)).to.include('broker-b');
    expect(moved.flatMap((event) => event.gained).map(({ brokerName }) => brokerName)).to.include('broker-b');
  });
});
