import type { Clock, Timer } from '../runtime/clock.ts';

/** Something that holds requests with deadlines. */
export interface Expiring {
  /** Ends what is due at `now`, an uptime; answers the earliest deadline that is left, or `Infinity`. */
  expire(now: number): number;
}

/** Least milliseconds between two scans: a timeout may be noticed so much late. */
const scanInterval = 20;

/**
 * One timer for the deadlines of all requests of a client. It is set to the earliest deadline there is, and scans; a
 * request that is answered in time costs it nothing, and without requests there is no timer.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #tables = new Set<Expiring>();
  #timer: Timer | undefined;
  #dueAt = Infinity;
  #lastScan = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.uptime();
  }

  add(table: Expiring): void {
    this.#tables.add(table);
  }

  remove(table: Expiring): void {
    this.#tables.delete(table);
    if (this.#tables.size === 0) this.#disarm();
  }

  /** Sees to it that `expire` is called at this uptime, or up to 20 ms later. */
  watch(deadline: number): void {
    if (deadline < this.#dueAt) this.#arm(deadline);
  }

  #arm(deadline: number): void {
    this.#timer?.cancel();
    const now = this.#clock.uptime();
    this.#dueAt = Math.max(deadline, this.#lastScan + scanInterval);
    this.#timer = this.#clock.timer(Math.max(0, Math.ceil(this.#dueAt - now)), () => this.#scan());
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dueAt = Infinity;
  }

  #scan(): void {
    this.#timer = undefined;
    this.#dueAt = Infinity;
    this.#lastScan = this.#clock.uptime();
    let next = Infinity;
    // Timers of Node may fire a little early by this clock.
    for (const table of this.#tables) next = Math.min(next, table.expire(this.#lastScan + 1));
    if (next < this.#dueAt) this.#arm(next);
  }
}
