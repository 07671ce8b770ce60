import type { Clock } from '../../runtime/clock.ts';
import type { OwnedQueue } from '../owned-queue.ts';

/** Synchronous listeners may hold the event loop this long in one go, in ms. */
const SLICE = 8;

/** Gives queues that have something to consume their turns, one after the other. */
export class ReadyQueues {
  readonly #clock: Clock;
  readonly #turn: (owned: OwnedQueue) => void;
  readonly #isFull: () => boolean;
  readonly #ready = new Set<OwnedQueue>();
  #scheduled = false;

  /** @param turn consumes something of a queue; it adds the queue again if there is more */
  constructor(clock: Clock, turn: (owned: OwnedQueue) => void, isFull: () => boolean) {
    this.#clock = clock;
    this.#turn = turn;
    this.#isFull = isFull;
  }

  add(owned: OwnedQueue): void {
    this.#ready.add(owned);
    this.schedule();
  }

  /** In a microtask: the next pull has been written to its connection by then, and one run serves all answers of this turn. */
  schedule(): void {
    if (this.#scheduled || this.#ready.size === 0 || this.#isFull()) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#run());
  }

  #run(): void {
    const end = this.#clock.uptime() + SLICE;
    // Those that are added meanwhile have their turn in this run, and schedule none.
    this.#scheduled = true;
    for (const owned of this.#ready) {
      if (this.#isFull()) break;
      this.#ready.delete(owned);
      this.#turn(owned);
      if (this.#clock.uptime() < end || this.#ready.size === 0) continue;
      // Let sockets have a turn before going on.
      this.#clock.timer(0, () => this.#run());
      return;
    }
    this.#scheduled = false;
  }
}
