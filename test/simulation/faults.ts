import type { Control, ControlAction } from '../../lib/embedded/index.ts';
import { Commands } from '../../protocol/commands/index.ts';
import type { Command } from '../../protocol/schema/command.ts';
import type { SimulatedMember } from './member.ts';
import { ACTIVE, type EventKind, type ScheduledEvent } from './schedule.ts';
import { GROUP, TOPIC, type World } from './world.ts';

/** What a fault may still do after it has ended, in ms: a rebalance comes every 20 s at the latest, routes are polled every 30 s. */
const GRACE = 21_000;
const ROUTE_GRACE = 31_000;

type Undo = () => void | Promise<void>;
type Fault = (world: World, event: ScheduledEvent) => Undo | undefined;

/** How many members a group has at most. */
const MOST_MEMBERS = 16;

let faults = 0;

/** Lets one thing of a schedule happen. */
export function unleash(world: World, event: ScheduledEvent): void {
  const fault = FAULTS[event.kind];
  const undo = fault(world, event);
  if (undo === undefined) return;
  const about = { process: 'nemesis', kind: event.kind, id: ++faults, grace: graceOf(event.kind) };
  const { history, clock } = world;
  history.record({ op: 'fault+', ...about });
  const lasts = Math.min(event.lasts, ACTIVE - event.at);
  clock.timer(lasts, () => {
    void Promise.resolve(undo()).then(() => history.record({ op: 'fault-', ...about }));
  });
}

const ROUTE_KINDS: ReadonlySet<EventKind> = new Set([
  'queues',
  'brokerRestart',
  'nameServerGone',
  'partition',
]);
const graceOf = (kind: EventKind): number => (ROUTE_KINDS.has(kind) ? ROUTE_GRACE : GRACE);

/** For a while, something is done to requests. */
const controlled =
  (
    rows: readonly Pick<Command, 'code'>[],
    action: (world: World, event: ScheduledEvent) => ControlAction,
  ): Fault =>
  (world, event) => {
    const controls = rows.map((row): Control => world.cluster.control(row, action(world, event)));
    return () => {
      for (const control of controls) control.remove();
    };
  };

/** Somebody that lives, and has others left. */
const victim = (world: World, { a }: ScheduledEvent): SimulatedMember | undefined =>
  world.living.length > 1 ? world.pick(world.living, a) : undefined;

const some = (world: World, event: ScheduledEvent): string | undefined =>
  world.pick(world.cluster.brokerNames, event.a);

const NOTICE = [Commands.notifyConsumerIdsChanged];
const LIST = [Commands.getConsumerListByGroup];

