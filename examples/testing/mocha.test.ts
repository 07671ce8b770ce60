// npx mocha examples/testing/mocha.test.ts
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';

import type { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Commands, ResponseCode } from '../../protocol/index.ts';
import { InvoiceService } from './invoice-service.ts';
import { invoices, placeOrders, startCluster } from './test-cluster.ts';

describe('InvoiceService', () => {
  let cluster: EmbeddedCluster;
  let service: InvoiceService;

  beforeEach(async () => {
    cluster = await startCluster();
    service = new InvoiceService(cluster.nameServers);
  });

  afterEach(async () => {
    await service.stop();
    await cluster.shutdown();
  });

  it('makes an invoice of each order', async () => {
    await service.start();
    await placeOrders(cluster, 'order 1', 'order 2');
    expect(await invoices(cluster, 2)).to.deep.equal(['invoice for order 1', 'invoice for order 2']);
  });

  it('makes the invoice later when the broker refuses it', async () => {
    await placeOrders(cluster, 'order 1');
    // A send is tried three times; so the order fails once, and comes again.
    using refusal = cluster.control(Commands.sendMessageV2, { answer: ResponseCode.SYSTEM_BUSY, times: 3 });
    await service.start();
    expect(await invoices(cluster, 1)).to.deep.equal(['invoice for order 1']);
    expect(refusal.hits).to.equal(3);
  });

  it('goes on when all connections are cut', async () => {
    await service.start();
    await placeOrders(cluster, 'order 1');
    await invoices(cluster, 1);
    cluster.disconnect();
    await placeOrders(cluster, 'order 2');
    expect(await invoices(cluster, 2)).to.deep.equal(['invoice for order 1', 'invoice for order 2']);
  });
});
