import { expect } from 'chai';
import { describe, it } from 'mocha';

import { ConnectError, NameServerError, RouteNotFoundError } from '../../../../lib/errors.ts';
import { MemoryNetwork } from '../../../../lib/remoting/memory-transport.ts';
import { RemotingClient } from '../../../../lib/remoting/remoting-client.ts';
import { NameServers } from '../../../../lib/routing/name-servers.ts';
import { RouteTable } from '../../../../lib/routing/route-table.ts';
import type { RouteChange, RouteTableOptions } from '../../../../lib/routing/route-table.ts';
import { explainUnreachable } from '../../../../lib/routing/unreachable.ts';
import { seededRandom } from '../../../../lib/runtime/random.ts';
import { Commands } from '../../../../protocol/commands/index.ts';
import type { TopicRouteData } from '../../../../protocol/model/topic-route-data.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { routeOf, ScriptedServer, serveRoutes } from './scripted-server.ts';

async function createWorld(options: Partial<RouteTableOptions> = {}) {
  const clock = new FakeClock();
  const network = new MemoryNetwork({ clock });
  const remoting = new RemotingClient({ clock, transport: network, random: seededRandom(1) });
  const data = new Map<string, TopicRouteData>([['T', routeOf({})]]);
  const server = await new ScriptedServer('ns:9876', network, clock).open();
  serveRoutes(server, data);
  const nameServers = new NameServers({ nameServers: 'ns:9876', remoting, clock, random: seededRandom(1) });
  const routes = new RouteTable({ nameServers, clock, ...options });
  const changes: RouteChange[] = [];
  routes.on('change', (change) => changes.push(change));
  const kinds = () =>
    changes.splice(0).flatMap(({ topic, differences }) => differences.map(({ kind }) => `${topic} ${kind}`));
  return { clock, network, data, server, routes, changes, kinds };
}

