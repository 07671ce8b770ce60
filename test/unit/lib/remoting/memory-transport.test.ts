import { expect } from 'chai';
import { describe, it } from 'mocha';

import { MemoryNetwork } from '../../../../lib/remoting/memory-transport.ts';
import type { Channel, ChannelHandler } from '../../../../lib/remoting/transport.ts';
import { seededRandom } from '../../../../lib/runtime/random.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';
import { failure } from './fixture.ts';

/** Notes what it is told. */
class Recorder implements ChannelHandler {
  readonly events: string[] = [];
  data = '';
  onData(chunk: Buffer): void {
    this.data += chunk.toString();
    this.events.push(`data ${chunk.length}`);
  }
  onDrain(): void {
    this.events.push('drain');
  }
  onClose(error?: Error): void {
    this.events.push(`close ${error?.message ?? 'orderly'}`);
  }
}

const address = 'broker:10911';

async function createPair(latency?: () => number) {
  const clock = new FakeClock();
  const network = new MemoryNetwork({ clock, latency });
  const atServer = new Recorder();
  const atClient = new Recorder();
  let accepted: Channel | undefined;
  const listening = await network.listen('broker', 10_911, (channel) => {
    accepted = channel;
    return atServer;
  });
  const connecting = network.connect(address, atClient, { timeout: 1_000 });
  await clock.advance(100);
  const client = await connecting;
  if (accepted === undefined) throw new Error('Nothing was accepted');
  return { clock, network, listening, client, server: accepted, atServer, atClient };
}

describe('MemoryNetwork', () => {
  it('delivers in order, never within the call that writes', async () => {
    const { client, atServer } = await createPair();
    client.write(Buffer.from('a'));
    client.write(Buffer.from('b'));
    expect(atServer.data).to.equal('');
    await settle();
    expect(atServer.data).to.equal('ab');
  });

  it('keeps the order whatever the latency, and takes that long', async () => {
    const random = seededRandom(7);
    const { clock, client, atServer } = await createPair(() => random.next() * 40);
    const text = 'abcdefghijklmnopqrstuvwxyz';
    for (const letter of text) client.write(Buffer.from(letter));
    await settle();
    expect(atServer.data).to.equal('');
    await clock.advance(50);
    expect(atServer.data).to.equal(text);
  });

  it('refuses where nothing listens, and after listening has ended', async () => {
    const { network, listening, atClient } = await createPair();
    expect(await failure(network.connect('other:1', new Recorder(), { timeout: 1_000 }))).to.have.property(
      'code',
      'ERR_RMQ_CONNECT',
    );
    await listening.close();
    await settle();
    expect(await failure(network.connect(address, new Recorder(), { timeout: 1_000 }))).to.have.property(
      'code',
      'ERR_RMQ_CONNECT',
    );
    expect(atClient.events).to.deep.equal(['close read ECONNRESET']);
    expect(network.connections).to.equal(0);
  });

  it('ends both sides after what was written, and each hears of it once', async () => {
    const { client, server, atServer, atClient } = await createPair();
    client.write(Buffer.from('last'));
    client.close();
    server.close();
    await settle();
    await settle();
    expect(atClient.events).to.deep.equal(['close orderly']);
    expect(atServer.events.at(-1)).to.equal('close orderly');
    expect(atServer.events.filter((event) => event.startsWith('close')).length).to.equal(1);
    expect(client.write(Buffer.from('more'))).to.equal(false);
  });

  it('asks a writer to wait while the other side does not read, and tells when there is room', async () => {
    const { client, server, atServer, atClient } = await createPair();
    server.pause();
    expect(client.write(Buffer.alloc(1_000))).to.equal(true);
    expect(client.write(Buffer.alloc(70_000))).to.equal(false);
    await settle();
    expect(atServer.events).to.deep.equal([]);
    server.resume();
    await settle();
    expect(atServer.events).to.deep.equal(['data 1000', 'data 70000']);
    expect(atClient.events).to.deep.equal(['drain']);
  });

  it('swallows everything in a partition, without an end or an error', async () => {
    const { clock, network, client, server, atServer, atClient } = await createPair();
    network.partition(address);
    client.write(Buffer.from('lost'));
    server.write(Buffer.from('lost'));
    const error = failure(network.connect(address, new Recorder(), { timeout: 500 }));
    await clock.advance(60_000);
    expect([...atServer.events, ...atClient.events]).to.deep.equal([]);
    expect(await error).to.have.property('code', 'ERR_RMQ_CONNECT');
    network.heal(address);
    client.write(Buffer.from('found'));
    await settle();
    expect(atServer.data).to.equal('found');
  });
});
