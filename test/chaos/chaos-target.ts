import { RealCluster } from '../support/real/real-cluster.ts';
import type { RocketMQVersion } from '../support/real/jars.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { ChaosProcess, LOCK_LIFE } from './chaos-process.ts';

/** A cluster that can be hurt. */
export interface ChaosTarget extends AsyncDisposable {
  readonly nameServers: string;
  /** For clients. */
  readonly addressMap?: Readonly<Record<string, string>>;
  readonly brokers: readonly string[];
  /** Queues on each broker. */
  readonly queues: number;
  /** Clients know of a server again so long after it came back, ms. */
  readonly foundAgain: number;
  /** kill −9, or what comes closest to it. */
  stopBroker(name: string): Promise<void>;
  startBroker(name: string): Promise<void>;
  stopNameServer(): Promise<void>;
  startNameServer(): Promise<void>;
  /** Resets all connections to a broker. */
  disconnect(name: string): Promise<void>;
}

/** Clients ask for routes so often, ms. */
const ROUTE_POLL = 30_000;

export interface TargetOptions {
  readonly topic: string;
  readonly group: string;
  readonly history: string;
}

/** The embedded cluster in a process of its own. A broker that is stopped there keeps its messages in memory, and its place in the route. */
export async function embeddedTarget({ topic, group, history }: TargetOptions): Promise<ChaosTarget> {
  const order = { role: 'cluster', name: 'cluster', history, nameServers: '', topic, group } as const;
  const { process, nameServers } = await ChaosProcess.spawn(order);
  return {
    nameServers,
    brokers: ['broker-a', 'broker-b'],
    queues: 4,
    foundAgain: ROUTE_POLL + 2_000,
    stopBroker: async (broker) => process.tell({ do: 'stopBroker', broker }),
    startBroker: async (broker) => process.tell({ do: 'startBroker', broker }),
    stopNameServer: async () => process.tell({ do: 'stopNameServer' }),
    startNameServer: async () => process.tell({ do: 'startNameServer' }),
    disconnect: async (broker) => process.tell({ do: 'disconnect', broker }),
    [Symbol.asyncDispose]: async () => process.kill(),
  };
}

/** An unmodified cluster of that version; clients reach its brokers through proxies. */
export async function realTarget(version: RocketMQVersion, { topic }: TargetOptions): Promise<ChaosTarget> {
  const cluster = await RealCluster.start({
    version,
    brokers: 2,
    jvmOptions: [`-Drocketmq.broker.rebalance.lockMaxLiveTime=${LOCK_LIFE}`],
  });
  await cluster.createTopic(topic, { queues: 4 });
  const proxies = new Map<string, TcpProxy>();
  for (const { name, address } of cluster.brokers) proxies.set(name, await TcpProxy.start(address));
  const addressMap = Object.fromEntries(
    cluster.brokers.map(({ name, address }) => [address, proxies.get(name)?.address ?? address]),
  );
  return {
    nameServers: cluster.nameServers,
    addressMap,
    brokers: cluster.brokers.map(({ name }) => name),
    queues: 4,
    // A name server that restarted knows no broker until it registers anew, as one does every 10 s.
    foundAgain: 10_000 + ROUTE_POLL + 10_000,
    stopBroker: async (name) => cluster.broker(name).kill(),
    startBroker: async (name) => cluster.broker(name).start(),
    stopNameServer: async () => cluster.nameServer.kill(),
    startNameServer: async () => cluster.nameServer.start(),
    disconnect: async (name) => proxies.get(name)?.resetAll(),
    [Symbol.asyncDispose]: async () => {
      for (const proxy of proxies.values()) await proxy[Symbol.asyncDispose]();
      await cluster.stop();
    },
  };
}
