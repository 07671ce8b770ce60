import { TEST_BROKER } from './broker-config.ts';
import type { RocketMQVersion } from './jars.ts';
import { RealCluster } from './real-cluster.ts';
import { createTopic, type TopicOptions } from './topic-admin.ts';

/** A real cluster, however it came about. Tests that stop or add brokers start a `RealCluster` of their own. */
export interface TestCluster {
  /** What a client's option of that name takes. */
  readonly nameServers: string;
  /** Creates the topic on every broker and resolves when it is routed. */
  createTopic(name: string, options?: TopicOptions): Promise<void>;
  stop(): Promise<void>;
}

export function jvmCluster(version: RocketMQVersion): Promise<TestCluster> {
  return RealCluster.start({ version });
}

export async function dockerCluster(version: RocketMQVersion): Promise<TestCluster> {
  const { RocketMQContainer } = await import('../../../lib/testcontainers/index.ts');
  const container = await new RocketMQContainer(`apache/rocketmq:${version}`)
    .withBrokerConfig(TEST_BROKER)
    .start();
  return {
    nameServers: container.nameServers,
    createTopic: (name, options) => createTopic(container.nameServers, name, options),
    stop: async () => {
      await container.stop();
    },
  };
}

/** A cluster that somebody else started, and stops. */
export function givenCluster(nameServers: string): TestCluster {
  return {
    nameServers,
    createTopic: (name, options) => createTopic(nameServers, name, options),
    stop: async () => {},
  };
}
