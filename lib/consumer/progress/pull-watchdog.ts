import type { PushContext } from '../consumer-context.ts';
import type { PullGate } from '../flow/pull-gate.ts';
import type { OwnedQueue } from '../owned-queue.ts';

/** Running listeners of a queue that begins anew have this long before their messages count as repeats, in ms. */
const DRAIN = 400;

/** Whether a queue should have been pulled from by now and was not. Pure. Java: `ProcessQueue.isPullExpired`. */
export function isPullExpired(
  queue: Pick<OwnedQueue, 'state' | 'pullBegan'>,
  now: number,
  limits: { readonly pullMaxIdleTime: number; readonly mayPull: boolean },
): boolean {
  return queue.state === 'active' && limits.mayPull && now - queue.pullBegan > limits.pullMaxIdleTime;
}

/**
 * Notices queues that nothing is pulled from though nothing speaks against it, and has their ownership begin anew. That should never happen:
 * it is for faults that nobody has thought of. Java: the `[BUG]doRebalance` branch of `RebalanceImpl.updateProcessQueueTableInRebalance`.
 */
export class PullWatchdog {
  readonly #consumer: PushContext;
  readonly #gate: PullGate;
  readonly #recreate: (owned: OwnedQueue, drain: number) => void;

  /** @param recreate gives the queue up, with so many ms for its listeners, and takes it again */
  constructor(consumer: PushContext, gate: PullGate, recreate: (owned: OwnedQueue, drain: number) => void) {
    this.#consumer = consumer;
    this.#gate = gate;
    this.#recreate = recreate;
  }

  /** One look at these queues. */
  look(queues: readonly OwnedQueue[]): void {
    const { clock, options, emit } = this.#consumer;
    const { pullMaxIdleTime } = options;
    const now = clock.uptime();
    for (const owned of queues) {
      if (!isPullExpired(owned, now, { pullMaxIdleTime, mayPull: this.#gate(owned) === 'pull' })) continue;
      const idle = Math.round(now - owned.pullBegan);
      const why =
        owned.hold === undefined ? 'its last pull was never answered' : `it was last held as ${owned.hold}`;
      const message = `Nothing was pulled from ${owned.key} for ${idle} ms (pullMaxIdleTime is ${pullMaxIdleTime}), ${why}; it begins anew at offset ${owned.process.commitOffset}`;
      emit('warning', { kind: 'queueRecreated', queue: owned.queue, idle, message });
      this.#recreate(owned, DRAIN);
    }
  }
}
