import type { Logger } from '../logger.ts';
import type { ResolvedClientOptions } from '../options/client.ts';
import type { NameServers } from '../routing/name-servers.ts';
import type { RouteTable } from '../routing/route-table.ts';
import type { Clock } from '../runtime/clock.ts';
import { PeriodicTask } from '../runtime/periodic-task.ts';
import type { Presence } from './presence.ts';

/** One thing an instance does again and again. */
export interface TaskRow {
  readonly name: string;
  /** Milliseconds between runs; also before the first. */
  readonly interval: number;
  /** Shortest rest, even when it is woken, in milliseconds. */
  readonly minInterval?: number;
  /** A number it resolves to is the rest before the next run. */
  readonly run: (signal: AbortSignal) => Promise<number | void>;
}

export interface TaskSubjects {
  readonly options: Pick<ResolvedClientOptions, 'pollNameServerInterval' | 'heartbeatBrokerInterval'>;
  readonly nameServers: Pick<NameServers, 'refresh' | 'isDynamic'>;
  readonly routes: Pick<RouteTable, 'refreshAll' | 'missesBroker'>;
  readonly presence: Pick<Presence, 'announceToAll' | 'isIncomplete'>;
}

/** How soon the routes are looked at again while a broker is missing from them, in milliseconds. */
const missingBrokerPoll = 2_000;

/** How soon a broker that did not take the heartbeat is told again, in milliseconds. */
const heartbeatRetry = 1_000;

/**
 * All background work of an instance. The name servers are looked for again only where they can change: a timer less in
 * most processes. Java: `MQClientInstance.startScheduledTask`.
 */
export function listTasks({ options, nameServers, routes, presence }: TaskSubjects): readonly TaskRow[] {
  const tasks: TaskRow[] = [
    {
      name: 'poll routes',
      interval: options.pollNameServerInterval,
      minInterval: Math.min(missingBrokerPoll, options.pollNameServerInterval),
      run: async (signal) => {
        await routes.refreshAll(signal);
        // A broker that went away often comes back soon, and its queues wait for that.
        return routes.missesBroker ? Math.min(missingBrokerPoll, options.pollNameServerInterval) : undefined;
      },
    },
    {
      name: 'send heartbeats',
      interval: options.heartbeatBrokerInterval,
      minInterval: heartbeatRetry,
      run: async (signal) => {
        await presence.announceToAll(signal);
        return presence.isIncomplete ? heartbeatRetry : undefined;
      },
    },
  ];
  if (nameServers.isDynamic) {
    tasks.push({
      name: 'find name servers',
      interval: 120_000,
      run: async (signal) => nameServers.refresh(signal),
    });
  }
  return tasks;
}

/** Starts tasks; a run that throws is logged and the task goes on. */
export function startTasks(
  rows: readonly TaskRow[],
  clock: Clock,
  logger: Logger,
): ReadonlyMap<string, PeriodicTask> {
  const start = ({ name, run, ...rest }: TaskRow): readonly [string, PeriodicTask] => {
    const onError = (error: unknown): void => logger.error({ task: name, error }, 'Background task failed');
    return [name, new PeriodicTask({ clock, ...rest, initialDelay: rest.interval, run, onError })];
  };
  return new Map(rows.map(start));
}
