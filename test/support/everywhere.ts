import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { isLongRun } from './long.ts';
import { QUICK_DELAY_LEVELS } from './real/broker-config.ts';
import { describeReal, wantedVersions } from './real/target.ts';
import { shared } from './real/shared-clusters.ts';

/** What a contract suite may know of the cluster it runs on. */
export interface ContractCluster {
  readonly nameServers: string;
  createTopic(name: string, options?: { readonly queues?: number }): void | Promise<void>;
}

export interface ContractTarget {
  readonly label: string;
  cluster(): Promise<ContractCluster>;
}

/** Declares the same suite for both manners of the embedded cluster, and for every real RocketMQ there is. */
export async function describeEverywhere(
  title: string,
  define: (target: ContractTarget) => void,
): Promise<void> {
  for (const generation of embeddedGenerations()) {
    describe(`${title} on the embedded cluster, generation ${generation}`, function () {
      this.timeout(60_000);
      const start = async () => {
        const cluster = await EmbeddedCluster.start({
          generation,
          messageDelayLevels: QUICK_DELAY_LEVELS,
          transactionTimeout: 1_000,
          transactionCheckInterval: 1_000,
          longPollingCheck: 500,
        });
        return Object.assign(cluster, { stop: async () => cluster.shutdown() });
      };
      define({
        label: `embedded ${generation}`,
        cluster: async () => shared(`embedded ${generation}`, start),
      });
    });
  }
  await describeReal(title, (target) =>
    define({ label: target.label, cluster: async () => target.cluster() }),
  );
}

/** Of the version that alone is wanted; else both. The manners of 4.9 take as long again, so without the long suites those of 5 must do. */
function embeddedGenerations(): readonly ('5' | '4.9')[] {
  const [version, ...others] = wantedVersions();
  if (others.length === 0) return [version === '4.9.7' ? '4.9' : '5'];
  return isLongRun ? ['5', '4.9'] : ['5'];
}

let counter = 0;

/** A name that no other test and no earlier run has used. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${process.pid}_${Date.now().toString(36)}_${++counter}`;
}