const rejection = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('route table', () => {
  it('asks on demand, in strict JSON, and then knows', async () => {
    const { routes, server } = await createWorld();
    expect(routes.get('T')).to.equal(undefined);
    const route = await routes.fetch('T');
    expect(routes.get('T')).to.equal(route);
    expect(route.source).to.equal('ns:9876');
    expect(server.received[0]?.extFields).to.include({ topic: 'T', acceptStandardJsonOnly: 'true' });
    expect(routes.knownTopics()).to.deep.equal(['T']);
  });

  it('asks once for all who ask at the same time', async () => {
    const { routes, server } = await createWorld();
    const [a, b] = await Promise.all([routes.fetch('T'), routes.fetch('T')]);
    expect(a).to.equal(b);
    expect(server.received).to.have.length(1);
    await routes.fetch('T');
    expect(server.received).to.have.length(2);
  });

  it('lets one caller give up without the others', async () => {
    const { routes, server, clock } = await createWorld();
    server.reactions.set(105, () => undefined);
    const stop = new AbortController();
    const [first, second] = [
      rejection(routes.fetch('T', { signal: stop.signal })),
      rejection(routes.fetch('T', { timeout: 500 })),
    ];
    const third = rejection(routes.fetch('T'));
    stop.abort(new Error('enough'));
    expect(await first).to.have.property('message', 'enough');
    await clock.advance(500);
    expect(await second)
      .to.be.instanceOf(NameServerError)
      .with.property('message')
      .that.contains('topic T')
      .and.contains('450 ms');
    await clock.advance(2_500);
    expect(await third).to.be.instanceOf(NameServerError);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('tells what changed, and nothing when nothing did', async () => {
    const { routes, data, kinds } = await createWorld();
    routes.retain('T');
    await routes.fetch('T');
    expect(kinds()).to.deep.equal(['T brokerUp']);
    await routes.refreshAll();
    expect(kinds()).to.deep.equal([]);
    data.set(
      'T',
      routeOf({ read: 8, write: 8, perm: 4 }, { name: 'broker-b', addresses: { 0: '10.0.0.2:10911' } }),
    );
    await routes.refreshAll();
    expect(kinds()).to.deep.equal(['T queueCount', 'T permission', 'T brokerUp']);
    data.set('T', routeOf({ read: 8, write: 8, perm: 4, addresses: { 0: '10.0.0.9:10911' } }));
    await routes.refreshAll();
    expect(kinds()).to.deep.equal(['T address', 'T brokerDown']);
  });

  it('keeps what it knows when a poll fails or the topic is gone', async () => {
    const { routes, data, server, kinds, clock } = await createWorld();
    routes.retain('T');
    const route = await routes.fetch('T');
    kinds();
    data.clear();
    await routes.refreshAll();
    server.reactions.set(105, () => ({ code: 1 }));
    await routes.refreshAll();
    await server.close();
    await routes.refreshAll();
    expect(routes.get('T')).to.equal(route);
    expect(routes.brokerAddress('broker-a')).to.equal('10.0.0.1:10911');
    expect(kinds()).to.deep.equal([]);
    expect(clock.pendingTimers).to.equal(0);
  });

  it('keeps what it knows when the new route is beyond all limits', async () => {
    const { routes, data } = await createWorld();
    routes.retain('T');
    const route = await routes.fetch('T');
    data.set('T', routeOf({ read: 1_000_000 }));
    await routes.refreshAll();
    expect(routes.get('T')).to.equal(route);
  });

  it('polls retained topics and those of its owner, and forgets the others with their brokers', async () => {
    const { routes, data, kinds, server } = await createWorld({ topics: () => ['U'] });
    data.set('U', routeOf({ name: 'broker-u', addresses: { 0: '10.0.0.5:10911' } }));
    routes.retain('T');
    routes.retain('T');
    await routes.refreshAll();
    expect(kinds()).to.have.members(['T brokerUp', 'U brokerUp']);
    routes.release('T');
    await routes.refreshAll();
    expect(routes.brokerAddresses().map(({ address }) => address)).to.have.members([
      '10.0.0.1:10911',
      '10.0.0.5:10911',
    ]);
    routes.release('T');
    server.received.length = 0;
    await routes.refreshAll();
    expect(kinds()).to.deep.equal(['T brokerDown']);
    expect(routes.get('T')).to.equal(undefined);
    expect(routes.brokerAddresses()).to.deep.equal([
      { brokerName: 'broker-u', brokerId: 0, address: '10.0.0.5:10911' },
    ]);
    expect(server.received.map(({ extFields }) => extFields?.['topic'])).to.deep.equal(['U']);
  });

  it('says that a topic does not exist', async () => {
    const { routes } = await createWorld();
    const error = await rejection(routes.fetch('none'));
    expect(error).to.be.instanceOf(RouteNotFoundError).with.property('topic', 'none');
  });

  it('answers for a topic that does not exist yet what it will be, without taking it for real', async () => {
    const { routes, data, kinds, server } = await createWorld({ topics: () => ['new'] });
    data.set(
      'TBW102',
      routeOf(
        { read: 8, write: 8 },
        { name: 'broker-b', addresses: { 0: '10.0.0.2:10911' }, read: 2, write: 2 },
      ),
    );
    const route = await routes.fetch('new', { useDefaultTopic: true });
    expect(route.topic).to.equal('new');
    expect(route.writableQueues()).to.have.length(6);
    expect(route.writableQueues()[0]).to.deep.equal({ topic: 'new', brokerName: 'broker-a', queueId: 0 });
    expect(routes.get('new')).to.equal(undefined);
    expect(kinds()).to.deep.equal([]);
    expect(routes.brokerAddress('broker-b')).to.equal('10.0.0.2:10911');
    expect(server.received.map(({ extFields }) => extFields?.['topic'])).to.deep.equal(['new', 'TBW102']);
    data.set('new', routeOf({}));
    await routes.refreshAll();
    expect(routes.get('new')?.writableQueues()).to.have.length(4);
    expect(routes.brokerAddress('broker-b')).to.equal(undefined);
  });

  it('takes another default topic and queue count', async () => {
    const { routes, data } = await createWorld();
    data.set('MY_KEY', routeOf({ read: 8, write: 8 }));
    const route = await routes.fetch('new', { useDefaultTopic: { name: 'MY_KEY', queueNums: 6 } });
    expect(route.writableQueues()).to.have.length(6);
    expect(await rejection(routes.fetch('new', { useDefaultTopic: true }))).to.be.instanceOf(
      RouteNotFoundError,
    );
  });

  it('prefers the known route to the default one', async () => {
    const { routes, data } = await createWorld();
    const known = await routes.fetch('T');
    data.clear();
    expect(await routes.fetch('T', { useDefaultTopic: true })).to.equal(known);
  });

  it('chooses master or slave as Java does', async () => {
    const { routes, data } = await createWorld();
    data.set(
      'T',
      routeOf({ addresses: { 0: 'm:1', 1: 's1:1', 3: 's3:1' } }, { name: 's', addresses: { 2: 's2:1' } }),
    );
    await routes.fetch('T');
    expect(routes.brokerAddress('broker-a')).to.equal('m:1');
    expect(routes.brokerAddress('broker-a', { brokerId: 1 })).to.equal('s1:1');
    expect(routes.findBroker('broker-a', { brokerId: 2 })).to.deep.equal({
      brokerName: 'broker-a',
      brokerId: 3,
      address: 's3:1',
    });
    expect(routes.brokerAddress('broker-a', { brokerId: 7 })).to.equal('m:1');
    expect(routes.brokerAddress('broker-a', { brokerId: 7, onlyThis: true })).to.equal(undefined);
    expect(routes.brokerAddress('s')).to.equal('s2:1');
    expect(routes.brokerAddress('s', { onlyThis: true })).to.equal(undefined);
    expect(routes.brokerAddress('unknown')).to.equal(undefined);
  });

  it('says of an unreachable address where it came from and what to do', async () => {
    const { routes } = await createWorld();
    await routes.fetch('T');
    const refused = new ConnectError('10.0.0.1:10911', { problem: 'connection refused' });
    const error = explainUnreachable(refused, (address) => routes.originOf(address));
    for (const part of [
      '10.0.0.1:10911',
      'connection refused',
      'topic T',
      'name server ns:9876',
      'broker-a',
      'addressMap',
      'brokerIP1',
    ]) {
      expect(error.message).to.contain(part);
    }
    expect(error).to.be.instanceOf(ConnectError).with.property('cause', refused);
    const unknown = new ConnectError('1.1.1.1:1');
    expect(explainUnreachable(unknown, (address) => routes.originOf(address))).to.equal(unknown);
  });

  it('polls many topics a few at a time', async () => {
    const topics = Array.from({ length: 100 }, (_, index) => `T${index}`);
    const { routes, server, data } = await createWorld({ topics: () => topics });
    for (const topic of topics) data.set(topic, routeOf({}));
    await routes.refreshAll();
    expect(routes.knownTopics()).to.have.length(100);
    expect(server.of(Commands.getRouteInfoByTopic)).to.have.length(100);
  });
});
