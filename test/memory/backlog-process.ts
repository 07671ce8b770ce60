import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Producer } from '../../lib/index.ts';
import type { Backlog } from './backlog.ts';

// A cluster in a process of its own, with messages that wait. Tells its address when they are there, and lives until it is disconnected.

const { topic, queues, messages, bodySize } = JSON.parse(process.argv[2] ?? '{}') as Backlog;

/** Sends that are under way at a time. */
const IN_FLIGHT = 1_000;

const cluster = await EmbeddedCluster.start({ topics: { [topic]: queues } });
const producer = new Producer({ nameServers: cluster.nameServers, compressThreshold: 4 * 1_024 * 1_024 });
await producer.start();
const body = Buffer.alloc(bodySize, 120);
let sent = 0;
const sendOn = async (): Promise<void> => {
  while (sent++ < messages) await producer.send({ topic, body });
};
await Promise.all(Array.from({ length: IN_FLIGHT }, sendOn));
await producer.shutdown();
process.on('disconnect', () => process.exit());
process.send?.({ nameServers: cluster.nameServers });
