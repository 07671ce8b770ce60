import { queueKey, type MessageQueue } from '../../../protocol/model/message-queue.ts';
import type { ConsumerContext } from '../consumer-context.ts';
import type { OwnedQueue } from '../owned-queue.ts';
import type { Ownerships } from './ownerships.ts';

/** What is given up together: by one plan, of one topic. */
export interface Departure {
  readonly queues: readonly OwnedQueue[];
  /** Running listeners have so long, in ms. */
  readonly patience: number;
  /** Another member is the owner by the group's last word. */
  readonly isTaken: boolean;
  /** Called when all have gone, with the number of messages that come again elsewhere; before any of these queues is planned with again. */
  readonly onGone?: (expectedRepeats: number) => void;
}

/**
 * Queues that are being given up while rounds go on: a slow listener delays nothing but its own queue. Until the last queue of a departure has gone, none of them
 * is taken again: it still has an owner.
 */
export class Departures {
  readonly #logger: ConsumerContext['logger'];
  readonly #ownerships: Ownerships;
  readonly #onGone: (isAwaited: boolean) => void;
  readonly #leaving = new Map<string, MessageQueue>();
  readonly #underWay = new Set<Promise<void>>();
  #isAwaited = false;

  /** @param onGone called after each departure, with whether somebody asked for a queue that was leaving */
  constructor(
    { logger }: Pick<ConsumerContext, 'logger'>,
    ownerships: Ownerships,
    onGone: (isAwaited: boolean) => void,
  ) {
    this.#logger = logger;
    this.#ownerships = ownerships;
    this.#onGone = onGone;
  }

  has(queue: MessageQueue): boolean {
    return this.#leaving.has(queueKey(queue));
  }

  /** Those of the queues that can be taken at once; the others are awaited. */
  free(queues: readonly MessageQueue[]): readonly MessageQueue[] {
    const free = queues.filter((queue) => !this.has(queue));
    if (free.length < queues.length) this.#isAwaited = true;
    return free;
  }

  /** Whether the last queue of a topic has gone; if not, it is awaited. */
  hasGone(topic: string): boolean {
    const leaving = [...this.#leaving.values()].filter((queue) => queue.topic === topic);
    return this.free(leaving).length === leaving.length;
  }

  begin(departure: Departure): void {
    const leaving = this.#leave(departure).catch((error: unknown) =>
      this.#logger.error({ error }, 'Giving queues up failed'),
    );
    this.#underWay.add(leaving);
    void leaving.finally(() => this.#underWay.delete(leaving));
  }

  /** Resolves when nothing is leaving any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #leave({ queues, patience, isTaken, onGone }: Departure): Promise<void> {
    for (const { key, queue } of queues) this.#leaving.set(key, queue);
    try {
      const expectedRepeats = await this.#ownerships.revoke(queues, patience, isTaken);
      onGone?.(expectedRepeats);
    } finally {
      for (const { key } of queues) this.#leaving.delete(key);
      const isAwaited = this.#isAwaited;
      this.#isAwaited = false;
      this.#onGone(isAwaited);
    }
  }
}
