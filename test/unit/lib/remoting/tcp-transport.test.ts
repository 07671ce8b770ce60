import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

import { expect } from 'chai';
import fc from 'fast-check';
import { afterEach, describe, it } from 'mocha';

import { ConnectError, RequestTimeoutError } from '../../../../lib/errors.ts';
import { RemotingClient } from '../../../../lib/remoting/remoting-client.ts';
import type { RemotingClientOptions } from '../../../../lib/remoting/remoting-client.ts';
import { RemotingServer } from '../../../../lib/remoting/remoting-server.ts';
import { TcpTransport } from '../../../../lib/remoting/tcp-transport.ts';
import type { TcpTransportOptions } from '../../../../lib/remoting/tcp-transport.ts';
import { systemClock } from '../../../../lib/runtime/clock.ts';
import { Disposables } from '../../../support/disposables.ts';
import { systemRandom } from '../../../../lib/runtime/random.ts';
import { settle } from '../../../support/fake-clock.ts';
import { echo, failure, nothing, notice, respondEcho } from './fixture.ts';

const pem = (name: string): string =>
  readFileSync(new URL(`../../../support/tls/${name}.pem`, import.meta.url), 'utf8');
const cert = pem('cert');
const serverTls = { cert, key: pem('key') };

describe('TcpTransport', () => {
  let ends = new Disposables();
  afterEach(async () => {
    await ends[Symbol.asyncDispose]();
    ends = new Disposables();
  });

  const createClient = (options: Partial<RemotingClientOptions> = {}): RemotingClient =>
    ends.use(
      new RemotingClient({
        transport: new TcpTransport(),
        clock: systemClock,
        random: systemRandom,
        ...options,
      }),
    );

  const startServer = async (
    options: TcpTransportOptions = {},
  ): Promise<{ server: RemotingServer; address: string }> => {
    const server = new RemotingServer({
      transport: new TcpTransport(options),
      clock: systemClock,
      onRequest: respondEcho,
    });
    ends.defer(async () => server.close());
    return { server, address: await server.listen('127.0.0.1', 0) };
  };

  /** A server of plain bytes. */
  const startRaw = async (onSocket: (socket: Socket) => void): Promise<string> => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      onSocket(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.defer(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it('carries requests, answers and requests of the server', async () => {
    const { server, address } = await startServer();
    const client = createClient();
    client.handle(notice, ({ header }) => ({ header: { heard: header.group } }));
    const { header, body } = await client.invoke(address, echo, { text: 'héllo' }, Buffer.from('body'));
    expect(header.text).to.equal('héllo');
    expect(body.toString()).to.equal('body');
    const answer = await server.connections[0]?.invoke(notice, { group: 'G' }, undefined, 1_000);
    expect({ ...answer?.extFields }).to.deep.equal({ heard: 'G' });
  });

  it('carries more than the sockets hold, in both directions', async () => {
    const { address } = await startServer();
    const client = createClient();
    const sizes = [0, 1, 49_152, 4_000_000, 3, 8_000_000, 100];
    const answers = await Promise.all(
      sizes.map(async (size, index) =>
        client.invoke(address, echo, { text: '' }, Buffer.alloc(size, index), { timeout: 9_000 }),
      ),
    );
    expect(answers.map(({ body }) => body.length)).to.deep.equal(sizes);
    expect(answers.every(({ body }, index) => body.every((byte) => byte === index))).to.equal(true);
  });

  for (const tls of [false, true])
    it(`never writes over frames that still wait for the sockets${tls ? ', with TLS' : ''}`, async () => {
      const { address } = await startServer(tls ? { serverTls } : {});
      const client = createClient(tls ? { tls: { ca: cert } } : {});
      const sizes = fc.sample(fc.oneof(fc.nat(2_000), fc.nat(300_000)), { numRuns: 150, seed: 4 });
      const answers: Promise<{ readonly body: Buffer }>[] = [];
      for (const [index, size] of sizes.entries()) {
        const options = { timeout: 9_000 };
        answers.push(client.invoke(address, echo, { text: '' }, Buffer.alloc(size, index), options));
        // Frames of the next turn find those of the last ones on their way.
        if (index % 3 === 0) await setImmediate();
      }
      const bodies = (await Promise.all(answers)).map(({ body }) => body);
      expect(bodies.map(({ length }) => length)).to.deep.equal(sizes);
      expect(bodies.every((body, index) => body.every((byte) => byte === index))).to.equal(true);
    });

  it('refuses within a moment where nothing listens', async () => {
    const { server, address } = await startServer();
    await server.close();
    const error = await failure(createClient().invoke(address, echo, { text: '' }, nothing));
    expect(error).to.be.instanceOf(ConnectError);
    expect(error).to.include({ problem: 'connection refused, nothing listens there', address });
    expect(error.cause).to.have.property('code', 'ECONNREFUSED');
  });

  it('says that a host name is not known', async () => {
    const error = await failure(createClient().invoke('nowhere.invalid:9876', echo, { text: '' }, nothing));
    expect(error).to.be.instanceOf(ConnectError);
    expect((error as ConnectError).problem).to.match(/host name/);
  });

  it('lets a server that never answers cost no more than the timeout', async () => {
    const address = await startRaw(() => {});
    const begin = systemClock.uptime();
    const error = await failure(
      createClient().invoke(address, echo, { text: '' }, nothing, { timeout: 150 }),
    );
    expect(error).to.be.instanceOf(RequestTimeoutError);
    expect(systemClock.uptime() - begin).to.be.within(145, 2_000);
  });

  it('fails what waits when the server resets the connection', async () => {
    const address = await startRaw((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const error = await failure(createClient().invoke(address, echo, { text: '' }, nothing));
    expect(error).to.include({ code: 'ERR_RMQ_CONNECTION_CLOSED', wasSent: true });
    expect(error.cause).to.have.property('code', 'ECONNRESET');
  });

  it('gives up connecting when told to', async () => {
    const address = await startRaw(() => {});
    const controller = new AbortController();
    const handler = { onData: () => {}, onDrain: () => {}, onClose: () => {} };
    const connecting = new TcpTransport().connect(address, handler, {
      timeout: 5_000,
      signal: controller.signal,
      tls: {},
    });
    controller.abort(new Error('Enough'));
    expect((await failure(connecting)).message).to.equal('Enough');
  });

  it('leaves no handle behind', async () => {
    const count = (): number =>
      process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)).length;
    // Mocha's own timer starts once the test has given up its first turn.
    await settle();
    const before = count();
    const { server, address } = await startServer();
    const client = createClient();
    client.keep(address);
    await client.invoke(address, echo, { text: '' }, nothing);
    await client.close();
    await server.close();
    await settle();
    expect(count()).to.be.at.most(before);
  });

  describe('with TLS', () => {
    it('trusts a certificate that is given', async () => {
      const { address } = await startServer({ serverTls });
      const answer = await createClient({ tls: { ca: cert } }).invoke(
        address,
        echo,
        { text: 'secret' },
        nothing,
      );
      expect(answer.header.text).to.equal('secret');
    });

    it('checks the name, or the one given in its place', async () => {
      const { address } = await startServer({ serverTls });
      const wrong = await failure(
        createClient({ tls: { ca: cert, servername: 'other' } }).invoke(address, echo, { text: '' }, nothing),
      );
      expect(wrong).to.have.property('problem', 'its certificate is for another name');
      await createClient({ tls: { ca: cert, servername: 'rocketmq-test' } }).invoke(
        address,
        echo,
        { text: '' },
        nothing,
      );
    });

    it('refuses a certificate that nobody vouches for, unless verification is switched off', async () => {
      const { address } = await startServer({ serverTls });
      const error = await failure(createClient({ tls: {} }).invoke(address, echo, { text: '' }, nothing));
      expect(error).to.be.instanceOf(ConnectError);
      expect(error.message).to.contain('self-signed').and.to.contain('tls.ca');
      await createClient({ tls: { insecureSkipVerify: true } }).invoke(address, echo, { text: '' }, nothing);
    });

    it('fails against a server that does not speak it', async () => {
      const address = await startRaw((socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
      );
      const error = await failure(
        createClient({ tls: { ca: cert } }).invoke(address, echo, { text: '' }, nothing),
      );
      expect(error).to.have.property('problem', 'the other end does not speak TLS');
    });

    it('bounds the handshake by the time for connecting', async () => {
      const address = await startRaw(() => {});
      const client = createClient({ tls: { ca: cert }, connectTimeout: 100 });
      const error = await failure(client.invoke(address, echo, { text: '' }, nothing, { timeout: 5_000 }));
      expect(error).to.have.property('problem', 'no answer within 100 ms');
    });
  });
});
