// node --import tsx --test examples/testing/node.test.ts
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Commands, ResponseCode } from '../../protocol/index.ts';
import { InvoiceService } from './invoice-service.ts';
import { invoices, placeOrders, startCluster } from './test-cluster.ts';

async function arrange(t: TestContext): Promise<{ cluster: EmbeddedCluster; service: InvoiceService }> {
  const cluster = await startCluster();
  const service = new InvoiceService(cluster.nameServers);
  t.after(async () => {
    await service.stop();
    await cluster.shutdown();
  });
  return { cluster, service };
}

test('makes an invoice of each order', async (t) => {
  const { cluster, service } = await arrange(t);
  await service.start();
  await placeOrders(cluster, 'order 1', 'order 2');
  assert.deepEqual(await invoices(cluster, 2), ['invoice for order 1', 'invoice for order 2']);
});

test('makes the invoice later when the broker refuses it', async (t) => {
  const { cluster, service } = await arrange(t);
  await placeOrders(cluster, 'order 1');
  // A send is tried three times; so the order fails once, and comes again.
  const refusal = cluster.control(Commands.sendMessageV2, { answer: ResponseCode.SYSTEM_BUSY, times: 3 });
  await service.start();
  assert.deepEqual(await invoices(cluster, 1), ['invoice for order 1']);
  assert.equal(refusal.hits, 3);
});
