import { setTimeout as delay } from 'node:timers/promises';

import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Producer } from '../../lib/index.ts';

/** A cluster for one test. Messages that failed come again after 20 ms; on a real broker that is 10 s at first. */
export const startCluster = async (): Promise<EmbeddedCluster> =>
  EmbeddedCluster.start({ topics: { Orders: 4, Invoices: 1 }, messageDelayLevels: [20, 20, 20, 20] });

/** Puts orders where the service finds them. */
export async function placeOrders(cluster: EmbeddedCluster, ...orders: string[]): Promise<void> {
  const producer = new Producer({ nameServers: cluster.nameServers, producerGroup: 'Shop' });
  await producer.start();
  for (const body of orders) await producer.send({ topic: 'Orders', body });
  await producer.shutdown();
}

/** The invoices that are stored, once there are so many; fails after 5 s. */
export async function invoices(cluster: EmbeddedCluster, count: number): Promise<string[]> {
  for (let tries = 0; tries < 250 && cluster.messages('Invoices').length < count; tries++) await delay(20);
  const found = cluster.messages('Invoices').map((message) => message.text());
  if (found.length < count) throw new Error(`${count} invoices were expected, there are ${found.length}`);
  return found.sort();
}
