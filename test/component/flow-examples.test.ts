import { expect } from 'chai';
import { describe, it } from 'mocha';

import { orderTopic, receiptTopic } from '../../examples/graceful-shutdown/names.ts';
import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Clients } from '../support/clients.ts';
import { Example } from '../support/example.ts';
import { describeLong } from '../support/long.ts';

describeLong('Examples of retries and of graceful shutdown', function () {
  this.timeout(120_000);

  for (const name of ['retry-and-dlq', 'graceful-shutdown']) {
    it(`${name} shows what it says`, async () => {
      await using example = new Example(`${name}/main.ts`);
      await example.printed('As it should be');
      expect(await example.ended).to.equal(0);
    });
  }
});

describe('closeOnSignals in a process of its own', function () {
  this.timeout(60_000);

  /** The service of the example, with eight listeners at work that take `work` ms each. */
  async function start(work: number) {
    const cluster = await EmbeddedCluster.start({ topics: { [orderTopic]: 1, [receiptTopic]: 1 } });
    const clients = new Clients(cluster.nameServers);
    const service = new Example('graceful-shutdown/service.ts', [cluster.nameServers, 'Group', String(work)]);
    const orders = Array.from({ length: 20 }, (_, index) => String(index));
    await clients.send(orderTopic, orders);
    await service.printed('begun', 8);
    return {
      cluster,
      service,
      [Symbol.asyncDispose]: async () => {
        await service[Symbol.asyncDispose]();
        await clients[Symbol.asyncDispose]();
        await cluster.shutdown();
      },
    };
  }

  it('finishes what is at work after SIGTERM, commits it, leaves the group, and ends with 0', async () => {
    await using scene = await start(500);
    const { service, cluster } = scene;
    service.child.kill('SIGTERM');
    expect(await service.ended).to.equal(0);
    const done = service.lines.filter((line) => line.startsWith('done')).length;
    const begun = service.lines.filter((line) => line.startsWith('begun')).length;
    expect(done).to.equal(begun);
    expect(service.lines.at(-1)).to.match(/^Closed in \d+ ms$/);
    expect(cluster.group('Group').members).to.deep.equal([]);
    expect(cluster.group('Group').offsets(orderTopic)).to.deep.equal([done]);
    expect(cluster.messages(receiptTopic)).to.have.length(done);
  });

  it('says what it waits for after SIGTERM, and leaves at once after another', async () => {
    await using scene = await start(600_000);
    const { service } = scene;
    service.child.kill('SIGTERM');
    await service.printed('Waiting for listeners of consumer Group: 8 messages in 1 queues');
    service.child.kill('SIGTERM');
    expect(await service.ended).to.equal(143);
    expect(service.lines.at(-1)).to.include('SIGTERM again: leaving at once, without consumer Group');
  });
});
