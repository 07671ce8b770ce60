import { RealCluster } from '../support/real/real-cluster.ts';
import type { RocketMQVersion } from '../support/real/jars.ts';
import { ChaosProcess, LOCK_LIFE } from './chaos-process.ts';

/** A cluster that can be hurt. */
export interface ChaosTarget extends AsyncDisposable {
  readonly nameServers: string;
  readonly brokers: readonly string[];
  /** Queues on each broker. */
  readonly queues: number;
  /** kill −9, or what comes closest to it. */
  stopBroker(name: string): Promise<void>;
  startBroker(name: string): Promise<void>;
  stopNameServer(): Promise<void>;
  startNameServer(): Promise<void>;
  /** Resets all connections to a broker; undefined where that needs more than a client can do. */
  readonly disconnect?: (name: string) => Promise<void>;
}

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
    stopBroker: async (broker) => process.tell({ do: 'stopBroker', broker }),
    startBroker: async (broker) => process.tell({ do: 'startBroker', broker }),
    stopNameServer: async () => process.tell({ do: 'stopNameServer' }),
    startNameServer: async () => process.tell({ do: 'startNameServer' }),
    disconnect: async (broker) => process.tell({ do: 'disconnect', broker }),
    [Symbol.asyncDispose]: async () => process.kill(),
  };
}

/** An unmodified cluster of that version. */
export async function realTarget(version: RocketMQVersion, { topic }: TargetOptions): Promise<ChaosTarget> {
  const cluster = await RealCluster.start({
    version,
    brokers: 2,
    jvmOptions: [`-Drocketmq.broker.rebalance.lockMaxLiveTime=${LOCK_LIFE}`],
  });
  await cluster.createTopic(topic, { queues: 4 });
  return {
    nameServers: cluster.nameServers,
    brokers: cluster.brokers.map(({ name }) => name),
    queues: 4,
    stopBroker: async (name) => cluster.broker(name).kill(),
    startBroker: async (name) => cluster.broker(name).start(),
    stopNameServer: async () => cluster.nameServer.kill(),
    startNameServer: async () => cluster.nameServer.start(),
    [Symbol.asyncDispose]: async () => cluster.stop(),
  };
}
