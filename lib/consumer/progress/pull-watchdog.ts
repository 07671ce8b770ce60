import type { MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { PushContext } from '../consumer-context.ts';
import type { PullGate } from '../flow/pull-gate.ts';
import type { OwnedQueue } from '../owned-queue.ts';

/** Running listeners of a queue that begins anew have this long before their messages count as repeats, in ms. */
const DRAIN = 400;

/** A queue that is pulled or popped from. */
export interface WatchedQueue {
  readonly queue: MessageQueue;
  readonly key: string;
  /** Nothing but `active` is watched. */
  readonly state: string;
  /** When the last pull or pop began, by the clock's uptime. */
  readonly pullBegan: number;
}

/** What differs between queues that are pulled and queues that are popped. */
export interface Watched<Q extends WatchedQueue> {
  readonly done: 'pulled' | 'popped';
  /** Whether nothing speaks against the next one. */
  mayPull(queue: Q): boolean;
  /** What is known of the last one, and what follows. */
  explain(queue: Q): string;
  /** Gives the queue up, and takes it again. */
  recreate(queue: Q): void;
}

/** Whether a queue should have been pulled from by now and was not. Pure. Java: `isPullExpired` of `ProcessQueue` and `PopProcessQueue`. */
export function isPullExpired(
  queue: Pick<WatchedQueue, 'state' | 'pullBegan'>,
  now: number,
  limits: { readonly pullMaxIdleTime: number; readonly mayPull: boolean },
): boolean {
  return queue.state === 'active' && limits.mayPull && now - queue.pullBegan > limits.pullMaxIdleTime;
}

/** Queues that are pulled; `recreate` is told how many ms the listeners have. */
export function watchedPulls(
  gate: PullGate,
  recreate: (owned: OwnedQueue, drain: number) => void,
): Watched<OwnedQueue> {
  return {
    done: 'pulled',
    mayPull: (owned) => gate(owned) === 'pull',
    explain: ({ hold, process }) => {
      const why = hold === undefined ? 'its last pull was never answered' : `it was last held as ${hold}`;
      return `${why}; it begins anew at offset ${process.commitOffset}`;
    },
    recreate: (owned) => recreate(owned, DRAIN),
  };
}

/**
 * Notices queues that nothing is pulled or popped from though nothing speaks against it, and has them begin anew. That should never happen: it is for faults
 * that nobody has thought of. Java: the `[BUG]doRebalance` branches of `RebalanceImpl.updateProcessQueueTableInRebalance` and `updateMessageQueueAssignment`.
 */
export class PullWatchdog<Q extends WatchedQueue> {
  readonly #consumer: Pick<PushContext, 'clock' | 'options' | 'emit'>;
  readonly #watched: Watched<Q>;

  constructor(consumer: Pick<PushContext, 'clock' | 'options' | 'emit'>, watched: Watched<Q>) {
    this.#consumer = consumer;
    this.#watched = watched;
  }

  /** One look at these queues. */
  look(queues: readonly Q[]): void {
    const { clock, options, emit } = this.#consumer;
    const { pullMaxIdleTime } = options;
    const watched = this.#watched;
    const now = clock.uptime();
    for (const each of queues) {
      if (!isPullExpired(each, now, { pullMaxIdleTime, mayPull: watched.mayPull(each) })) continue;
      const { queue, key } = each;
      const idle = Math.round(now - each.pullBegan);
      const message = `Nothing was ${watched.done} from ${key} for ${idle} ms (pullMaxIdleTime is ${pullMaxIdleTime}), ${watched.explain(each)}`;
      emit('warning', { kind: 'queueRecreated', queue, idle, message });
      watched.recreate(each);
    }
  }
}
