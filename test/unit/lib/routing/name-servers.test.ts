import { expect } from 'chai';
import { describe, it } from 'mocha';

import { InvalidOptionError, NameServerError, ResponseError } from '../../../../lib/errors.ts';
import { MemoryNetwork } from '../../../../lib/remoting/memory-transport.ts';
import { RemotingClient } from '../../../../lib/remoting/remoting-client.ts';
import { readNameServerSource } from '../../../../lib/routing/name-server-source.ts';
import { NameServers } from '../../../../lib/routing/name-servers.ts';
import type { NameServersOptions } from '../../../../lib/routing/name-servers.ts';
import { seededRandom } from '../../../../lib/runtime/random.ts';
import { Commands } from '../../../../protocol/commands/index.ts';
import type { TopicRouteData } from '../../../../protocol/model/topic-route-data.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { finish } from './finish.ts';
import { routeOf, ScriptedServer, serveRoutes } from './scripted-server.ts';

const row = Commands.getRouteInfoByTopic;

async function createWorld(
  options: Partial<NameServersOptions> = {},
  addresses = ['ns1:9876', 'ns2:9876', 'ns3:9876'],
) {
  const clock = new FakeClock();
  const network = new MemoryNetwork({ clock });
  const remoting = new RemotingClient({ clock, transport: network, random: seededRandom(1) });
  const routes = new Map<string, TopicRouteData>([['T', routeOf({})]]);
  const servers = await Promise.all(
    addresses.map(async (address) => {
      const server = await new ScriptedServer(address, network, clock).open();
      serveRoutes(server, routes);
      return server;
    }),
  );
  const nameServers = new NameServers({
    nameServers: addresses,
    remoting,
    clock,
    random: { next: () => 0 },
    ...options,
  });
  const ask = async (timeout?: number) => nameServers.ask(row, { topic: 'T' }, undefined, { timeout });
  const counts = () => servers.map(({ received }) => received.length);
  return { clock, network, remoting, nameServers, servers, ask, counts };
}

