import { expect } from 'chai';
import { registeredBrokers } from '../support/real/registration.ts';
import { rawInvoke } from '../support/real/raw-remoting.ts';
import { createTopic } from '../support/real/topic-admin.ts';
import type { StartedRocketMQContainer } from '../../lib/testcontainers/index.ts';

const enabled = process.env['ROCKETMQ_TEST_DOCKER'] === '1';
if (!enabled)
  console.log('Testcontainers suite skipped: set ROCKETMQ_TEST_DOCKER=1 where a Docker engine answers');

// Not GET_BROKER_RUNTIME_INFO (28): a broker answers that with an error until it has sampled its own speed, 1 s after start.
const GET_BROKER_CONFIG = 26;
const GET_ROUTEINFO_BY_TOPIC = 105;
const SUCCESS = 0;

(enabled ? describe : describe.skip)('RocketMQContainer', function () {
  // The first start pulls the image.
  this.timeout(600_000);

  let rocketmq: StartedRocketMQContainer;

  before(async () => {
    // Loaded here: importing testcontainers takes a second that other runs need not spend.
    const { RocketMQContainer } = await import('../../lib/testcontainers/index.ts');
    rocketmq = await new RocketMQContainer()
      .withBrokerConfig({ brokerName: 'broker-tc', flushDelayOffsetInterval: 1234 })
      .start();
  });

  after(async () => {
    await rocketmq?.stop();
  });

  it('registers the broker at an address that this machine reaches', async () => {
    const brokers = await registeredBrokers(rocketmq.nameServers);
    expect(brokers).to.deep.equal([{ name: 'broker-tc', id: 0, address: rocketmq.brokerAddress }]);
    const { code } = await rawInvoke(rocketmq.brokerAddress, { code: GET_BROKER_CONFIG });
    expect(code).to.equal(SUCCESS);
  });

  it('answers on the fast port, two below the listen port', async () => {
    const [host, port] = rocketmq.brokerAddress.split(':');
    const { code } = await rawInvoke(`${host}:${Number(port) - 2}`, { code: GET_BROKER_CONFIG });
    expect(code).to.equal(SUCCESS);
  });

  it('hands the broker its configuration', async () => {
    const { body } = await rawInvoke(rocketmq.brokerAddress, { code: GET_BROKER_CONFIG });
    expect(body.toString('utf8')).to.match(/^flushDelayOffsetInterval=1234$/m);
  });

  it('keeps addresses and topics over a restart', async () => {
    const topic = 'TestContainersTopic';
    await createTopic(rocketmq.nameServers, topic, { queues: 3 });
    const { nameServers, brokerAddress } = rocketmq;
    await rocketmq.restart({ timeout: 1000 });
    expect([rocketmq.nameServers, rocketmq.brokerAddress]).to.deep.equal([nameServers, brokerAddress]);
    const { code } = await rawInvoke(nameServers, { code: GET_ROUTEINFO_BY_TOPIC, fields: { topic } });
    expect(code).to.equal(SUCCESS);
  });

  it('runs mqadmin', async () => {
    expect(await rocketmq.mqadmin(['clusterList'])).to.contain(rocketmq.brokerAddress);
  });
});
