import { expect } from 'chai';
import { rawInvoke } from '../support/real/raw-remoting.ts';
import { registeredBrokers } from '../support/real/registration.ts';
import { RealCluster } from '../support/real/real-cluster.ts';
import { whenLong } from '../support/long.ts';
import { describeProcesses, describeReal } from '../support/real/target.ts';

const GET_TOPIC_STATS_INFO = 202;
const GET_ROUTEINFO_BY_TOPIC = 105;
const SUCCESS = 0;

await describeReal('Test equipment', (target) => {
  it('has a broker that is registered and answers', async () => {
    const { nameServers } = await target.cluster();
    const [broker] = await registeredBrokers(nameServers);
    const { code } = await rawInvoke(broker?.address ?? '', { code: 26 });
    expect(code).to.equal(SUCCESS);
  });

  it('creates a topic that is routed at once', async () => {
    const cluster = await target.cluster();
    const topic = `Equipment_${process.pid}`;
    await cluster.createTopic(topic, { queues: 3 });
    const { code, body } = await rawInvoke(cluster.nameServers, {
      code: GET_ROUTEINFO_BY_TOPIC,
      fields: { topic },
    });
    expect(code).to.equal(SUCCESS);
    expect(body.toString('utf8')).to.contain('"readQueueNums":3');
  });
});

await whenLong('Test equipment on processes', async () =>
  describeProcesses('Test equipment', (version) => {
    it('kills a broker and starts it again on the same port and store', async () => {
      await using cluster = await RealCluster.start({ version });
      const [broker] = cluster.brokers;
      if (broker === undefined) throw new Error('no broker');
      await cluster.createTopic('Kept', { queues: 2 });

      await broker.kill();
      expect(broker.running).to.equal(false);
      const refused = await rawInvoke(broker.address, { code: 26 }).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(Error);

      await broker.start();
      const { code } = await rawInvoke(broker.address, {
        code: GET_TOPIC_STATS_INFO,
        fields: { topic: 'Kept' },
      });
      expect(code).to.equal(SUCCESS);
    });

    it('restarts a name server on the same port, and runs mqadmin', async () => {
      await using cluster = await RealCluster.start({ version, nameServers: 2 });
      const { address } = cluster.nameServer;
      await cluster.nameServer.kill();
      await cluster.nameServer.start();
      expect(await registeredBrokers(address)).to.deep.equal([]);
      await cluster.brokers[0]?.register();
      expect(await cluster.mqadmin(['clusterList', '-n', address])).to.contain(cluster.brokers[0]?.address);
    });

    it('adds a broker while the cluster runs', async () => {
      await using cluster = await RealCluster.start({ version });
      const added = await cluster.addBroker({ config: { messageDelayLevel: '1s 1s 2s' } });
      expect(added.name).to.equal('broker-b');
      await cluster.createTopic('Both', { queues: 2 });
      const names = (await registeredBrokers(cluster.nameServers)).map(({ name }) => name);
      expect(names.toSorted()).to.deep.equal(['broker-a', 'broker-b']);
      const { body } = await rawInvoke(added.address, { code: 26 });
      expect(body.toString('utf8')).to.match(/^messageDelayLevel=1s 1s 2s$/m);
    });
  }),
);
