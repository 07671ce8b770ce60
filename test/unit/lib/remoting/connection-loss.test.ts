import { expect } from 'chai';
import { describe, it } from 'mocha';

import { ConnectError, ConnectionClosedError, ProtocolError } from '../../../../lib/errors.ts';
import { MemoryNetwork } from '../../../../lib/remoting/memory-transport.ts';
import { RemotingClient } from '../../../../lib/remoting/remoting-client.ts';
import type { RemotingClientOptions } from '../../../../lib/remoting/remoting-client.ts';
import type { Channel } from '../../../../lib/remoting/transport.ts';
import { seededRandom } from '../../../../lib/runtime/random.ts';
import { encodeCommand } from '../../../../protocol/frame.ts';
import { FakeClock, settle } from '../../../support/fake-clock.ts';
import { address, answerTo, createWorld, echo, failure, ignore, nothing } from './fixture.ts';

/** A client and a server that does `onData` with whatever it is sent. */
async function createRawWorld(
  onData: (channel: Channel, chunk: Buffer) => void,
  options: Partial<RemotingClientOptions> = {},
) {
  const clock = new FakeClock();
  const network = new MemoryNetwork({ clock });
  await network.listen('10.0.0.1', 10_911, (channel) => ({
    onData: (chunk) => onData(channel, chunk),
    onDrain: () => {},
    onClose: () => {},
  }));
  const client = new RemotingClient({ transport: network, clock, random: seededRandom(1), ...options });
  const closings: (Error | undefined)[] = [];
  client.on('disconnected', ({ error }) => closings.push(error));
  return { clock, network, client, closings };
}

