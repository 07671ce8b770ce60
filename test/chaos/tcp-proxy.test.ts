import { expect } from 'chai';
import { describe, it } from 'mocha';
import { PushConsumer } from '../../lib/consumer/push-consumer.ts';
import { EmbeddedCluster } from '../../lib/embedded/index.ts';
import { Producer } from '../../lib/producer/producer.ts';
import { eventually } from '../support/group/eventually.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

describe('TcpProxy', () => {
  it('hands messages on, resets connections, and clients come back through it', async () => {
    await using cluster = await EmbeddedCluster.start({ topics: { T: 2 } });
    const broker = cluster.brokerAddress('broker-a');
    await using proxy = await TcpProxy.start(broker);
    const common = { nameServers: cluster.nameServers, addressMap: { [broker]: proxy.address } };
    const seen: string[] = [];
    await using consumer = new PushConsumer({ ...common, consumerGroup: 'G', consumeFromWhere: 'first' });
    consumer.subscribe('T', { eachMessage: (message) => void seen.push(message.text()) });
    await using producer = new Producer({ ...common, producerGroup: 'P' });
    await Promise.all([consumer.start(), producer.start()]);

    await producer.send({ topic: 'T', body: 'before' });
    await eventually(() => seen.includes('before') || undefined, { what: 'the first message' });
    expect(proxy.connections).to.be.above(0);
    await proxy.resetAll();
    await producer.send({ topic: 'T', body: 'after' });
    await eventually(() => seen.includes('after') || undefined, { what: 'the message after the reset' });
  });

  it('ends the connection of who connects while the server is down', async () => {
    const gone = await TcpProxy.start('127.0.0.1:1');
    await using proxy = await TcpProxy.start(gone.address);
    await gone[Symbol.asyncDispose]();
    const producer = new Producer({ nameServers: proxy.address, producerGroup: 'P' });
    await producer.start({ timeout: 500 }).then(
      () => expect.fail('It started'),
      (error: unknown) => expect(error).to.be.instanceOf(Error),
    );
    await eventually(() => proxy.connections === 0 || undefined, { what: 'the end of all connections' });
  });
});
