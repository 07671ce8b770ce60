import { checkHistory, type Report } from '../history/checker.ts';
import type { HistoryEvent } from '../history/event.ts';
import { unleash } from './faults.ts';
import { forbidTimers } from './no-timers.ts';
import { ACTIVE, type Schedule } from './schedule.ts';
import { LOCK_EXPIRY, World } from './world.ts';

/** Quiet time after the last event, ms: longer than any bound, so that what should have come has come. */
const QUIET = 37_000;

/** What is consumed one by one takes longer. */
const ORDERLY_QUIET = 70_000;

/** Popped messages that nobody acknowledges come again once or twice in this time. */
const isQuick = ({ mode = 'immediate' }: Schedule): boolean => mode === 'immediate' || mode === 'locked';

/** Of groups that hand over by locks: an owner that gives a queue up has as long as its listeners take, and the locks of a dead one have to end. */
const LOCKED_LIMITS = { convergence: 5_000, crash: LOCK_EXPIRY + 2_000 };

/** Of groups in which somebody vanishes without a word: brokers must notice within the run. */
const QUICK_EXPIRY = { channelExpiry: 15_000, heartbeat: 4_000 };
const SILENT_BOUND = 15_000 + 4_000 + 5_000 + 1_500;

/** What one simulated run came to. */
export interface Simulation extends Report {
  readonly events: readonly HistoryEvent[];
  /** Things that happened to members: joins, leaves, crashes, freezes, gains and losses of queues. */
  readonly memberEvents: number;
  /** Virtual ms. */
  readonly took: number;
}

const MEMBER_OPERATIONS = new Set(['up', 'down', 'own+', 'own-']);

/** Runs a schedule under virtual time, and judges the history. */
export async function simulate(schedule: Schedule): Promise<Simulation> {
  const world = await runWorld(schedule);
  const { events } = world.history;
  const report = checkHistory(events, {
    silent: SILENT_BOUND,
    ...((schedule.mode ?? 'immediate') !== 'immediate' && LOCKED_LIMITS),
  });
  const memberEvents = events.filter(({ op, kind }) => MEMBER_OPERATIONS.has(op) || kind === 'freeze').length;
  return { ...report, events, memberEvents, took: world.clock.uptime() };
}

/** Runs a schedule under virtual time, to the end of its world. `prepare` may do something to it before there are members. */
export async function runWorld(schedule: Schedule, prepare?: (world: World) => void): Promise<World> {
  using timers = forbidTimers();
  using _traces = withoutStackTraces();
  const vanishes = schedule.events.some(({ kind }) => kind === 'silent');
  const world = new World(schedule, vanishes ? QUICK_EXPIRY : {});
  await world.start();
  prepare?.(world);
  for (let member = 0; member < schedule.members; member++) world.join();
  const began = world.clock.uptime();
  for (const event of schedule.events) {
    await world.clock.advance(Math.max(0, began + event.at - world.clock.uptime()));
    unleash(world, event);
  }
  await world.clock.advance(Math.max(0, began + ACTIVE + 10 - world.clock.uptime()));
  await world.stopSending();
  await world.clock.advance(isQuick(schedule) ? QUIET : ORDERLY_QUIET);
  world.history.record({ process: 'world', op: 'quiet' });
  listStore(world);
  await world.end();
  if (timers.used.length > 0) throw new Error(timers.used[0]);
  return world;
}

function listStore(world: World): void {
  for (const topic of ['Topic', '%DLQ%Group'])
    for (const message of world.cluster.messages(topic)) {
      const { brokerName, queueId, queueOffset: offset } = message;
      const queue = `${brokerName}:${queueId}`;
      world.history.record({
        process: brokerName,
        op: 'stored',
        topic,
        queue,
        offset,
        value: message.text(),
      });
    }
}

/** Errors are everyday things here, and what they cost is mostly their stack. */
function withoutStackTraces(): Disposable {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  return {
    [Symbol.dispose]() {
      Error.stackTraceLimit = before;
    },
  };
}