const FAULTS: Readonly<Record<EventKind, Fault>> = {
  join: (world) => {
    if (world.living.length < MOST_MEMBERS) world.join();
    return undefined;
  },
  leave: (world, event) => {
    void victim(world, event)?.leave();
    return undefined;
  },
  crash: (world, event) => {
    victim(world, event)?.crash('crash');
    return undefined;
  },
  silent: (world, event) => {
    victim(world, event)?.crash('silent');
    return undefined;
  },
  burst: (world, { b }) => {
    world.send(Math.ceil(b * 40));
    return undefined;
  },
  wake: (world, { a }) => {
    world.pick(world.living, a)?.consumer.rebalance();
    return undefined;
  },
  freeze: (world, { a }) => {
    const member = world.pick(world.living, a);
    if (member === undefined || member.gate.isShut) return undefined;
    member.gate.shut();
    return () => {
      if (member.state !== 'gone') member.gate.open();
    };
  },
  noticeLost: controlled(NOTICE, () => ({ drop: true })),
  noticeLate: controlled(NOTICE, (_world, { b }) => ({ delay: 100 + b * 3_000 })),
  noticeTwice: controlled(NOTICE, () => ({ copies: 2 })),
  listStale: (world, event) => {
    const lists = new Map<string, Buffer | undefined>();
    const server = some(world, event);
    return controlled(LIST, () => ({
      ...(server !== undefined && { server }),
      change: (answer, request) => {
        if (!lists.has(request.server)) lists.set(request.server, answer.body);
        return { ...answer, body: lists.get(request.server) };
      },
    }))(world, event);
  },
  listPartial: controlled(LIST, (world, { a, b }) => {
    const server = b < 0.5 ? world.pick(world.cluster.brokerNames, a) : undefined;
    return {
      ...(server !== undefined && { server }),
      change: (answer) => {
        if (answer.body === undefined) return answer;
        const document = JSON.parse(answer.body.toString()) as { consumerIdList: string[] };
        document.consumerIdList.splice(Math.floor(a * document.consumerIdList.length), 1);
        return { ...answer, body: Buffer.from(JSON.stringify(document)) };
      },
    };
  }),
  listEmpty: controlled(LIST, (_world, { b }) =>
    b < 0.5
      ? { answer: 1, remark: 'no consumer for this group' }
      : { change: (answer) => ({ ...answer, body: Buffer.from('{"consumerIdList":[]}') }) },
  ),
  queues: (world, { b }) => {
    const perBroker = 1 + Math.floor((b * 20) / world.cluster.brokerNames.length);
    // A queue that is not read any more keeps its messages; so only the number that is written to shrinks.
    const now = world.readQueues;
    world.cluster.updateTopic(TOPIC, { writeQueues: perBroker, readQueues: Math.max(now, perBroker) });
    if (perBroker > now) world.tellQueues(perBroker);
    return undefined;
  },
  answerLate: controlled(
    [Commands.queryConsumerOffset, Commands.getConsumerListByGroup, Commands.heartBeat, Commands.pullMessage],
    (_world, { b }) => ({ late: 50 + b * 2_000 }),
  ),
  answerTwice: controlled(
    [
      Commands.queryConsumerOffset,
      Commands.getConsumerListByGroup,
      Commands.pullMessage,
      Commands.sendMessageV2,
    ],
    () => ({ copies: 2 }),
  ),
  // Not heartbeats: one that is handled after its connection has ended makes a member that is no more, for 120 s.
  requestLate: controlled(
    [Commands.queryConsumerOffset, Commands.getConsumerListByGroup, Commands.sendMessageV2],
    (_world, { b }) => ({ delay: 50 + b * 2_000 }),
  ),
  pullLate: controlled([Commands.pullMessage], (_world, { b }) => ({ delay: 50 + b * 4_000 })),
  commitLost: (world, { b }) => {
    world.commitFault = () => (b < 0.5 ? { drop: true } : { late: 100_000 });
    return () => void (world.commitFault = undefined);
  },
  commitRefused: (world, { b }) => {
    world.commitFault = () => (b < 0.5 ? { answer: 2 } : { close: 'before' });
    return () => void (world.commitFault = undefined);
  },
  reset: (world, { a, b }) => {
    void resetOffset(world, a, b);
    return undefined;
  },
  listenerSlow: (world, { a }) => {
    const member = world.pick(world.living, a);
    if (member === undefined) return undefined;
    const before = member.listener;
    member.listener = 'slow';
    return () => void (member.listener = before);
  },
  listenerFailing: (world, { a }) => {
    const member = world.pick(world.living, a);
    if (member === undefined) return undefined;
    const before = member.listener;
    member.listener = 'failing';
    return () => void (member.listener = before);
  },
  brokerRestart: (world, event) => {
    const name = some(world, event);
    if (name === undefined || world.stopped.has(name)) return undefined;
    world.stopped.add(name);
    void world.cluster.stopBroker(name, { leaveRoute: event.b < 0.5 });
    return async () => {
      await world.cluster.startBroker(name);
      world.stopped.delete(name);
    };
  },
  nameServerGone: (world) => {
    if (world.stopped.has('name-server')) return undefined;
    world.stopped.add('name-server');
    void world.cluster.stopNameServer();
    return async () => {
      await world.cluster.startNameServer();
      world.stopped.delete('name-server');
    };
  },
  connectionReset: (world, event) => {
    const server = some(world, event);
    world.cluster.disconnect(event.b < 0.5 || server === undefined ? {} : { server });
    return () => undefined;
  },
  slowNetwork: (world, { b }) => {
    const before = world.latency;
    if (before.least > 0) return undefined;
    world.latency = { least: 10, most: 50 + b * 1_000 };
    return () => void (world.latency = before);
  },
  lockRefused: controlled([Commands.lockBatchMq], (_world, { b }) =>
    b < 0.5 ? { answer: 1, remark: 'no locks today' } : { drop: true },
  ),
  lockLate: controlled([Commands.lockBatchMq], (_world, { b }) => ({ late: 50 + b * 2_000 })),
  partition: (world, event) => {
    const name = some(world, event);
    if (name === undefined || world.stopped.has(name)) return undefined;
    const address = world.cluster.brokerAddress(name);
    world.network.partition(address);
    return () => {
      world.network.heal(address);
      // The ends and resets that were swallowed are sent again until they arrive.
      world.cluster.disconnect({ server: name });
    };
  },
};

/** An operator moves the group's offset of one queue. */
async function resetOffset(world: World, a: number, b: number): Promise<void> {
  const brokerName = world.pick(world.cluster.brokerNames, a);
  if (brokerName === undefined || world.stopped.has(brokerName)) return;
  const queueId = Math.floor(b * world.readQueues);
  const messages = world.cluster
    .messages(TOPIC)
    .filter((message) => message.brokerName === brokerName && message.queueId === queueId);
  const offset = Math.floor(world.random.next() * (messages.length + 1));
  const row = Commands.invokeBrokerToResetOffset;
  const where = { topic: TOPIC, queue: `${brokerName}:${queueId}`, offset };
  const told = world.cluster.control(row, {
    times: 1,
    change: (answer) => {
      if ((answer.code ?? 0) === 0) world.history.record({ process: 'operator', op: 'reset', ...where });
      return answer;
    },
  });
  const header = { topic: TOPIC, group: GROUP, timestamp: -1, isForce: true, queueId, offset };
  await world.admin
    .request(world.cluster.brokerAddress(brokerName), row, header, undefined)
    .catch(() => undefined);
  told.remove();
}
