import { ClientInstance } from '../../../../lib/instance/client-instance.ts';
import type { Member } from '../../../../lib/instance/member.ts';
import type { ConsumerRole, ProducerRole, RebalanceTrigger } from '../../../../lib/instance/roles.ts';
import { resolveClientOptions } from '../../../../lib/options/client.ts';
import type { ClientOptions } from '../../../../lib/options/client.ts';
import { MemoryNetwork } from '../../../../lib/remoting/memory-transport.ts';
import { seededRandom } from '../../../../lib/runtime/random.ts';
import { tagSubscription } from '../../../../protocol/model/subscription-data.ts';
import type { TopicRouteData } from '../../../../protocol/model/topic-route-data.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { routeOf, ScriptedServer, serveRoutes } from '../routing/scripted-server.ts';

export const master = '10.0.0.1:10911';
export const slave = '10.0.0.2:10911';

/** A consumer that remembers what it was told. */
export class FakeConsumer implements ConsumerRole {
  readonly consumerGroup: string;
  readonly triggers: RebalanceTrigger[] = [];
  readonly calls: unknown[][] = [];
  subscribed: string[] = ['T'];

  constructor(consumerGroup = 'G') {
    this.consumerGroup = consumerGroup;
  }

  consumerData(): ReturnType<ConsumerRole['consumerData']> {
    return {
      groupName: this.consumerGroup,
      consumeType: 'CONSUME_PASSIVELY',
      messageModel: 'CLUSTERING',
      consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
      subscriptionDataSet: this.subscribed.map((topic) => tagSubscription(topic, '*', 1)),
      unitMode: false,
    };
  }

  topics(): Iterable<string> {
    return this.subscribed;
  }

  wake(trigger: RebalanceTrigger): void {
    this.triggers.push(trigger);
  }

  runningInfo(): ReturnType<ConsumerRole['runningInfo']> {
    return {
      properties: new Map([['PROP_CONSUME_TYPE', 'CONSUME_PASSIVELY']]),
      subscriptionSet: [],
      mqTable: [],
      statusTable: new Map(),
    };
  }

  consumerStatus(topic: string): ReturnType<ConsumerRole['consumerStatus']> {
    return [[{ topic, brokerName: 'broker-a', queueId: 1 }, 42]];
  }

  async consumeDirectly(
    ...call: Parameters<ConsumerRole['consumeDirectly']>
  ): ReturnType<ConsumerRole['consumeDirectly']> {
    this.calls.push(call);
    return { order: false, autoCommit: true, consumeResult: 'CR_SUCCESS', spentTimeMills: 3 };
  }

  resetOffset(...call: Parameters<ConsumerRole['resetOffset']>): void {
    this.calls.push(call);
  }

  kinds(): readonly string[] {
    return this.triggers.splice(0).map(({ kind }) => kind);
  }
}

export const producerRole = (producerGroup = 'P', topics: readonly string[] = ['T']): ProducerRole => ({
  producerGroup,
  topics: () => topics,
});

export const consumerMember = (group = 'G'): Member => ({ kind: 'consumer', group });
export const producerMember = (group = 'P'): Member => ({ kind: 'producer', group });

/** A name server, a broker with a slave, and a way to get instances; all in memory under a clock that stands still. */
export async function createInstanceWorld() {
  const clock = new FakeClock();
  const network = new MemoryNetwork({ clock });
  const random = seededRandom(1);
  const data = new Map<string, TopicRouteData>([['T', routeOf({ addresses: { 0: master, 1: slave } })]]);
  const open = async (address: string) => new ScriptedServer(address, network, clock).open();
  const [nameServer, broker, slaveBroker] = await Promise.all(['ns:9876', master, slave].map(open));
  if (nameServer === undefined || broker === undefined || slaveBroker === undefined)
    throw new Error('Not open');
  serveRoutes(nameServer, data);
  const environment = { clock, random, transport: network };
  const obtain = (member: Member, options: ClientOptions = {}) =>
    ClientInstance.obtain(
      resolveClientOptions({ nameServers: 'ns:9876', clientIp: '1.2.3.4', environment, ...options }),
      member,
    );
  /** An instance with the route of T and a consumer. */
  const startConsumer = async (consumer = new FakeConsumer()) => {
    const member = consumerMember(consumer.consumerGroup);
    const instance = obtain(member);
    await instance.start();
    await instance.routes.fetch('T');
    await instance.addConsumer(consumer);
    return { instance, member, consumer };
  };
  return { clock, network, data, nameServer, broker, slaveBroker, environment, open, obtain, startConsumer };
}
