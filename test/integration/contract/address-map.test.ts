import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';

import type { ConsumerWarning } from '../../../lib/consumer/events.ts';
import type { PushConsumerOptions } from '../../../lib/consumer/push-consumer.ts';
import { EmbeddedCluster } from '../../../lib/embedded/index.ts';
import { RouteNotFoundError, SendFailedError } from '../../../lib/errors.ts';
import { UnreachableBrokerError } from '../../../lib/routing/unreachable.ts';
import { Commands } from '../../../protocol/commands/index.ts';
import { closedAddress } from '../../support/bad-server.ts';
import { Clients } from '../../support/clients.ts';
import { uniqueName } from '../../support/everywhere.ts';
import { eventually } from '../../support/group/eventually.ts';
import { RealCluster } from '../../support/real/real-cluster.ts';
import { describeProcesses } from '../../support/real/target.ts';
import { withRemoting } from '../../support/remoting.ts';

/** The broadcast address of the loopback network: nobody can connect to it, whatever a broker binds. */
const UNREACHABLE = '127.255.255.255';

/** A cluster of one broker that is not where it says it is. */
interface Mislaid {
  readonly nameServers: string;
  /** What routes say. */
  readonly advertised: string;
  /** Where it is. */
  readonly actual: string;
  createTopic(name: string, queues: number): Promise<void>;
  stop(): Promise<void>;
}

async function embedded(generation: '4.9' | '5'): Promise<Mislaid> {
  const advertised = await closedAddress();
  const cluster = await EmbeddedCluster.start({ generation, brokers: [{ advertisedAddress: advertised }] });
  return {
    nameServers: cluster.nameServers,
    advertised,
    actual: cluster.brokerAddress('broker-a'),
    createTopic: async (name, queues) => cluster.createTopic(name, { queues }),
    stop: async () => cluster.shutdown(),
  };
}

function defineSuite(start: () => Promise<Mislaid>): void {
  let cluster: Mislaid;

  before(async () => {
    cluster = await start();
  });

  after(async () => {
    await cluster?.stop();
  });

  const arrange = async (): Promise<{ clients: Clients; topic: string }> => {
    const topic = uniqueName('Mislaid');
    await cluster.createTopic(topic, 2);
    return { clients: new Clients(cluster.nameServers), topic };
  };

  it('is not reached without one, and the error names the address, where it came from, and the remedy', async () => {
    const { clients, topic } = await arrange();
    await using _ = clients;
    const { nameServers, advertised } = cluster;
    const producer = await clients.producer();
    const error: unknown = await producer
      .send({ topic, body: 'lost' }, { timeout: 1_000 })
      .catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(SendFailedError);
    const [attempt] = error instanceof SendFailedError ? error.attempts : [];
    expect(attempt?.error)
      .to.be.instanceOf(UnreachableBrokerError)
      .and.include({ address: advertised, advertised });
    expect(attempt?.error)
      .to.have.property('origin')
      .that.includes({ topic, brokerId: 0, nameServer: nameServers });
    for (const part of [advertised, nameServers, topic, 'addressMap', 'brokerIP1'])
      expect(attempt?.error.message).to.contain(part);

    const warnings: ConsumerWarning[] = [];
    const consumer = clients.consumer(topic, { eachMessage: () => {} });
    consumer.on('warning', (warning) => warnings.push(warning));
    await consumer.start();
    expect(warnings[0]?.kind).to.equal('memberListFailed');
    expect(warnings[0]?.message).to.contain(advertised).and.to.contain('addressMap');
  });

  for (const [form, addressMap] of [
    ['an object', ({ advertised, actual }) => ({ [advertised]: actual })],
    [
      'a function',
      ({ advertised, actual }) =>
        (address) =>
          address === advertised ? actual : undefined,
    ],
  ] satisfies [string, (cluster: Mislaid) => PushConsumerOptions['addressMap']][]) {
    it(`is reached through ${form}: sends, members and consumption`, async () => {
      const { clients, topic } = await arrange();
      await using _ = clients;
      const options = { addressMap: addressMap(cluster) };
      const got: string[] = [];
      const consumerGroup = uniqueName('Mapped');
      const warnings: ConsumerWarning[] = [];
      const members = [1, 2].map(() =>
        clients.consumer(
          topic,
          { eachMessage: (message) => void got.push(message.text()) },
          { consumerGroup, ...options },
        ),
      );
      for (const member of members) {
        member.on('warning', (warning) => warnings.push(warning));
        await member.start();
      }
      const shares = (): number[] =>
        members.map((member) => member.queues().filter(({ queue }) => queue.topic === topic).length);
      await eventually(() => (shares().join() === '1,1' ? true : undefined), {
        what: 'a queue each',
        otherwise: () => shares().join(),
      });
      const producer = await clients.producer(options);
      for (const body of ['a', 'b', 'c', 'd']) await producer.send({ topic, body });
      await eventually(() => (got.length === 4 ? true : undefined), {
        what: 'all messages',
        otherwise: () => got.join(),
      });
      expect(got.toSorted()).to.deep.equal(['a', 'b', 'c', 'd']);
      expect(warnings).to.deep.equal([]);
    });
  }
}

for (const generation of ['5', '4.9'] as const) {
  describe(`A broker that advertises an unreachable address, with an address map, on the embedded cluster, generation ${generation}`, () => {
    defineSuite(async () => embedded(generation));
  });
}

await describeProcesses(
  'A broker that advertises an unreachable address, with an address map,',
  (version) => {
    let unknownTopic: (() => Promise<unknown>) | undefined;

    defineSuite(async () => {
      const cluster = await RealCluster.start({
        version,
        brokerConfig: { brokerIP1: UNREACHABLE, autoCreateTopicEnable: false },
      });
      const actual = cluster.broker('broker-a').address;
      unknownTopic = async () => {
        await using clients = new Clients(cluster.nameServers);
        const producer = await clients.producer();
        return await producer
          .send({ topic: uniqueName('Unknown'), body: 'text' })
          .catch((error: unknown) => error);
      };
      return {
        nameServers: cluster.nameServers,
        advertised: actual.replace('127.0.0.1', UNREACHABLE),
        actual,
        createTopic: async (name, queues) => createDirectly(cluster.nameServers, actual, name, queues),
        stop: async () => cluster.stop(),
      };
    });

    it('makes a send to an unknown topic a RouteNotFoundError, where the cluster makes no topics', async () => {
      expect(await unknownTopic?.()).to.be.instanceOf(RouteNotFoundError);
    });
  },
);

/** The address that the name server tells is of no use for it. */
async function createDirectly(
  nameServers: string,
  broker: string,
  topic: string,
  queues: number,
): Promise<void> {
  await withRemoting(async (remoting) => {
    const header = {
      topic,
      defaultTopic: 'TBW102',
      readQueueNums: queues,
      writeQueueNums: queues,
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
      order: false,
    };
    await remoting.invoke(broker, Commands.updateAndCreateTopic, header, undefined);
    const ask = async (): Promise<true | undefined> =>
      remoting.invoke(nameServers, Commands.getRouteInfoByTopic, { topic }, undefined).then(
        () => true as const,
        () => undefined,
      );
    await eventually(ask, { what: `a route for ${topic}` });
  });
}