describe('a lost connection', () => {
  it('fails what waits at once, and says that it had been sent', async () => {
    const { client, network } = await createWorld(ignore);
    const error = failure(client.invoke(address, echo, { text: '' }, nothing));
    await settle();
    network.cut();
    expect(await error).to.be.instanceOf(ConnectionClosedError);
    expect(await error).to.include({ address, wasSent: true });
    expect(client.stats()).to.include({ pending: 0, connections: 0 });
  });

  it('tells requests that never left from those that did', async () => {
    const { client, connections } = await createWorld(ignore);
    await failure(client.invoke(address, echo, { text: '' }, nothing, { signal: AbortSignal.abort() }));
    client.keep(address);
    await settle();
    const error = failure(client.invoke(address, echo, { text: '' }, nothing));
    connections[0]?.close();
    const closed = client.close();
    expect(await error).to.be.instanceOf(ConnectionClosedError);
    await closed;
  });

  it('is made anew for the next request', async () => {
    const { client, network, events } = await createWorld();
    await client.invoke(address, echo, { text: '' }, nothing);
    network.cut();
    await settle();
    await client.invoke(address, echo, { text: '' }, nothing);
    expect(events).to.deep.equal([`connected ${address}`, `disconnected ${address}`, `connected ${address}`]);
  });

  it('is made anew without a request when its address is kept, and only then', async () => {
    const { client, network, clock, events } = await createWorld();
    client.keep(address);
    await settle();
    network.cut();
    await clock.advance(1_000);
    expect(events).to.deep.equal([`connected ${address}`, `disconnected ${address}`, `connected ${address}`]);
    client.release(address);
    network.cut();
    await clock.advance(60_000);
    expect(events.length).to.equal(4);
    expect(client.isConnected(address)).to.equal(false);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('is tried for at growing intervals of at most a second', async () => {
    const clock = new FakeClock();
    const network = new MemoryNetwork({ clock });
    const attempts: number[] = [];
    const transport: RemotingClientOptions['transport'] = {
      connect: async (...parameters) => {
        attempts.push(clock.uptime());
        return network.connect(...parameters);
      },
    };
    const client = new RemotingClient({ transport, clock, random: seededRandom(1) });
    client.keep(address);
    await clock.advance(20_000);
    const waits = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    expect(Math.max(...waits)).to.be.within(500, 1_000);
    expect(waits[0]).to.be.within(25, 50);
    expect(waits.slice(0, 4)).to.deep.equal(waits.slice(0, 4).toSorted((a, b) => a - b));
    expect(attempts.length).to.be.within(20, 60);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });

  it('does not come back more often than the back-off allows when the server accepts and hangs up', async () => {
    const clock = new FakeClock();
    const network = new MemoryNetwork({ clock });
    let accepted = 0;
    await network.listen('10.0.0.1', 10_911, (channel) => {
      accepted++;
      channel.close();
      return { onData: () => {}, onDrain: () => {}, onClose: () => {} };
    });
    const client = new RemotingClient({ transport: network, clock, random: seededRandom(1) });
    client.keep(address);
    await clock.advance(20_000);
    expect(accepted).to.be.within(20, 60);
    await client.close();
  });

  it('names the advertised and the dialled address, and the remedy, when it cannot be made', async () => {
    const { client } = await createWorld(ignore, { addressMap: { '172.17.0.3:10911': '127.0.0.1:20911' } });
    const error = await failure(client.invoke('172.17.0.3:10911', echo, { text: '' }, nothing));
    expect(error).to.be.instanceOf(ConnectError);
    expect(error).to.include({ address: '127.0.0.1:20911', advertised: '172.17.0.3:10911', retryable: true });
    expect(error.message).to.equal(
      'Cannot connect to 127.0.0.1:20911 (advertised as 172.17.0.3:10911): connection refused, nothing listens there; check addressMap',
    );
    const plain = await failure(client.invoke('172.17.0.4:10911', echo, { text: '' }, nothing));
    expect(plain.message).to.contain('addressMap');
  });

  it('is keyed by the advertised address', async () => {
    const { client, events } = await createWorld(undefined, {
      addressMap: (advertised) => (advertised === 'broker:1' ? address : undefined),
    });
    await client.invoke('broker:1', echo, { text: '' }, nothing);
    expect(events).to.deep.equal(['connected broker:1']);
    expect(client.isConnected('broker:1')).to.equal(true);
  });

  for (const bad of [
    'http://10.0.0.1:80',
    '10.0.0.1',
    '10.0.0.1:0',
    '10.0.0.1:65536',
    ':80',
    'a b:80',
    '',
    '10.0.0.1:80/x',
  ]) {
    it(`is refused for ${JSON.stringify(bad)}`, async () => {
      const { client } = await createWorld();
      expect(await failure(client.invoke(bad, echo, { text: '' }, nothing))).to.be.instanceOf(ConnectError);
    });
  }

  it('does not take a listener that throws with it', async () => {
    const { client } = await createWorld();
    const warning = new Promise<Error>((resolve) => process.once('warning', resolve));
    client.on('connected', () => {
      throw new Error('Listener failed');
    });
    await client.invoke(address, echo, { text: '' }, nothing);
    expect((await warning).message).to.contain('Listener failed');
  });
});

describe('bytes that are not the protocol', () => {
  const foreign: Readonly<Record<string, Buffer>> = {
    HTTP: Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
    garbage: Buffer.from('deadbeefdeadbeefdeadbeef', 'hex'),
    'a frame above the limit': Buffer.from('7fffffff00000010', 'hex'),
    'a negative length': Buffer.from('ffffffff00000010', 'hex'),
    'a header that is not JSON': Buffer.from('000000080000000478787878', 'hex'),
  };
  for (const [name, data] of Object.entries(foreign)) {
    it(`close the connection with a ProtocolError and fail what waits: ${name}`, async () => {
      const { client, closings } = await createRawWorld((channel) => channel.write(data));
      const error = await failure(client.invoke(address, echo, { text: '' }, nothing));
      expect(error).to.be.instanceOf(ConnectionClosedError);
      expect(error.cause).to.be.instanceOf(ProtocolError);
      await settle();
      expect(closings[0]).to.be.instanceOf(ProtocolError);
      expect(client.stats().connections).to.equal(0);
    });
  }

  it('do not lose the answers before them in the same chunk', async () => {
    const { client } = await createRawWorld((channel) => {
      const good = encodeCommand({
        language: 'JAVA',
        version: 479,
        flag: 1,
        serializeType: 0,
        code: 0,
        opaque: 0,
        extFields: { text: 'x' },
      });
      channel.write(Buffer.concat([good, Buffer.from('garbage!')]));
    });
    expect((await client.invoke(address, echo, { text: '' }, nothing)).header.text).to.equal('x');
  });

  it('fail what waits when the connection ends in the middle of a frame', async () => {
    const { client } = await createRawWorld((channel) => {
      channel.write(Buffer.from('000000ff000000f07b22', 'hex'));
      channel.close();
    });
    const error = await failure(client.invoke(address, echo, { text: '' }, nothing));
    expect(error).to.be.instanceOf(ConnectionClosedError);
  });
});

describe('GO_AWAY', () => {
  it('sends the request again over a new connection, under a new opaque', async () => {
    const { client, received, connections, clock, events } = await createWorld((connection, request) =>
      connection.send(answerTo(request, connection.id === 1 ? { code: 1_500 } : {})),
    );
    const answer = await client.invoke(address, echo, { text: 'again' }, nothing);
    expect(answer.header.text).to.equal('again');
    expect(received.map(({ opaque }) => opaque)).to.deep.equal([0, 1]);
    expect(connections.map(({ id }) => id)).to.deep.equal([1, 2]);
    await clock.advance(1);
    expect(connections[0]?.isOpen).to.equal(false);
    expect(events).to.deep.equal([`connected ${address}`, `connected ${address}`]);
  });

  it('fails the request when the next server says so too, and closes', async () => {
    const { client, received, clock } = await createWorld((connection, request) =>
      connection.send(answerTo(request, { code: 1_500 })),
    );
    expect(await failure(client.invoke(address, echo, { text: '' }, nothing))).to.include({
      responseCode: 1_500,
    });
    expect(received.length).to.equal(2);
    await clock.advance(1);
    expect(client.stats().connections).to.equal(0);
  });

  it('lets the other requests of the old connection be answered there', async () => {
    const { client, clock, received, connections } = await createWorld((connection, request) => {
      if (request.extFields?.['text'] === 'slow') return;
      connection.send(answerTo(request, connection.id === 1 ? { code: 1_500 } : {}));
    });
    const slow = client.invoke(address, echo, { text: 'slow' }, nothing);
    await client.invoke(address, echo, { text: 'quick' }, nothing);
    const asked = received[0];
    expect(client.stats()).to.include({ connections: 2, pending: 1 });
    if (asked !== undefined) connections[0]?.send(answerTo(asked));
    expect((await slow).header.text).to.equal('slow');
    await clock.advance(1);
    expect(client.stats().connections).to.equal(1);
    await client.close();
    expect(clock.pendingTimers).to.equal(0);
  });
});
