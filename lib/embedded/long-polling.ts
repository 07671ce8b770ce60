import type { ServerConnection } from '../remoting/remoting-server.ts';
import type { Clock } from '../runtime/clock.ts';
import type { StoredRecord } from './store/stored-record.ts';
import type { ConsumeQueue } from './store/consume-queue.ts';

/** A pull that found nothing and waits. Java: `PullRequest`. */
export interface HeldPull {
  readonly connection: ServerConnection;
  /** The first offset that was not looked at yet; moves on over what does not match. */
  offset: number;
  /** By the clock's uptime. */
  readonly until: number;
  matches(record: StoredRecord): boolean;
  /** Does the pull again; it must not be held a second time. */
  resume(): void;
}

/** Pulls that wait for messages. Java: `PullRequestHoldService`. */
export class HeldPulls {
  readonly #clock: Clock;
  readonly #held = new Map<ConsumeQueue, HeldPull[]>();
  readonly #arrivals = new Set<ConsumeQueue>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  hold(queue: ConsumeQueue, pull: HeldPull): void {
    const pulls = this.#held.get(queue);
    if (pulls === undefined) this.#held.set(queue, [pull]);
    else pulls.push(pull);
  }

  /**
   * A message has come. Pulls are woken when the turn ends, so that one answer takes all messages of a burst; Java
   * wakes them from a thread of its own.
   */
  arrived(queue: ConsumeQueue): void {
    if (!this.#held.has(queue)) return;
    if (this.#arrivals.size === 0) queueMicrotask(() => this.#wakeArrivals());
    this.#arrivals.add(queue);
  }

  /** Wakes what has something to read or has waited long enough. */
  check(): void {
    for (const queue of this.#held.keys()) this.#wake(queue);
  }

  /** Forgets the pulls of a connection that is gone. */
  disconnect(connection: ServerConnection): void {
    for (const [queue, pulls] of this.#held)
      this.#keep(
        queue,
        pulls.filter((pull) => pull.connection !== connection),
      );
  }

  /** Forgets all, as a broker that stops. */
  clear(): void {
    this.#held.clear();
    this.#arrivals.clear();
  }

  #wakeArrivals(): void {
    const queues = [...this.#arrivals];
    this.#arrivals.clear();
    for (const queue of queues) this.#wake(queue);
  }

  #wake(queue: ConsumeQueue): void {
    const pulls = this.#held.get(queue);
    if (pulls === undefined) return;
    const now = this.#clock.uptime();
    const isDue = (pull: HeldPull): boolean => now >= pull.until || hasMatch(queue, pull);
    const due = pulls.filter(isDue);
    if (due.length === 0) return;
    this.#keep(
      queue,
      pulls.filter((pull) => !due.includes(pull)),
    );
    for (const pull of due) pull.resume();
  }

  #keep(queue: ConsumeQueue, pulls: HeldPull[]): void {
    if (pulls.length === 0) this.#held.delete(queue);
    else this.#held.set(queue, pulls);
  }
}

function hasMatch(queue: ConsumeQueue, pull: HeldPull): boolean {
  for (; pull.offset < queue.maxOffset; pull.offset++) {
    const record = queue.at(pull.offset);
    if (record !== undefined && pull.matches(record)) return true;
  }
  return false;
}
