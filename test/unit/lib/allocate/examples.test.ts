import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { AllocateInput } from '../../../../lib/allocate/allocate-strategy.ts';
import { averagely } from '../../../../lib/allocate/averagely.ts';
import { byCircle } from '../../../../lib/allocate/by-circle.ts';
import { byConfig } from '../../../../lib/allocate/by-config.ts';
import { byMachineRoom } from '../../../../lib/allocate/by-machine-room.ts';
import { machineRoomNearby } from '../../../../lib/allocate/machine-room-nearby.ts';
import type { MessageQueue } from '../../../../protocol/model/message-queue.ts';
import { input, queues, shares } from './fixtures.ts';

describe('allocate: averagely', () => {
  it('is called AVG', () => expect(averagely().strategyName).to.equal('AVG'));

  it('gives neighbouring queues, the remainder to the first members', () => {
    expect(shares(averagely())).to.deep.equal(['a0 a1 a2', 'a3 b0 b1', 'b2 b3']);
  });

  it('halves four queues between two members', () => {
    const four = queues('a0', 'a1', 'a2', 'a3');
    expect(shares(averagely(), { queues: four, clientIds: ['c1', 'c2'] })).to.deep.equal(['a0 a1', 'a2 a3']);
    expect(shares(averagely(), { queues: four, clientIds: ['c2'] })).to.deep.equal(['a0 a1 a2 a3']);
  });

  it('leaves members beyond the number of queues without any', () => {
    expect(shares(averagely(), { queues: queues('a0', 'a1') })).to.deep.equal(['a0', 'a1', '']);
  });

  it('gives a repeated id its first share only', () => {
    expect(shares(averagely(), { clientIds: ['c1', 'c2', 'c2', 'c3'] })).to.deep.equal([
      'a0 a1',
      'a2 a3',
      'a2 a3',
      'b2 b3',
    ]);
  });
});

describe('allocate: byCircle', () => {
  it('is called AVG_BY_CIRCLE', () => expect(byCircle().strategyName).to.equal('AVG_BY_CIRCLE'));

  it('deals queues out one by one', () => {
    expect(shares(byCircle())).to.deep.equal(['a0 a3 b2', 'a1 b0 b3', 'a2 b1']);
  });
});

describe('allocate: byConfig', () => {
  it('is called CONFIG', () => expect(byConfig([]).strategyName).to.equal('CONFIG'));

  it('gives the list it was made with to anybody, as it was then', () => {
    const list = [...queues('b3', 'a9')];
    const strategy = byConfig(list);
    list.pop();
    expect(shares(strategy)).to.deep.equal(['b3 a9', 'b3 a9', 'b3 a9']);
    expect(strategy(input({ clientId: '', queues: [], clientIds: [] }))).to.deep.equal(queues('b3', 'a9'));
  });
});

const inRoom = (brokerName: string, size: number): readonly MessageQueue[] =>
  Array.from({ length: size }, (_, queueId) => ({ topic: 'TopicTest', brokerName, queueId }));

describe('allocate: byMachineRoom', () => {
  const share = (given: Partial<AllocateInput>, ...rooms: readonly string[]): readonly string[] =>
    byMachineRoom(rooms)(input(given)).map(({ brokerName, queueId }) => `${brokerName}:${queueId}`);

  it('is called MACHINE_ROOM', () => expect(byMachineRoom([]).strategyName).to.equal('MACHINE_ROOM'));

  it('shares out the queues of its rooms: even blocks, the remainder one each at the end', () => {
    const given = { queues: [...inRoom('hz@a', 5), ...inRoom('sh@a', 7)], clientIds: ['c1', 'c2', 'c3'] };
    expect(share({ ...given, clientId: 'c1' }, 'hz')).to.deep.equal(['hz@a:0', 'hz@a:3']);
    expect(share({ ...given, clientId: 'c2' }, 'hz')).to.deep.equal(['hz@a:1', 'hz@a:4']);
    expect(share({ ...given, clientId: 'c3' }, 'hz')).to.deep.equal(['hz@a:2']);
  });

  it('gives a repeated id its first share only', () => {
    const given = { queues: inRoom('hz@a', 4), clientIds: ['c1', 'c2', 'c2'], clientId: 'c2' };
    expect(share(given, 'hz')).to.deep.equal(['hz@a:1']);
  });

  it("reads broker names with Java's split", () => {
    const named = ['hz@a', 'hz@a@', 'hz@a@@', '@a', 'hz@', 'hz', 'hz@a@b', '', '@'];
    const given = { queues: named.flatMap((name) => inRoom(name, 1)), clientIds: ['c1'], clientId: 'c1' };
    expect(share(given, 'hz', '')).to.deep.equal(['hz@a:0', 'hz@a@:0', 'hz@a@@:0', '@a:0']);
  });
});

describe('allocate: machineRoomNearby', () => {
  const rooms = {
    brokerRoom: ({ brokerName }: MessageQueue) => brokerName.split('@', 1)[0] ?? '',
    consumerRoom: (clientId: string) => clientId.split('-', 1)[0] ?? '',
  };

  it('is called after its inner strategy', () => {
    expect(machineRoomNearby(rooms).strategyName).to.equal('MACHINE_ROOM_NEARBY-AVG');
    const named = machineRoomNearby({ ...rooms, inner: byCircle() });
    expect(named.strategyName).to.equal('MACHINE_ROOM_NEARBY-AVG_BY_CIRCLE');
    expect(machineRoomNearby({ ...rooms, inner: () => [] }).strategyName).to.equal(
      'MACHINE_ROOM_NEARBY-CUSTOM',
    );
  });

  it('keeps queues in their room and shares those of rooms without members', () => {
    const given = input({
      queues: [...inRoom('bj@a', 3), ...inRoom('hz@a', 2), ...inRoom('sh@a', 1)],
      clientIds: ['hz-1', 'hz-2', 'sh-1'],
    });
    const share = (clientId: string): readonly string[] =>
      machineRoomNearby(rooms)({ ...given, clientId }).map(
        ({ brokerName, queueId }) => `${brokerName}:${queueId}`,
      );
    expect(share('hz-1')).to.deep.equal(['hz@a:0', 'bj@a:0']);
    expect(share('hz-2')).to.deep.equal(['hz@a:1', 'bj@a:1']);
    expect(share('sh-1')).to.deep.equal(['sh@a:0', 'bj@a:2']);
  });

  it('goes through the rooms by name, like the TreeMap of Java', () => {
    const strategy = machineRoomNearby({
      brokerRoom: ({ brokerName }) => (brokerName === 'broker-a' ? 'room 2' : 'room 1'),
      consumerRoom: () => 'room 3',
    });
    expect(shares(strategy, { clientIds: ['c'] })).to.deep.equal(['b0 b1 b2 b3 a0 a1 a2 a3']);
  });

  it('names the queue or the member whose room is unknown', () => {
    const noBroker = machineRoomNearby({ ...rooms, brokerRoom: () => '' });
    expect(() => noBroker(input()))
      .to.throw('no machine room for broker broker-a')
      .with.property('fault', 'unknown-room');
    const noMember = machineRoomNearby({ ...rooms, consumerRoom: (id) => (id.endsWith('2') ? '' : 'room') });
    expect(() => noMember(input()))
      .to.throw('no machine room for client id 10.0.0.2@2')
      .with.property('fault', 'unknown-room');
  });
});
