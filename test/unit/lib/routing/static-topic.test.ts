import { expect } from 'chai';
import { describe, it } from 'mocha';

import { compareRoutes } from '../../../../lib/routing/route-difference.ts';
import { isLogical, logicalQueues } from '../../../../lib/routing/static-topic.ts';
import { TopicRoute } from '../../../../lib/routing/topic-route.ts';
import type { TopicQueueMappingInfo } from '../../../../protocol/model/queue-mapping.ts';
import type { TopicRouteData } from '../../../../protocol/model/topic-route-data.ts';

const MOCK = '__syslo__global__';

/** What a broker says that it has: logical queue ids, in an epoch. */
function mapping(
  bname: string,
  ids: readonly number[],
  change: Partial<TopicQueueMappingInfo> = {},
): readonly [string, TopicQueueMappingInfo] {
  const currIdMap = new Map(ids.map((id, index) => [id, index]));
  return [
    bname,
    { topic: 'T', scope: '__global__', totalQueues: 4, bname, epoch: 1, dirty: false, currIdMap, ...change },
  ];
}

function route(...mappings: readonly (readonly [string, TopicQueueMappingInfo])[]): TopicRoute {
  const names = ['broker-a', 'broker-b'];
  const data: TopicRouteData = {
    brokerDatas: names.map((brokerName, index) => ({
      cluster: 'C',
      brokerName,
      brokerAddrs: new Map([[0, `10.0.0.${index + 1}:10911`]]),
      enableActingMaster: false,
    })),
    queueDatas: names.map((brokerName) => ({
      brokerName,
      readQueueNums: 2,
      writeQueueNums: 2,
      perm: 6,
      topicSysFlag: 0,
    })),
    topicQueueMappingByBroker: new Map(mappings),
  };
  return new TopicRoute('T', data, '10.0.0.9:9876');
}

const ownersOf = (...mappings: readonly (readonly [string, TopicQueueMappingInfo])[]): string[] =>
  logicalQueues('T', new Map(mappings), 100).map(
    ({ queue, brokerName }) => `${queue.brokerName}:${queue.queueId} on ${brokerName}`,
  );

describe('logicalQueues', () => {
  it('counts through all queues of the topic, whichever broker has them', () => {
    expect(ownersOf(mapping('broker-a', [0, 2]), mapping('broker-b', [1, 3]))).to.deep.equal([
      `${MOCK}:0 on broker-a`,
      `${MOCK}:1 on broker-b`,
      `${MOCK}:2 on broker-a`,
      `${MOCK}:3 on broker-b`,
    ]);
  });

  it('believes the newest epoch of those that claim one queue, and gives an unclaimed one to nobody', () => {
    const old = mapping('broker-a', [0, 1, 2], { totalQueues: 3 });
    for (const order of [
      [old, mapping('broker-b', [1], { epoch: 2 })],
      [mapping('broker-b', [1], { epoch: 2 }), old],
    ])
      expect(ownersOf(...order)).to.deep.equal([
        `${MOCK}:0 on broker-a`,
        `${MOCK}:1 on broker-b`,
        `${MOCK}:2 on broker-a`,
        `${MOCK}:3 on __syslo__none__`,
      ]);
  });

  it('names other scopes by themselves, and keeps to the limit', () => {
    expect(ownersOf(mapping('broker-a', [0], { scope: 'north', totalQueues: 1 }))).to.deep.equal([
      '__syslo__north:0 on broker-a',
    ]);
    expect(ownersOf(mapping('broker-a', [0], { totalQueues: 1e9 }))).to.have.length(100);
    expect(ownersOf()).to.deep.equal([]);
  });
});

describe('The route of a static topic', () => {
  const both = route(mapping('broker-a', [0, 2]), mapping('broker-b', [1, 3]));

  it('has logical queues to read and to write, and knows the broker of each', () => {
    const queues = both.readableQueues();
    expect(queues).to.deep.equal(both.writableQueues());
    expect(queues.map((queue) => both.brokerOf(queue))).to.deep.equal([
      'broker-a',
      'broker-b',
      'broker-a',
      'broker-b',
    ]);
    expect(queues.every(isLogical)).to.equal(true);
    const plain = { topic: 'T', brokerName: 'broker-a', queueId: 1 };
    expect([both.brokerOf(plain), isLogical(plain)]).to.deep.equal(['broker-a', false]);
  });

  it('differs when a queue has gone to another broker, and not when only the epoch has risen', () => {
    const moved = route(mapping('broker-a', [0]), mapping('broker-b', [1, 2, 3], { epoch: 2 }));
    expect(compareRoutes(both, moved)).to.deep.equal([
      { kind: 'logicalQueues', brokerName: 'broker-a' },
      { kind: 'logicalQueues', brokerName: 'broker-b' },
    ]);
    const again = route(mapping('broker-a', [0, 2], { epoch: 5 }), mapping('broker-b', [1, 3]));
    expect(compareRoutes(both, again)).to.deep.equal([]);
  });
});