async function rejection(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('name servers', () => {
  it('stay with one server while it works', async () => {
    const { ask, counts } = await createWorld();
    for (let turn = 0; turn < 3; turn++) expect((await ask()).address).to.equal('ns1:9876');
    expect(counts()).to.deep.equal([3, 0, 0]);
  });

  it('start with a random server', async () => {
    const { ask } = await createWorld({ random: { next: () => 0.99 } });
    expect((await ask()).address).to.equal('ns3:9876');
  });

  it('move on when a server refuses connections, and stay with the next', async () => {
    const { ask, counts, servers } = await createWorld();
    await servers[0]?.close();
    expect((await ask()).address).to.equal('ns2:9876');
    await ask();
    expect(counts()).to.deep.equal([0, 2, 0]);
  });

  it('give a silent server only its share of the deadline', async () => {
    const { ask, clock, network } = await createWorld();
    network.partition('ns1:9876');
    const answer = finish(clock, ask(3_000));
    expect((await answer).address).to.equal('ns2:9876');
    expect(clock.uptime()).to.be.within(1_000, 1_200);
  });

  it('ask a server again whose kept connection had died', async () => {
    const { ask, network, servers } = await createWorld({}, ['ns1:9876']);
    await ask();
    servers[0]?.reactions.set(row.code, (command, connection) => {
      connection.close(new Error('restart'));
      servers[0]?.reactions.set(row.code, () => ({ code: 0, body: row.responseBody.encode(routeOf({})) }));
      return command.code < 0 ? { code: 0 } : undefined;
    });
    expect((await ask()).answer.body.brokerDatas).to.have.length(1);
    expect(network.connections).to.equal(1);
  });

  it('list every attempt when all fail', async () => {
    const { ask, servers } = await createWorld();
    await Promise.all(servers.map(async (server) => server.close()));
    const error = await rejection(ask());
    expect(error).to.be.instanceOf(NameServerError);
    expect((error as NameServerError).attempts.map(({ address }) => address)).to.deep.equal([
      'ns1:9876',
      'ns2:9876',
      'ns3:9876',
    ]);
    expect((error as NameServerError).message)
      .to.contain('ns2:9876')
      .and.to.contain('connection refused');
  });

  it('take a refusal as the answer, but ask another where one is not ready', async () => {
    const { nameServers, servers, ask, counts } = await createWorld();
    const error = await rejection(nameServers.invoke(row, { topic: 'none' }, undefined));
    expect(error).to.be.instanceOf(ResponseError).with.property('responseName', 'TOPIC_NOT_EXIST');
    expect(counts()).to.deep.equal([1, 0, 0]);
    servers[0]?.reactions.set(row.code, () => ({ code: 1, remark: 'name server not ready' }));
    expect((await ask()).address).to.equal('ns2:9876');
  });

  it('stop when the caller gives up', async () => {
    const { nameServers, servers } = await createWorld();
    servers[0]?.reactions.set(row.code, () => undefined);
    const stop = new AbortController();
    const work = rejection(nameServers.ask(row, { topic: 'T' }, undefined, { signal: stop.signal }));
    stop.abort(new Error('enough'));
    expect(await work).to.have.property('message', 'enough');
    expect(servers[1]?.received).to.have.length(0);
  });

  it('take all addresses of a name, and look again', async () => {
    let hosts = ['10.1.0.2', '10.1.0.1'];
    const resolve = async (host: string) => (host === 'ns' ? hosts : ['10.9.9.9']);
    const { nameServers } = await createWorld({ nameServers: 'ns:9876,single:9876,10.0.0.7:9876', resolve });
    expect(nameServers.isDynamic).to.equal(true);
    await nameServers.start();
    expect(nameServers.addresses()).to.deep.equal([
      '10.1.0.1:9876',
      '10.1.0.2:9876',
      'single:9876',
      '10.0.0.7:9876',
    ]);
    hosts = ['10.1.0.1', 'fd00::1'];
    await nameServers.refresh();
    expect(nameServers.addresses().slice(0, 2)).to.deep.equal(['10.1.0.1:9876', '[fd00::1]:9876']);
  });

  it('keep a name that cannot be looked up, so that the connection error names it', async () => {
    const resolve = async () => Promise.reject(new Error('ENOTFOUND'));
    const { nameServers } = await createWorld({ nameServers: 'ns:9876', resolve });
    await nameServers.start();
    expect(nameServers.addresses()).to.deep.equal(['ns:9876']);
  });

  it('are found behind a URL, and kept when it fails later', async () => {
    const asked: string[] = [];
    let text = ' ns2:9876;ns3:9876 \nsomething else';
    const fetchText = async (url: string) => {
      asked.push(url);
      if (text === '') throw new Error('503');
      return text;
    };
    const world = await createWorld({
      nameServers: 'http://discovery/rocketmq/nsaddr',
      unitName: 'u1',
      fetchText,
    });
    await world.nameServers.start();
    expect(asked).to.deep.equal(['http://discovery/rocketmq/nsaddr-u1?nofix=1']);
    expect((await world.ask()).address).to.equal('ns2:9876');
    text = '';
    await world.nameServers.refresh();
    expect(world.nameServers.addresses()).to.deep.equal(['ns2:9876', 'ns3:9876']);
    text = 'ns3:9876';
    await world.nameServers.refresh();
    expect((await world.ask()).address).to.equal('ns3:9876');
  });

  it('cannot start without discovery, within its 3 s', async () => {
    const fetchText = async (_url: string, signal: AbortSignal) =>
      new Promise<string>((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    const { nameServers, clock } = await createWorld({ nameServers: 'https://discovery/x', fetchText });
    const error = await finish(clock, rejection(nameServers.start()));
    expect(error).to.be.instanceOf(NameServerError);
    expect((error as Error).message)
      .to.contain('https://discovery/x')
      .and.to.contain('3000 ms');
    expect(clock.pendingTimers).to.equal(0);
  });

  it('refuse a discovery answer without addresses', async () => {
    const { nameServers } = await createWorld({
      nameServers: 'http://discovery',
      fetchText: async () => '<html>',
    });
    expect(((await rejection(nameServers.start())) as Error).message).to.contain('<html>');
  });
});

describe('the option nameServers', () => {
  it('takes several addresses in one text, an array, the environment, the default', () => {
    const addresses = (given?: string | string[], fallback?: string) => {
      const source = readNameServerSource(given, { fallback });
      return source.kind === 'list' ? source.addresses : [];
    };
    expect(addresses('a:1;b:2,c:3; a:1')).to.deep.equal(['a:1', 'b:2', 'c:3']);
    expect(addresses(['a:1', 'b:2;c:3'])).to.deep.equal(['a:1', 'b:2', 'c:3']);
    expect(addresses(undefined, 'e:1;f:2')).to.deep.equal(['e:1', 'f:2']);
    expect(addresses(undefined, '')).to.deep.equal(['127.0.0.1:9876']);
    expect(addresses('http://MQ_INST_1_2.mq.example:80')).to.deep.equal(['MQ_INST_1_2.mq.example:80']);
  });

  it('names the address that is wrong and where it came from', () => {
    expect(() => readNameServerSource('a:1;b')).to.throw(InvalidOptionError, /nameServers.*"b".*host:port/);
    expect(() => readNameServerSource(undefined, { fallback: 'x' })).to.throw(
      InvalidOptionError,
      /NAMESRV_ADDR.*"x"/,
    );
    expect(() => readNameServerSource('http://a;b:1')).to.throw(InvalidOptionError, 'not both');
    expect(() => readNameServerSource(';')).to.throw(InvalidOptionError, 'names no address');
  });

  it('reads NAMESRV_ADDR of the process', async () => {
    const before = process.env['NAMESRV_ADDR'];
    process.env['NAMESRV_ADDR'] = 'from-env:9876';
    try {
      const { nameServers } = await createWorld({ nameServers: undefined });
      expect(nameServers.addresses()).to.deep.equal(['from-env:9876']);
    } finally {
      if (before === undefined) delete process.env['NAMESRV_ADDR'];
      else process.env['NAMESRV_ADDR'] = before;
    }
  });
});
