import { expect } from 'chai';
import { describe, it } from 'mocha';

import { parseAddress } from '../../../../lib/routing/broker-address.ts';
import { deriveRoute } from '../../../../lib/routing/default-route.ts';
import { compareRoutes } from '../../../../lib/routing/route-difference.ts';
import { TopicRoute } from '../../../../lib/routing/topic-route.ts';
import { ProtocolError } from '../../../../protocol/errors.ts';
import { queueKey } from '../../../../protocol/model/message-queue.ts';
import type { TopicRouteData } from '../../../../protocol/model/topic-route-data.ts';
import { routeOf } from './scripted-server.ts';

const read = (data: TopicRouteData): TopicRoute => new TopicRoute('T', data, '10.0.0.9:9876');

describe('topic route', () => {
  it('lists readable and writable queues in the order of all members', () => {
    const route = read(
      routeOf(
        { name: 'b', addresses: { 0: '10.0.0.2:10911' }, read: 2, write: 1 },
        { name: 'a', read: 12, write: 0 },
      ),
    );
    expect(route.readableQueues().map(queueKey)).to.deep.equal([
      ...Array.from({ length: 12 }, (_, id) => `T@a@${id}`),
      'T@b@0',
      'T@b@1',
    ]);
    expect(route.writableQueues().map(queueKey)).to.deep.equal(['T@b@0']);
    expect(route.brokerNames()).to.deep.equal(['a', 'b']);
  });

  it('leaves out queues without permission, and writable ones without a master', () => {
    const route = read(
      routeOf(
        { name: 'r', perm: 4 },
        { name: 'w', perm: 2 },
        { name: 's', addresses: { 1: '10.0.0.3:10911' } },
      ),
    );
    expect(route.readableQueues().map((queue) => queue.brokerName)).to.have.members('rrrrssss'.split(''));
    expect(new Set(route.writableQueues().map((queue) => queue.brokerName))).to.deep.equal(new Set(['w']));
  });

  it('takes the queues of an order topic from its configuration', () => {
    const route = read({ ...routeOf({ name: 'a' }, { name: 'b' }), orderTopicConf: 'b:2;a:1' });
    expect(route.writableQueues().map(queueKey)).to.deep.equal(['T@b@0', 'T@b@1', 'T@a@0']);
  });

  for (const address of [
    'http://10.0.0.1:10911',
    '10.0.0.1',
    '10.0.0.1:0',
    '10.0.0.1:65536',
    'a b:1',
    'a:1/x',
    'u@h:1',
    `${'x'.repeat(255)}:1`,
  ]) {
    it(`refuses the address ${address.slice(0, 30)} of a route and says so`, () => {
      const route = read(routeOf({ addresses: { 0: address, 1: '10.0.0.2:10911' } }));
      expect(parseAddress(address)).to.equal(undefined);
      expect([...route.addressesOf('broker-a')]).to.deep.equal([[1, '10.0.0.2:10911']]);
      expect(route.problems[0]).to.contain('broker-a').and.to.contain('host:port');
    });
  }

  it('accepts names and IPv6 hosts', () => {
    expect(parseAddress('my_broker-1.example:10911')).to.deep.equal({
      host: 'my_broker-1.example',
      port: 10911,
    });
    expect(parseAddress('[::1]:10911')).to.deep.equal({ host: '::1', port: 10911 });
  });

  it('refuses more queues or brokers than any cluster has', () => {
    expect(() => read(routeOf({ read: 65_537 }))).to.throw(ProtocolError, 'more than is sane');
    const many = Array.from({ length: 4_097 }, (_, index) => ({ name: `b${index}`, read: 1, write: 1 }));
    expect(() => read(routeOf(...many))).to.throw(ProtocolError, '4097 brokers');
  });

  it('gives a topic that does not exist yet at most as many queues as it will get', () => {
    const [data] = deriveRoute(routeOf({ read: 8, write: 8 }), 4).queueDatas;
    expect(data).to.include({ readQueueNums: 4, writeQueueNums: 4 });
    expect(deriveRoute(routeOf({ read: 2, write: 8 }), 4).queueDatas[0]).to.include({
      readQueueNums: 2,
      writeQueueNums: 2,
    });
  });
});

describe('route differences', () => {
  const kinds = (before: TopicRouteData | undefined, after: TopicRouteData | undefined): readonly string[] =>
    compareRoutes(before && read(before), after && read(after)).map(
      ({ kind, brokerName }) => `${kind} ${brokerName}`,
    );

  it('finds nothing between equal routes, whatever their order', () => {
    const [a, b] = [{ name: 'a' }, { name: 'b' }];
    expect(kinds(routeOf(a, b), routeOf(b, a))).to.deep.equal([]);
  });

  it('names queue counts, permissions and addresses', () => {
    expect(kinds(routeOf({ read: 4 }), routeOf({ read: 8 }))).to.deep.equal(['queueCount broker-a']);
    expect(kinds(routeOf({ write: 4 }), routeOf({ write: 8 }))).to.deep.equal(['queueCount broker-a']);
    expect(compareRoutes(read(routeOf({ perm: 6 })), read(routeOf({ perm: 4 })))).to.deep.equal([
      { kind: 'permission', brokerName: 'broker-a', permission: { before: 'rw-', after: 'r--' } },
    ]);
    expect(
      compareRoutes(
        read(routeOf({})),
        read(routeOf({ addresses: { 0: '10.0.0.1:10911', 1: '10.0.0.2:10911' } })),
      ),
    ).to.deep.equal([
      {
        kind: 'address',
        brokerName: 'broker-a',
        brokerId: 1,
        address: { before: undefined, after: '10.0.0.2:10911' },
      },
    ]);
  });

  it('names brokers that came and went', () => {
    expect(kinds(undefined, routeOf({}))).to.deep.equal(['brokerUp broker-a']);
    expect(kinds(routeOf({}, { name: 'b' }), routeOf({ name: 'c' }, { name: 'b' }))).to.deep.equal([
      'brokerDown broker-a',
      'brokerUp c',
    ]);
    expect(kinds(routeOf({}), undefined)).to.deep.equal(['brokerDown broker-a']);
  });
});
