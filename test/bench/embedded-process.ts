import { EmbeddedCluster } from '../../lib/embedded/index.ts';

/** What the benchmark asks the cluster's process. */
export type Question = 'start' | 'cpu' | 'stop';

/** What it answers: where the cluster is, or its CPU so far in µs. */
export interface Reply {
  readonly nameServers?: string;
  readonly cpu?: number;
}

let cluster: EmbeddedCluster | undefined;

async function answer(question: Question): Promise<Reply> {
  if (question === 'start') {
    cluster = await EmbeddedCluster.start({
      topics: { Bench: 4 },
      memoryLimit: 512 * 1024 * 1024,
    });
    return { nameServers: cluster.nameServers };
  }
  if (question === 'stop') {
    await cluster?.shutdown();
    process.disconnect();
    return {};
  }
  const { user, system } = process.cpuUsage();
  return { cpu: user + system };
}

process.on('message', (question: Question) => {
  void answer(question).then((reply) => {
    if (process.connected) process.send?.(reply);
  });
});
