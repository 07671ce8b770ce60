import { Commands } from '../../../protocol/commands/index.ts';
import type { EmbeddedCluster } from '../../embedded/embedded-cluster.ts';
import { BrokerNotFoundError } from '../../errors.ts';
import { ClientInstance } from '../../instance/client-instance.ts';
import type { Member } from '../../instance/member.ts';
import { resolveClientOptions } from '../../options/client.ts';
import { systemClock, withTimeout } from '../../runtime/clock.ts';

/** A cluster to show something on. */
export interface DemoCluster extends AsyncDisposable {
  readonly nameServers: string;
  /** For the title. */
  readonly description: string;
}

/** A cluster in this process, which exists for the demo alone. */
export async function embeddedCluster(
  topic: string,
  queues: number,
  dropNotices: boolean,
): Promise<DemoCluster> {
  const { EmbeddedCluster } = await import('../../embedded/embedded-cluster.ts');
  const cluster: EmbeddedCluster = await EmbeddedCluster.start({ topics: { [topic]: queues } });
  if (dropNotices) cluster.control(Commands.notifyConsumerIdsChanged, { drop: true });
  const { nameServers } = cluster;
  return {
    nameServers,
    description: `embedded cluster at ${nameServers}`,
    [Symbol.asyncDispose]: async () => cluster.shutdown(),
  };
}

/** For the name server to tell of a new topic, in ms. */
const TOPIC_TIMEOUT = 10_000;
const ASK_AGAIN = 100;

/** A cluster that is there already. The topic is made on one of its brokers, and deleted at the end. */
export async function existingCluster(
  nameServers: string,
  topic: string,
  queues: number,
  signal: AbortSignal,
): Promise<DemoCluster> {
  const member: Member = { kind: 'producer', group: `${topic}_admin` };
  const instance = ClientInstance.obtain(resolveClientOptions({ nameServers }), member);
  try {
    await instance.start(signal);
    const broker = await findBroker(instance, signal);
    await instance.api.createTopic(
      broker,
      { topic, readQueueNums: queues, writeQueueNums: queues },
      { signal },
    );
    await untilRouted(instance, topic, queues, signal);
    return {
      nameServers,
      description: `cluster at ${nameServers}, broker ${broker}`,
      [Symbol.asyncDispose]: async () => {
        await deleteTopic(instance, broker, topic);
        await instance.release(member);
      },
    };
  } catch (error) {
    await instance.release(member);
    throw error;
  }
}

/** Address of a master. */
async function findBroker({ nameServers }: ClientInstance, signal: AbortSignal): Promise<string> {
  const { body } = await nameServers.invoke(Commands.getBrokerClusterInfo, {}, undefined, { signal });
  for (const { brokerAddrs } of body.brokerAddrTable.values()) {
    const master = brokerAddrs.get(0);
    if (master !== undefined) return master;
  }
  throw new BrokerNotFoundError([...body.brokerAddrTable.keys()].join(', ') || 'any');
}

async function untilRouted(
  { routes, clock }: ClientInstance,
  topic: string,
  queues: number,
  signal: AbortSignal,
): Promise<void> {
  using deadline = withTimeout(clock, TOPIC_TIMEOUT, signal);
  for (;;) {
    const route = await routes.fetch(topic, { signal: deadline.signal }).catch(() => undefined);
    if (route?.writableQueues().length === queues) return;
    await clock.sleep(ASK_AGAIN, deadline.signal);
  }
}

/** Leaves nothing behind, if it can. */
async function deleteTopic(
  { remoting, nameServers }: ClientInstance,
  broker: string,
  topic: string,
): Promise<void> {
  using deadline = withTimeout(systemClock, 3_000);
  const { signal } = deadline;
  await Promise.allSettled([
    remoting.invoke(broker, Commands.deleteTopicInBroker, { topic }, undefined, { signal }),
    nameServers.invoke(Commands.deleteTopicInNameServer, { topic }, undefined, { signal }),
  ]);
}
